import Replication
import SimulationKit
import StatorCore

/// A start goes on below the end of its last lease.
enum CrashedNodeKeepsIncarnation: Plant {
    static let name = "crashed-node-keeps-incarnation"
    static let wrong = "A node that crashed goes on at the beginning of its last lease, and nobody objects."
    static let caughtBy = ["dots"]
    static let scenario = Scenario.crashes
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.confirmEveryLease()
        options.identity = { _, next, _ in
            var next = next
            next.lease = next.lease.map { DotLease(incarnation: $0.incarnation, end: $0.end - DotLease.length) }
            return next
        }
    }
}

/// The incarnation is the node's forever, whatever happened to its disk.
enum WipedNodeKeepsIncarnation: Plant {
    static let name = "wiped-node-keeps-incarnation"
    static let wrong = "A node whose disk was replaced goes on under its old incarnation, and nobody objects."
    static let caughtBy = ["dots"]
    static let scenario = Scenario.wipes
    static let seeds: UInt64 = 4

    static func plant(in options: inout RunOptions) {
        options.confirmEveryLease()
        options.identity = { node, next, _ in
            var next = next
            next.lease = DotLease(incarnation: UInt64(node.name.utf8.first ?? 0), end: 0)
            return next
        }
    }
}

/// The others do not look whether a lease is the last one that they know.
enum WitnessConfirmsAnything: Plant {
    static let name = "witness-confirms-anything"
    static let wrong = "A witness confirms any lease: a node goes on with a folder that was put back."
    static let caughtBy = ["dots"]
    static let scenario = Scenario.restores
    static let seeds: UInt64 = 8

    static func plant(in options: inout RunOptions) {
        options.confirmEveryLease()
    }
}

extension RunOptions {
    fileprivate mutating func confirmEveryLease() {
        membershipInterpose = { _, _, message in
            guard case .witnessed(let claim, .refused) = message else { return message }
            return .witnessed(claim, .kept)
        }
    }
}
