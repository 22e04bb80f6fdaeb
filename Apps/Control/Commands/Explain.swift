import ArgumentParser
import NodeClient

struct Explain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show where a key lives and what each replica holds of it.",
        discussion: """
            EXAMPLES
              statorctl explain greeting
              statorctl explain greeting --json
            """)

    @Argument(help: "The key.") var key: String
    @OptionGroup var options: ClusterOptions

    func run() async throws {
        let answer = try await options.cluster().get(keyPath(key) + "/explain")
        let page = answer.json
        if options.json { return Terminal.print(page.serialized) }
        let preference = page["preference_list"].elements.map(\.shown)
        Terminal.print("token        \(page["token"].shown)")
        Terminal.print("partition    \(page["partition"]["first"].shown)...\(page["partition"]["last"].shown)")
        Terminal.print("epoch        \(page["epoch"].shown)")
        Terminal.print("coordinator  \(page["coordinator"].shown)")
        Terminal.print("preference   \(preference.joined(separator: " ")) (n = \(page["n"].shown))")
        Terminal.print("")
        var table = Table("NODE", "ROLE", "HOLDS", "SIBLINGS", "DIGEST", "HINTS FOR", "LAST REPAIR", "CAUSALITY")
        for replica in page["replicas"].elements {
            guard replica["answered"].isTrue else {
                table.add([
                    Table.Cell(replica["node"].shown), Table.Cell(replica["role"].shown),
                    Table.Cell("no answer", .red),
                ])
                continue
            }
            let hints = replica["hints_for"].elements.map(\.shown).joined(separator: ",")
            table.add(
                replica["node"].shown, replica["role"].shown, Self.state(replica), replica["siblings"].shown,
                replica["digest"].shown, hints.isEmpty ? "-" : hints, replica["last_repair"].shown,
                replica["causality"].shown)
        }
        table.show()
    }

    private static func state(_ replica: JSONValue) -> String {
        if replica["recovering"].isTrue { return "recovering" }
        guard replica["holds"].isTrue else { return "nothing" }
        return replica["tombstone"].isTrue ? "tombstone" : "value"
    }
}
