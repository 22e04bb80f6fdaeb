import Replication
import SimulationKit

/// A node does not mind what it finds missing in its stores.
enum DamagePassedOver: Plant {
    static let name = "damage-passed-over"
    static let wrong = "A node that finds its stores damaged serves at once and never asks the other owners."
    static let caughtBy = ["counting-answers"]
    static let scenario = Scenario.damage
    static let seeds: UInt64 = 4

    static func plant(in options: inout RunOptions) {
        options.identity = { _, next, _ in
            var next = next
            next.doubts = next.doubts.map { $0?.cause == .new ? $0 : nil }
            return next
        }
    }
}
