import ArgumentParser
import NIOHTTP1
import NodeClient

struct Sync: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare all ranges with the other replicas now.",
        discussion: """
            EXAMPLES
              statorctl sync
              statorctl sync --node http://127.0.0.1:5001
            """)

    @OptionGroup var options: ClusterOptions

    func run() async throws {
        let answer = try await options.cluster().send(HTTPCall(method: .POST, target: "/admin/sync"))
        if options.json { Terminal.print(answer.json.serialized) }
        guard answer.status == 202 else { throw Outcome.refused(answer) }
        if !options.json { Terminal.note(answer.json["message"].shown) }
    }
}
