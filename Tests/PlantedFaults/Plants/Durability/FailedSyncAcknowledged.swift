import SimulationKit
import StatorCore
import Storage

/// A failed sync counts as done, as where the result of fsync is not looked at.
enum FailedSyncAcknowledged: Plant {
    static let name = "failed-sync-acknowledged"
    static let wrong = "The result of a sync is not looked at: what could not be synced is acknowledged."
    static let caughtBy = ["crash-recovery"]
    static let scenario = Scenario.failingSyncs
    static let seeds: UInt64 = 4

    static func plant(in options: inout RunOptions) {
        options.wrapEngines { (base, _) throws(StorageError) in DeafEngine(base) }
    }
}

private final class DeafEngine: PassingEngine {
    override func beginSync() throws(StorageError) -> (any SyncJob)? {
        try base.beginSync().map { DeafJob(base: $0) }
    }
}

private struct DeafJob: SyncJob {
    let base: any SyncJob

    func run() throws(StorageError) {
        do throws(StorageError) { try base.run() } catch { return }
    }
}
