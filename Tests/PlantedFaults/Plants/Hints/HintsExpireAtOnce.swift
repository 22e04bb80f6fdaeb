import Replication
import SimulationKit

/// Hints are given up long before their time.
enum HintsExpireAtOnce: Plant {
    static let name = "hints-expire-at-once"
    static let wrong = "Hints are given up after a millisecond rather than after hours."
    static let caughtBy = ["copies", "lost-writes"]
    static let scenario = Scenario.singleCopies
    static let seeds: UInt64 = 8

    static func plant(in options: inout RunOptions) {
        options.blueprint = { $0.hints.maximumAge = .milliseconds(1) }
    }
}
