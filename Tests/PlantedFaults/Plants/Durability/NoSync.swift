import SimulationKit
import StatorCore
import Storage

/// Acknowledges as if nothing needed a sync.
enum NoSyncBeforeAcknowledgement: Plant {
    static let name = "no-sync-before-acknowledgement"
    static let wrong = "A write is acknowledged once it is written, and no sync ever follows."
    static let caughtBy = ["crash-recovery"]
    static let scenario = Scenario.crashes
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.wrapEngines { (base, _) throws(StorageError) in UnsyncedEngine(base) }
    }
}

private final class UnsyncedEngine: PassingEngine {
    override func beginSync() throws(StorageError) -> (any SyncJob)? { nil }
}
