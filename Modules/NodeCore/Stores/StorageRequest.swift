package import Replication
internal import StatorCore
package import Storage

/// One command of a shard machine on its way to an engine.
package struct StorageRequest: Sendable {
    package let ticket: StorageTicket
    package let store: StoreName
    package let command: StorageCommand

    package init(ticket: StorageTicket, store: StoreName, command: StorageCommand) {
        self.ticket = ticket
        self.store = store
        self.command = command
    }
}

/// One result on its way back.
package struct StorageCompletion: Sendable {
    package let ticket: StorageTicket
    package let result: StorageResult
}

/// What both stores of a shard count.
package struct ShardStatistics: Sendable {
    package var records = StorageStatistics()
    package var hints = StorageStatistics()

    package init() {}

    init(records: StorageStatistics, hints: StorageStatistics) {
        self.records = records
        self.hints = hints
    }
}

/// What one sync covers: a job for each of the two stores that has something to sync.
package struct StoreSync: Sendable {
    var records: (any SyncJob)?
    var hints: (any SyncJob)?

    /// Blocks; on any thread.
    package func run() -> StoreSyncOutcome {
        StoreSyncOutcome(records: records.map(StoreSync.outcome), hints: hints.map(StoreSync.outcome))
    }

    static func outcome(of job: any SyncJob) -> Result<Void, StorageError> {
        do throws(StorageError) {
            try job.run()
            return .success(())
        } catch {
            return .failure(error)
        }
    }
}

/// How the jobs of a round ended; `nil` for a store without one.
package struct StoreSyncOutcome: Sendable {
    var records: Result<Void, StorageError>?
    var hints: Result<Void, StorageError>?
}
