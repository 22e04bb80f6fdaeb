import SimulationKit
import StatorCore
import Storage

/// The engine says that it wrote and did not.
enum WriteDroppedByEngine: Plant {
    static let name = "write-dropped-by-engine"
    static let wrong = "Every tenth write is acknowledged by the engine and not stored."
    static let caughtBy = ["crash-recovery"]
    static let scenario = Scenario.crashes
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.wrapEngines { (base, place) throws(StorageError) in place.isHints ? base : DroppingEngine(base) }
    }
}

private final class DroppingEngine: PassingEngine {
    private let turns = Turns(of: 10)

    override func apply(_ batch: [StorageWrite]) throws(BatchError) {
        try base.apply(batch.filter { _ in !turns.isNext() })
    }
}

/// The engine keeps what it was told to remove.
enum RemovalIgnored: Plant {
    static let name = "removal-ignored"
    static let wrong = "What a node no longer owns is said to be removed, and stays."
    static let caughtBy = ["convergence"]
    static let scenario = Scenario.membership
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.wrapEngines { (base, place) throws(StorageError) in place.isHints ? base : KeepingEngine(base) }
    }
}

private final class KeepingEngine: PassingEngine {
    override func apply(_ batch: [StorageWrite]) throws(BatchError) {
        try base.apply(
            batch.filter { write in
                if case .remove = write { false } else { true }
            })
    }
}
