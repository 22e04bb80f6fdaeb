import Replication
import SimulationKit

/// A node does not notice that its disk is empty.
enum RecoverySkipped: Plant {
    static let name = "recovery-skipped"
    static let wrong = "A node that starts with an empty disk serves at once and never asks the other owners."
    static let caughtBy = ["counting-answers", "convergence"]
    static let scenario = Scenario.recovery
    static let seeds: UInt64 = 4

    static func plant(in options: inout RunOptions) {
        options.identity = { _, next, _ in
            var next = next
            next.doubts = next.doubts.map { _ in nil }
            return next
        }
    }
}
