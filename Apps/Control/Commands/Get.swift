import ArgumentParser
import NIOCore
import NIOHTTP1
import NodeClient
import StatorCore

struct Get: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print a key's value.",
        discussion: """
            A raw value is printed as its bytes, a JSON value as its JSON text. Concurrent versions are printed
            numbered, their context goes to standard error, and the exit status is 1: write with that context to
            resolve them.

            EXAMPLES
              statorctl get greeting
              statorctl get photo > photo.png
              statorctl get cart -r all --json
            """)

    @Argument(help: "The key.") var key: String
    @OptionGroup var quorums: QuorumOptions
    @OptionGroup var options: ClusterOptions

    func run() async throws {
        let answer = try await options.cluster().send(
            HTTPCall(target: keyPath(key) + quorums.query, timeout: quorums.patience))
        switch answer.status {
        case 200: show(answer)
        case 300:
            showSiblings(answer)
            throw Outcome.failed
        default:
            if options.json { Terminal.print(answer.json.serialized) }
            throw Outcome.refused(answer)
        }
    }

    private func show(_ answer: HTTPAnswer) {
        if answer.isJSON {
            Terminal.print(options.json ? answer.json.serialized : answer.json["value"].serialized)
        } else if options.json {
            let value = JSONValue.object([
                JSONValue.Member(name: "key", value: .string(key)),
                JSONValue.Member(name: "value_base64", value: .string(Base64.encode(answer.body))),
                JSONValue.Member(name: "content_type", value: .string(answer.header("content-type") ?? "")),
                JSONValue.Member(name: "context", value: .string(answer.header("x-stator-context") ?? "")),
            ])
            Terminal.print(value.serialized)
        } else {
            Terminal.write(answer.body.readableBytesView)
            if Terminal.isOutputTerminal { Terminal.print("") }
        }
    }

    private func showSiblings(_ answer: HTTPAnswer) {
        let whole = answer.json
        if options.json {
            Terminal.print(whole.serialized)
        } else {
            for (index, sibling) in whole["siblings"].elements.enumerated() {
                Terminal.print("\(index + 1)  \(Self.text(sibling))")
            }
        }
        Terminal.complain("the key has \(whole["siblings"].elements.count) concurrent versions")
        Terminal.note("context: \(whole["context"].text ?? "")")
    }

    private static func text(_ sibling: JSONValue) -> String {
        if sibling["deleted"].isTrue { return "(deleted)" }
        if let bytes = sibling["value_base64"].text { return "base64 \(bytes)" }
        return sibling["value"].serialized
    }
}
