import ArgumentParser
import NodeClient

struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check the health of the whole cluster.",
        discussion: """
            Asks one node for the members and then each of them. Healthy means: every member answers and is ready, all
            hold the same epoch, a majority of the replicas answers in every partition, and no disk is being recovered.
            Hints that wait and a change under way are told, but are not unhealthy. Exit status 1 when unhealthy.

            EXAMPLES
              statorctl status
              statorctl status --node http://127.0.0.1:5000,http://127.0.0.1:5001 --json
            """)

    @OptionGroup var options: ClusterOptions

    func run() async throws {
        let report = try await ClusterReport.make(options.cluster())
        if options.json {
            Terminal.print(report.json.serialized)
        } else {
            show(report)
        }
        if !report.isHealthy { throw Outcome.failed }
    }

    private func show(_ report: ClusterReport) {
        var table = Table("NODE", "STATE", "EPOCH", "ALIVE", "KEYS", "HINTS", "RECOVERING", "URL")
        for node in report.nodes {
            table.add([
                Table.Cell(node.name), Table.Cell(node.state, node.isFine ? .green : .red),
                Table.Cell(node.epoch.map(String.init) ?? "-"), Table.Cell(node.seen),
                Table.Cell(node.keys.map(String.init) ?? "-"), Table.Cell(node.hints.map(String.init) ?? "-"),
                Table.Cell(node.recovering.map { percentage($0) } ?? "-"), Table.Cell(node.url.description),
            ])
        }
        table.show()
        Terminal.print("")
        for problem in report.problems { Terminal.print(Terminal.coloured("problem: \(problem)", .red)) }
        for remark in report.remarks { Terminal.print("note: \(remark)") }
        Terminal.print(report.isHealthy ? Terminal.coloured("healthy", .green) : Terminal.coloured("unhealthy", .red))
    }
}
