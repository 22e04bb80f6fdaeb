internal import Analysis
internal import NIOCore
internal import NodeClient

/// Runs on nodes that run already: only what clients do is varied. Every run has keys of its own.
struct RemoteExecutor: RunExecutor {
    let nodes: [String]

    var concurrency: Int { 1 }

    func run(_ run: MatrixPlan.Run, in cell: MatrixPlan.Cell) async -> RunRecord {
        let urls = nodes.compactMap { NodeURL($0) }
        var answers = 0
        for url in urls {
            let ready = try? await HTTPClient.send(HTTPCall(target: "/ready", timeout: .seconds(5)), to: url)
            if ready?.status == 200 { answers += 1 }
        }
        let real = RealRun(run: run, file: cell.file, urls: urls, figures: { [] }, isWhole: { true })
        var record = await real.carryOut {}
        if answers < urls.count {
            record.flags.append(RunFlag.nodeDied)
            record.failures.append("\(urls.count - answers) of \(urls.count) nodes did not serve when the run began")
        }
        if Task.isCancelled { record.flags.append(RunFlag.interrupted) }
        return record
    }
}
