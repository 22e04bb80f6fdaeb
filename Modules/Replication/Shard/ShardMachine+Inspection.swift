internal import Partitioning
package import StatorCore
package import Storage
internal import Sync

extension ShardMachine {
    /// A picture of this shard for `/stats` and its neighbours.
    package mutating func inspection(
        now: Now, storage: StorageStatistics, hintStorage: StorageStatistics
    ) -> ShardInspection {
        flushChanges()
        return ShardInspection(
            shard: shard, actor: actor, counters: counters, storage: storage, hintStorage: hintStorage,
            hintsWaiting: hintBook.summary, syncIndex: synchronizer.indexStatistics, sessions: summaries.reversed(),
            recoveringFraction: recoveringFraction,
            requestsInFlight: writes.count + reads.count + forwards.count + explains.count,
            notReadyReason: notReadyReason,
            syncRound: SyncRound(
                sessions: roundSessions, waiting: sessionQueue.count, underWay: sessions.count - respondingSessions))
    }

    private var recoveringFraction: Double {
        guard hasLostDisk else { return 0 }
        guard hasPlannedRecovery, let placement = cluster?.placement else { return 1 }
        let total = ownedRanges(placement).reduce(0) { $0 + $1.fraction }
        return total == 0 ? 0 : recovering.reduce(0) { $0 + $1.fraction } / total
    }

    /// Why this shard does not serve, or `nil`.
    package var notReadyReason: String? {
        if let unavailability { return unavailability.description }
        if hasLostDisk {
            return "shard \(shard) is recovering \(Int((recoveringFraction * 100).rounded()))% of its ranges"
        }
        return nil
    }

    /// Why this shard's storage is broken, or `nil`.
    package var failure: String? { storageFailure }
}
