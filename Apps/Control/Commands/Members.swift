import ArgumentParser
import NodeClient

struct Members: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the members as one node sees them.",
        discussion: """
            EXAMPLES
              statorctl members
              statorctl members --node http://127.0.0.1:5001 --json
            """)

    @OptionGroup var options: ClusterOptions

    func run() async throws {
        let page = try await options.cluster().get("/gossip").json
        if options.json { return Terminal.print(page.serialized) }
        var table = Table("NODE", "STATUS", "LIVENESS", "ZONE", "HEARTBEAT", "PHI", "HEARD MS AGO", "HTTP")
        for member in page["members"].elements {
            let liveness = member["liveness"].shown
            let colour: Terminal.Colour = liveness == "alive" ? .green : liveness == "dead" ? .red : .yellow
            table.add([
                Table.Cell(member["node"].shown), Table.Cell(member["status"].shown), Table.Cell(liveness, colour),
                Table.Cell(member["zone"].shown), Table.Cell(member["heartbeat"].shown),
                Table.Cell(member["phi"].double.map { fixed($0, 2) } ?? "-"),
                Table.Cell(member["last_heard_milliseconds"].shown), Table.Cell(member["http"].shown),
            ])
        }
        table.show()
    }
}
