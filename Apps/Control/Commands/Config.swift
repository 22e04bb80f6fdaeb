import ArgumentParser
import NodeClient

struct Config: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print a node's configuration in force, defaults filled in, secrets masked.",
        discussion: """
            EXAMPLES
              statorctl config
              statorctl config --node http://127.0.0.1:5002 --json
            """)

    @OptionGroup var options: ClusterOptions

    func run() async throws {
        let answer = try await options.cluster().get("/config")
        Terminal.print(options.json ? answer.json.serialized : answer.text.trimmingNewline)
    }
}

extension String {
    fileprivate var trimmingNewline: String { hasSuffix("\n") ? String(dropLast()) : self }
}
