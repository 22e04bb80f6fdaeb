import ArgumentParser
import NIOCore
import NIOHTTP1
import NodeClient

struct Put: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Store a value.",
        discussion: """
            Without a context the write supersedes what the coordinating replica holds. With the context that a read
            gave, it supersedes what was read; with --context none it supersedes nothing and leaves a sibling.

            EXAMPLES
              statorctl put greeting hello
              statorctl put user:1 '{"name":"Ada"}' --json-value
              statorctl put photo --file photo.png --content-type image/png
              date | statorctl put now --file - -w all
            """)

    @Argument(help: "The key.") var key: String
    @Argument(help: "The value; or give --file.") var value: String?
    @Flag(name: .long, help: "The value is JSON text, and is stored as a JSON value.") var jsonValue = false
    @Option(name: .long, help: "Read the value from this file, from standard input where it is -.") var file: String?
    @Option(name: .long, help: "The media type of a raw value.") var contentType = "application/octet-stream"
    @Option(name: .long, help: "The context that a read gave, or none.") var context: String?
    @OptionGroup var quorums: QuorumOptions
    @OptionGroup var options: ClusterOptions

    func validate() throws {
        if (value == nil) == (file == nil) { throw ValidationError("give either a value or --file") }
    }

    func run() async throws {
        var bytes = ByteBuffer()
        if let value { bytes.writeString(value) }
        if let file {
            guard let content = readAll(file) else {
                Terminal.complain("cannot read \(file)")
                throw Outcome.failed
            }
            bytes.writeBytes(content)
        }
        var call = HTTPCall(method: .PUT, target: keyPath(key) + quorums.query, timeout: quorums.patience)
        if jsonValue {
            call.headers.append(("Content-Type", "application/json"))
            var body = ByteBuffer(string: "{\"value\":")
            body.writeBuffer(&bytes)
            body.writeString("}")
            call.body = body
        } else {
            call.headers.append(("Content-Type", contentType))
            call.body = bytes
        }
        if let context { call.headers.append(("X-Stator-Context", context)) }
        try await showWrite(call, options)
    }
}

/// Carries out a put or a delete and shows what became of it: the context is the data.
func showWrite(_ call: HTTPCall, _ options: ClusterOptions) async throws {
    let answer = try await options.cluster().send(call)
    if options.json { Terminal.print(answer.json.serialized) }
    guard answer.status == 200 || answer.status == 201 else { throw Outcome.refused(answer) }
    if !options.json {
        let whole = answer.json
        Terminal.note("\(whole["status"].shown) by \(whole["node"].shown)")
        Terminal.print(whole["context"].shown)
    }
}
