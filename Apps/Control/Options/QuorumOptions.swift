import ArgumentParser
import NIOCore

/// How many replicas must answer: a number, `one`, `quorum` or `all`.
struct Quorum: ExpressibleByArgument {
    var text: String

    init?(argument: String) {
        guard ["one", "quorum", "all"].contains(argument) || Int(argument).map({ $0 >= 1 }) == true else { return nil }
        text = argument
    }
}

/// Time and quorums of one operation.
struct QuorumOptions: ParsableArguments {
    @Option(name: .customShort("r"), help: "Replicas that must answer a read: a number, one, quorum or all.")
    var read: Quorum?

    @Option(name: .customShort("w"), help: "Replicas that must store a write: a number, one, quorum or all.")
    var write: Quorum?

    @Option(name: .long, help: "Milliseconds that the operation may take.")
    var timeout: Int?

    func validate() throws {
        if let timeout, !(1...600_000).contains(timeout) {
            throw ValidationError("--timeout is \(timeout), expected 1 to 600000 milliseconds")
        }
    }

    /// The query that says so, with its question mark; empty where nothing is said.
    var query: String {
        var parts: [String] = []
        if let read { parts.append("r=\(read.text)") }
        if let write { parts.append("w=\(write.text)") }
        if let timeout { parts.append("timeout_ms=\(timeout)") }
        return parts.isEmpty ? "" : "?" + parts.joined(separator: "&")
    }

    /// How long to wait for the node's answer.
    var patience: TimeAmount { .milliseconds(Int64(timeout ?? 30_000) + 5000) }
}
