import Replication
import SimulationKit
import StatorCore

/// An unclean stop keeps the incarnation and begins to count again.
enum CrashedNodeKeepsIncarnation: Plant {
    static let name = "crashed-node-keeps-incarnation"
    static let wrong = "A node that crashed goes on under its old incarnation, with counters from zero."
    static let caughtBy = ["dots"]
    static let scenario = Scenario.crashes
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.identity = { _, next, previous in
            var next = next
            if let previous { next.incarnation = previous.incarnation }
            return next
        }
    }
}

/// The incarnation is the node's forever, whatever happened to its disk.
enum WipedNodeKeepsIncarnation: Plant {
    static let name = "wiped-node-keeps-incarnation"
    static let wrong = "A node whose disk was replaced goes on under its old incarnation."
    static let caughtBy = ["dots"]
    static let scenario = Scenario.wipes
    static let seeds: UInt64 = 4

    static func plant(in options: inout RunOptions) {
        options.identity = { node, next, _ in
            var next = next
            next.incarnation = UInt64(node.name.utf8.first ?? 0)
            return next
        }
    }
}

/// The counter that a clean stop leaves is too low.
enum DotsSetBack: Plant {
    static let name = "dots-set-back"
    static let wrong = "A clean stop leaves a counter from before the last few dots."
    static let caughtBy = ["dots"]
    static let scenario = Scenario.stops
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.identity = { _, next, _ in
            var next = next
            next.dotsIssued = next.dotsIssued.map { $0 > 3 ? $0 - 3 : 0 }
            return next
        }
    }
}
