package import StatorCore

/// What the clients do: the `workload` object. A client is a session: one operation after the other, with pauses drawn
/// so that all together make about `operationsPerSecond`.
package struct WorkloadSettings: StrategySettings, Hashable {
    package enum KeyChoice: String, CaseIterable, Sendable {
        case uniform
        /// Zipf's law with the exponent `theta`: the first key is the most popular.
        case zipfian
        /// Nine of ten operations go to the first key.
        case hot
    }

    package var clients = 8
    package var operationsPerSecond = 50.0
    package var keys = 20
    package var keyChoice = KeyChoice.uniform
    package var theta = 0.99
    package var value: ByteCount = ByteCount(64)
    package var reads = 40.0
    package var updates = 35.0
    package var heldWrites = 10.0
    package var siblingWrites = 5.0
    package var deletes = 10.0
    package var isSticky = false

    package init() {}

    /// How long a client pauses after a step on average, in nanoseconds, so that operations come at the rate asked for:
    /// a step that reads before it writes is two of them.
    var thinkNanoseconds: Double {
        let steps = reads + updates + heldWrites + siblingWrites + deletes
        let operationsPerStep = steps > 0 ? (steps + updates + deletes) / steps : 1
        return Double(clients) * operationsPerStep / operationsPerSecond * 1e9
    }

    package static var fields: [SettingField<WorkloadSettings>] {
        [
            .integer("clients", \.clients, 1...10_000, "sessions"),
            .number("operationsPerSecond", \.operationsPerSecond, 0.001...1_000_000, "of all clients together, about"),
            .integer("keys", \.keys, 1...10_000_000, "distinct keys"),
            .choice("keyChoice", \.keyChoice, "how keys are chosen"),
            .number("theta", \.theta, 0...4, "the exponent of `zipfian`"),
            .bytes("valueBytes", \.value, 16...(1 << 20), "the size of a value"),
            .number("reads", \.reads, 0...1000, "the weight of plain reads"),
            .number("updates", \.updates, 0...1000, "the weight of writes that read first and present the context"),
            .number("heldWrites", \.heldWrites, 0...1000, "the weight of writes without context"),
            .number("siblingWrites", \.siblingWrites, 0...1000, "the weight of writes that ask for a sibling"),
            .number("deletes", \.deletes, 0...1000, "the weight of deletes that read first and present the context"),
            .boolean("sticky", \.isSticky, "whether a client stays with its node while that answers"),
        ]
    }

    package func problems() -> [SettingProblem] {
        guard reads + updates + heldWrites + siblingWrites + deletes <= 0 else { return [] }
        return [SettingProblem(field: "reads", message: "is 0 as all other weights are: nothing would be done")]
    }
}
