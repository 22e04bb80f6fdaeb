import Replication
import SimulationKit

/// One acknowledgement fewer than promised.
enum WriteQuorumShort: Plant {
    static let name = "write-quorum-short"
    static let wrong = "A write is acknowledged when W-1 replicas have it."
    static let caughtBy = ["acknowledged-copies", "read-your-writes", "lost-writes"]
    static let scenario = Scenario.strict
    static let seeds: UInt64 = 4

    static func plant(in options: inout RunOptions) {
        options.blueprint = { $0.replication.writeQuorum -= 1 }
    }
}

/// One answer fewer than promised.
enum ReadQuorumShort: Plant {
    static let name = "read-quorum-short"
    static let wrong = "A read is answered when R-1 replicas have answered."
    static let caughtBy = ["freshness", "read-your-writes"]
    static let scenario = Scenario.strict
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.blueprint = { $0.replication.readQuorum -= 1 }
    }
}
