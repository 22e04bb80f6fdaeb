import ArgumentParser
import NIOHTTP1
import NodeClient

struct Delete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Delete a key.",
        discussion: """
            EXAMPLES
              statorctl delete greeting
              statorctl delete cart --context AAAAAAAAAAI= -w all
            """)

    @Argument(help: "The key.") var key: String
    @Option(name: .long, help: "The context that a read gave, or none.") var context: String?
    @OptionGroup var quorums: QuorumOptions
    @OptionGroup var options: ClusterOptions

    func run() async throws {
        var call = HTTPCall(method: .DELETE, target: keyPath(key) + quorums.query, timeout: quorums.patience)
        if let context { call.headers.append(("X-Stator-Context", context)) }
        try await showWrite(call, options)
    }
}
