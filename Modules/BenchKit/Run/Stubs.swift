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
struct StubOut { var status: Int32; var output: String; var errors: String }
enum CommandOutput { static func run(_ a: [String], within: Duration) throws -> StubOut { throw BenchError.failure("x") } }
