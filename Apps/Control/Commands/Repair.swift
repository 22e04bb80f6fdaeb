import ArgumentParser
import NodeClient

struct Repair: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what anti-entropy and read repair did, and how far the present round is.",
        discussion: """
            `statorctl sync` begins a round now.

            EXAMPLES
              statorctl repair
              statorctl repair --sessions
            """)

    @Flag(name: .long, help: "List the latest sessions of each node.") var sessions = false
    @OptionGroup var options: ClusterOptions

    func run() async throws {
        let members = try await options.cluster().members()
        let states = try await Cluster.pages("/dashboard/state", of: members).answered()
        let syncs = sessions ? try await Cluster.pages("/sync", of: members).answered() : []
        if options.json { return Terminal.print(json(states, syncs)) }
        var table = Table(
            "NODE", "ROUND", "SESSIONS", "FAILED", "KEYS LISTED", "RECORDS SENT", "RECEIVED", "BYTES SENT",
            "READ REPAIRS", "RECOVERING")
        for (name, page) in states {
            let (sync, round) = (page["sync"], page["round"])
            let all = round["sessions"].integer ?? 0
            let left = (round["waiting"].integer ?? 0) + (round["under_way"].integer ?? 0)
            table.add(
                name, "\(max(0, all - left))/\(all)", sync["sessions"].shown, sync["sessions_failed"].shown,
                sync["keys_listed"].shown, sync["records_sent"].shown, sync["records_received"].shown,
                sync["bytes_sent"].shown, page["repairs"]["read_repairs"].shown,
                percentage(page["recovering_fraction"].double))
        }
        table.show()
        for (name, page) in syncs { show(name, page) }
    }

    private func json(
        _ states: [(name: String, page: JSONValue)], _ syncs: [(name: String, page: JSONValue)]
    ) -> String {
        JSONValue.object(
            states.map { name, page in
                var members = ["sync", "round", "repairs", "recovering_fraction"].map {
                    JSONValue.Member(name: $0, value: page[$0])
                }
                if let sync = syncs.first(where: { $0.name == name }) {
                    members.append(JSONValue.Member(name: "shards", value: sync.page["shards"]))
                }
                return JSONValue.Member(name: name, value: .object(members))
            }
        ).serialized
    }

    private func show(_ name: String, _ page: JSONValue) {
        Terminal.print("")
        Terminal.print("latest sessions of \(name)")
        var table = Table("WITH", "FIRST", "LAST", "COMPARED", "DIFFERED", "SENT", "RECEIVED", "BYTES", "MS", "FAILURE")
        for session in page["shards"].elements.flatMap({ $0["sessions"].elements }) {
            table.add(
                session["peer"].shown, session["range"]["first"].shown, session["range"]["last"].shown,
                session["comparisons"].shown, session["keys_differing"].shown, session["records_sent"].shown,
                session["records_received"].shown, session["bytes_sent"].shown,
                session["duration_milliseconds"].double.map { fixed($0, 1) } ?? "-", session["failure"].shown)
        }
        table.show()
    }
}
