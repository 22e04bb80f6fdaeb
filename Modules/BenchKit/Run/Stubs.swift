internal import Analysis
internal import ArgumentParser
struct LocalExecutor: RunExecutor {
    init(program: String?, folder: String) throws(BenchError) {}
    var concurrency: Int { 1 }
    func run(_ run: MatrixPlan.Run, in cell: MatrixPlan.Cell) async -> RunRecord { RunRecord(run) }
}
struct RemoteExecutor: RunExecutor {
    let nodes: [String]
    var concurrency: Int { 1 }
    func run(_ run: MatrixPlan.Run, in cell: MatrixPlan.Cell) async -> RunRecord { RunRecord(run) }
}
struct LoadCommand: ParsableCommand {
    func load() async throws -> Int32 { 0 }
}
