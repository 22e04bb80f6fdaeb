import Replication
import StatorCore
import Storage

/// One command of a shard machine on its way to an engine.
struct StorageRequest: Sendable {
    let ticket: StorageTicket
    let store: StoreName
    let command: StorageCommand
}

/// One result on its way back.
struct StorageCompletion: Sendable {
    let ticket: StorageTicket
    let result: StorageResult
}

struct ShardStatistics: Sendable {
    var records = StorageStatistics()
    var hints = StorageStatistics()
}

/// What one sync covers: a job for each of the two stores that has something to sync.
struct SyncRound: Sendable {
    var records: (any SyncJob)?
    var hints: (any SyncJob)?

    /// Blocks; on any thread.
    func run() -> SyncOutcome {
        SyncOutcome(records: records.map(SyncRound.outcome), hints: hints.map(SyncRound.outcome))
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
struct SyncOutcome: Sendable {
    var records: Result<Void, StorageError>?
    var hints: Result<Void, StorageError>?
}
