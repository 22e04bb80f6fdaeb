internal import NIOCore
internal import NodeClient
internal import Processes

/// What all nodes of a cluster have counted, read from their pages.
struct NodeTotals: Sendable {
    /// By node, in the order in which they were asked; 0 of one that did not answer.
    var bytesSent: [Int] = []
    var framesSent: [Int] = []
    var hintsPending = 0
    var diskBytes = 0
    /// What each node carried out for clients and as a replica.
    var loads: [Int] = []
    /// `nil` of a node whose process is gone or not ours.
    var figures: [ProcessFigures?] = []

    /// Reads `/stats` of every node, and what the system says of the processes where they are known.
    static func of(_ nodes: [(url: NodeURL, figures: ProcessFigures?)]) async -> NodeTotals {
        var totals = NodeTotals()
        for node in nodes {
            totals.figures.append(node.figures)
            let answer = try? await HTTPClient.send(HTTPCall(target: "/stats", timeout: .seconds(5)), to: node.url)
            guard let stats = answer?.json else {
                totals.loads.append(0)
                totals.bytesSent.append(0)
                totals.framesSent.append(0)
                continue
            }
            totals.bytesSent.append(stats["transport"]["bytes_sent"].integer ?? 0)
            totals.framesSent.append(stats["transport"]["frames_sent"].integer ?? 0)
            totals.hintsPending += stats["hints"]["pending"].integer ?? 0
            totals.diskBytes += stats["storage"]["disk_bytes"].integer ?? 0
            let operations = stats["operations"]
            let kinds = ["gets", "puts", "deletes", "replica_reads", "replica_writes"]
            totals.loads.append(kinds.reduce(0) { $0 + (operations[$1].integer ?? 0) })
        }
        return totals
    }
}
