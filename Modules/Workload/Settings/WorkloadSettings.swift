package import StatorCore

/// What the clients do: the `workload` object, for the simulator and for the load generator.
///
/// A client is a session: one operation after the other. In a closed loop it pauses between them so that all clients
/// together make about `operationsPerSecond`; in an open loop operations start when they are due, answered or not.
package struct WorkloadSettings: StrategySettings, Hashable {
    package var preset = Preset.none
    package var clients = 8
    package var loop = Loop.closed
    /// In a closed loop 0 means: as fast as answers come.
    package var operationsPerSecond = 50.0
    package var arrivals = ArrivalProcess.poisson
    package var keys = 20
    package var keyChoice = KeyChoice.uniform
    package var theta = 0.99
    package var hotSetFraction = 0.2
    package var hotOperationFraction = 0.8
    package var valueSizes = ValueSizes.constant
    package var value: ByteCount = ByteCount(64)
    package var valueMinimum: ByteCount = ByteCount(16)
    package var valueSigma = 1.0
    package var reads = 40.0
    package var updates = 35.0
    package var heldWrites = 10.0
    package var siblingWrites = 5.0
    package var deletes = 10.0
    package var inserts = 0.0
    package var batches = 0.0
    package var batchKeys = 10
    package var isSticky = false
    /// The path of a trace to replay instead of drawing operations; empty for none.
    package var trace = ""
    package var traceSpeed = 1.0

    package init() {}

    /// The weights in the order in which they are cumulated for a draw, which is that of ``WorkloadStep/Kind``.
    var weights: [Double] { Self.weightFields.map { self[keyPath: $0.path] } }

    static let weightFields: [(name: String, path: any WritableKeyPath<WorkloadSettings, Double> & Sendable)] = [
        ("reads", \.reads), ("updates", \.updates), ("heldWrites", \.heldWrites), ("siblingWrites", \.siblingWrites),
        ("deletes", \.deletes), ("inserts", \.inserts), ("batches", \.batches),
    ]

    /// How long a client of a closed loop pauses after a step on average, in nanoseconds, so that operations come at
    /// the rate asked for: a step that reads before it writes is two of them, a batch is one. 0 where no rate is asked
    /// for.
    package var thinkNanoseconds: Double {
        guard operationsPerSecond > 0 else { return 0 }
        let steps = weights.reduce(0, +)
        let operationsPerStep = steps > 0 ? (steps + updates + deletes) / steps : 1
        return Double(clients) * operationsPerStep / operationsPerSecond * 1e9
    }
}
