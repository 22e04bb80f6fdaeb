internal import Replication
internal import StatorCore
internal import Storage

/// Sync rounds: one at a time, over both stores.
extension StoreQueue {
    /// The jobs that make everything written so far durable. Whoever takes the round runs it and hands its outcome back.
    /// - Returns: `nil` where a round is running, or nothing needs one.
    func beginSync() -> StoreSync? {
        guard !isSyncing else { return nil }
        writeGathered()
        guard recordsAreDirty || hintsAreDirty || !unsynced.isEmpty else { return nil }
        syncing = unsynced
        unsynced = []
        var round = StoreSync()
        if recordsAreDirty { round.records = begin(.records) }
        if hintsAreDirty { round.hints = begin(.hints) }
        recordsAreDirty = false
        hintsAreDirty = false
        guard round.records != nil || round.hints != nil else {
            finish(syncing, .success(()), of: .records)
            finish(syncing, .success(()), of: .hints)
            syncing = []
            return nil
        }
        isSyncing = true
        return round
    }

    func endSync(_ outcome: StoreSyncOutcome) {
        isSyncing = false
        for (store, result) in [(StoreName.records, outcome.records), (.hints, outcome.hints)] {
            if let result {
                engine(store).endSync(result)
                if case .failure(let error) = result { fail("sync", store, error) }
            }
            finish(syncing, result ?? .success(()), of: store)
        }
        syncing = []
    }

    /// An engine that cannot even begin a sync fails what waits for it.
    private func begin(_ store: StoreName) -> (any SyncJob)? {
        do throws(StorageError) {
            return try engine(store).beginSync()
        } catch {
            fail("sync", store, error)
            finish(syncing, .failure(error), of: store)
            syncing.removeAll { $0.store == store }
            return nil
        }
    }

    func finish(_ answers: [UnsyncedAnswer], _ result: Result<Void, StorageError>, of store: StoreName) {
        for answer in answers where answer.store == store {
            switch result {
            case .success: complete(answer.ticket, answer.result)
            case .failure(let error): complete(answer.ticket, .failed(error))
            }
        }
    }
}
