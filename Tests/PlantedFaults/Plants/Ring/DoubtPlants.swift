import Replication
import SimulationKit

/// A node does not mind that its stores missed what was written while others were in their place.
enum PutBackStoresCount: Plant {
    static let name = "put-back-stores-count"
    static let wrong = "A node whose stores were copied, or moved away and moved back, serves at once."
    static let caughtBy = ["counting-answers"]
    static let scenario = Scenario.restores
    static let seeds: UInt64 = 8

    static func plant(in options: inout RunOptions) {
        options.identity = { _, next, _ in
            var next = next
            next.doubts = next.doubts.map { $0?.cause == .restored ? nil : $0 }
            return next
        }
    }
}

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
