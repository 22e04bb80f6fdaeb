import ArgumentParser
import NodeClient

struct Ring: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show who owns what part of the ring, and how evenly.",
        discussion: """
            EXAMPLES
              statorctl ring
              statorctl ring --partitions --json
            """)

    @Flag(name: .long, help: "List the partitions.") var partitions = false
    @OptionGroup var options: ClusterOptions

    func run() async throws {
        let page = try await options.cluster().get("/ring" + (partitions ? "?partitions=true" : "")).json
        if options.json { return Terminal.print(page.serialized) }
        Terminal.print(
            "epoch \(page["epoch"].shown), \(page["partitions"].shown) partitions, n = \(page["n"].shown)")
        if page["changing"].isTrue {
            Terminal.print("changing: \(page["pending"].elements.map(\.shown).joined(separator: " "))")
        }
        if let status = page["change_status"].text { Terminal.print(status) }
        let balance = page["balance"]["primary"]
        if let most = balance["max_over_mean"].double, let least = balance["min_over_mean"].double {
            Terminal.print("primary load: busiest \(fixed(most, 2)), least \(fixed(least, 2)) times the mean")
        }
        Terminal.print("")
        var table = Table("NODE", "STATUS", "ZONE", "WEIGHT", "PRIMARY", "REPLICA", "HTTP", "PEER")
        for node in page["nodes"].elements {
            table.add(
                node["node"].shown, node["status"].shown, node["zone"].shown, node["weight"].shown,
                percentage(node["primary_share"].double), percentage(node["replica_share"].double), node["http"].shown,
                node["peer"].shown)
        }
        table.show()
        if partitions { showPartitions(page) }
    }

    private func showPartitions(_ page: JSONValue) {
        Terminal.print("")
        var table = Table("FIRST", "LAST", "REPLICAS", "FALLBACKS")
        for range in page["ranges"].elements {
            table.add([
                Table.Cell(range["first"].shown), Table.Cell(range["last"].shown),
                Table.Cell(range["replicas"].elements.map(\.shown).joined(separator: " ")),
                Table.Cell(range["fallbacks"].elements.map(\.shown).joined(separator: " ")),
            ])
        }
        table.show()
        if page["ranges_truncated"].isTrue { Terminal.note("not all partitions are listed") }
    }
}
