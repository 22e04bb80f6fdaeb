import ArgumentParser
import NodeClient

struct Hints: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show which nodes keep writes for which others.",
        discussion: """
            EXAMPLES
              statorctl hints
              statorctl hints --json
            """)

    @OptionGroup var options: ClusterOptions

    func run() async throws {
        let pages = try await options.cluster().pages("/stats").answered()
        if options.json {
            return Terminal.print(
                JSONValue.object(pages.map { JSONValue.Member(name: $0.name, value: $0.page["hints"]) }).serialized)
        }
        var table = Table("KEPT BY", "FOR", "WRITES", "BYTES", "OLDEST")
        var waiting = 0
        for (name, page) in pages {
            for backlog in page["hints"]["waiting"].elements {
                waiting += 1
                table.add(
                    name, backlog["target"].shown, backlog["count"].shown, backlog["bytes"].shown,
                    "\(backlog["age_seconds"].shown) s")
            }
        }
        if waiting == 0 { Terminal.print("no hint waits") } else { table.show() }
        Terminal.print("")
        var totals = Table(
            "NODE", "CREATED", "CARRIED OVER", "PENDING", "DELIVERED", "COVERED", "SUPERSEDED", "CANCELLED", "REFUSED")
        for (name, page) in pages {
            let hints = page["hints"]
            totals.add(
                [name]
                    + [
                        "created", "carried_over", "pending", "delivered", "covered", "superseded", "cancelled",
                        "refused",
                    ].map { hints[$0].shown })
        }
        totals.show()
    }
}
