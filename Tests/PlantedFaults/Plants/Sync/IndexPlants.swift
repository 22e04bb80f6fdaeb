import SimulationKit
import StatorCore
import Sync

/// The index misses some writes.
enum MerkleLeafNotUpdated: Plant {
    static let name = "merkle-leaf-not-updated"
    static let wrong = "Every third change does not reach the Merkle index."
    static let caughtBy = ["index", "convergence"]
    static let scenario = Scenario.syncOnly
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.wrapSynchronizers { ForgetfulSynchronizer($0) }
    }
}

private final class ForgetfulSynchronizer: PassingSynchronizer {
    private let turns = Turns(of: 3)

    override func recordsChanged(_ changes: [RecordChange]) {
        base.recordsChanged(changes.filter { _ in !turns.isNext() })
    }
}

/// The index counts some writes twice: sessions find a difference that is none, forever.
enum MerkleLeafCountedTwice: Plant {
    static let name = "merkle-leaf-counted-twice"
    static let wrong = "Every twentieth change is counted twice: equal replicas are compared key by key forever."
    static let caughtBy = ["index", "convergence"]
    static let scenario = Scenario.syncOnly
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.wrapSynchronizers { DoublingSynchronizer($0) }
    }
}

private final class DoublingSynchronizer: PassingSynchronizer {
    private let turns = Turns(of: 20)

    override func recordsChanged(_ changes: [RecordChange]) {
        base.recordsChanged(changes.flatMap { turns.isNext() ? [$0, $0] : [$0] })
    }
}
