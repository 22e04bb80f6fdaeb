package import NIOCore
package import NodeClient

/// Whom a recording asks, what, and how much.
package struct RecordingSettings: Sendable {
    package var nodes: [NodeURL]
    /// Keys are this and a number. The history must hold all writes to them.
    package var keyPrefix: String
    /// Sessions at work side by side.
    package var clients = 8
    /// Requests in all, final reads aside: an update is two.
    package var operations = 2000
    package var keys = 20
    package var duration = Duration.seconds(30)
    package var mix = OperationMix()
    /// Steps a second of all clients together, about; `nil`: as fast as they are answered.
    package var rate: Double?
    /// Whether a client stays with its node while that answers.
    package var isSticky = false
    /// Of what clients draw; what happens depends on the nodes too.
    package var seed: UInt64 = 1
    /// For the nodes to settle and the final reads, together.
    package var finalDuration = Duration.seconds(60)
    package var requestTimeout = RecordingLimits.requestTimeout

    package init(nodes: [NodeURL], keyPrefix: String) {
        self.nodes = nodes
        self.keyPrefix = keyPrefix
    }

    package func key(_ number: Int) -> String { "\(keyPrefix)\(number)" }

    /// All that is out of range, each as the setting's name and a sentence.
    package func problems() -> [(name: String, message: String)] {
        var problems: [(name: String, message: String)] = []
        func check<Value: Comparable>(_ name: String, _ value: Value, _ range: ClosedRange<Value>) {
            if range.contains(value) { return }
            problems.append((name, "found \(value), expected \(range.lowerBound) to \(range.upperBound)"))
        }
        if nodes.isEmpty { problems.append(("node", "found none, expected at least one")) }
        check("clients", clients, RecordingLimits.clients)
        check("operations", operations, RecordingLimits.operations)
        check("keys", keys, RecordingLimits.keys)
        check("duration-seconds", Int(duration.components.seconds), RecordingLimits.seconds)
        check("final-seconds", Int(finalDuration.components.seconds), RecordingLimits.seconds)
        if let rate { check("rate", rate, RecordingLimits.rate) }
        let prefixRange = RecordingLimits.keyPrefix
        if !prefixRange.contains(keyPrefix.utf8.count) {
            problems.append(
                (
                    "key-prefix",
                    "found \(keyPrefix.utf8.count) bytes, expected \(prefixRange.lowerBound) to \(prefixRange.upperBound)"
                ))
        }
        let weights = [
            ("reads", mix.reads), ("updates", mix.updates), ("held-writes", mix.heldWrites),
            ("sibling-writes", mix.siblingWrites), ("deletes", mix.deletes),
        ]
        for (name, weight) in weights { check(name, weight, RecordingLimits.weight) }
        if weights.allSatisfy({ $0.1 == 0 }) {
            problems.append(("reads", "is 0 as all other weights are: nothing would be done"))
        }
        return problems
    }
}
