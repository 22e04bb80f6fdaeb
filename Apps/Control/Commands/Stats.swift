import ArgumentParser
import NodeClient

struct Stats: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show one node's counters and latencies.",
        discussion: """
            EXAMPLES
              statorctl stats
              statorctl stats --node http://127.0.0.1:5002 --json
            """)

    @OptionGroup var options: ClusterOptions

    func run() async throws {
        let page = try await options.cluster().get("/stats").json
        if options.json { return Terminal.print(page.serialized) }
        Terminal.print(
            "node \(page["node"].shown), version \(page["version"].shown), up \(page["uptime_seconds"].shown) s")
        Terminal.print("")
        var latencies = Table("OPERATION", "COUNT", "P50 US", "P95 US", "P99 US", "P99.9 US", "MAX US")
        for operation in page["latency_microseconds"].members {
            let value = operation.value
            latencies.add(
                operation.name, value["count"].shown, value["p50"].shown, value["p95"].shown, value["p99"].shown,
                value["p99.9"].shown, value["max"].shown)
        }
        latencies.show()
        for section in ["operations", "keys", "storage", "hints", "repairs", "sync", "errors", "transport"] {
            Terminal.print("")
            var table = Table(section.uppercased(), "")
            for member in page[section].members { Self.add(member, "", &table) }
            table.show()
        }
    }

    private static func add(_ member: JSONValue.Member, _ prefix: String, _ table: inout Table) {
        switch member.value {
        case .object(let members): for inner in members { add(inner, member.name + " ", &table) }
        case .array: break
        default: table.add(prefix + member.name, member.value.shown)
        }
    }
}
