internal import Partitioning
package import StatorCore
package import Storage
internal import Sync

extension ShardMachine {
    /// A picture of this shard for `/stats` and its neighbours.
    package mutating func inspection(
        now: Now, storage: StorageStatistics, hintStorage: StorageStatistics
    ) -> ShardInspection {
        antiEntropy.flushChanges(&base.context)
        return ShardInspection(
            shard: base.context.shard, actor: base.context.actor, counters: counters, storage: storage,
            hintStorage: hintStorage, hintsWaiting: base.hints.summary,
            areHintsFull: base.hints.isFull(base.context),
            syncIndex: antiEntropy.synchronizer.indexStatistics, sessions: antiEntropy.summaries.reversed(),
            recoveringFraction: streams.recoveringFraction(base.context), doubt: streams.doubt,
            requestsInFlight: coordinator.underWay, clockSkew: base.context.clockSkew, notReadyReason: notReadyReason,
            syncRound: antiEntropy.round, repairBytesHeld: repairBytesHeld, recordsNotHandedOver: handOver.kept ?? 0)
    }

    /// Bytes of records that repair holds here: see ``ReplicationLimits``.
    package var repairBytesHeld: Int {
        antiEntropy.heldBytes + streams.heldBytes(base.context) + handOver.heldBytes
    }

    /// Why this shard does not serve, or `nil`.
    package var notReadyReason: String? {
        if let unavailability = base.context.unavailability { return unavailability.description }
        guard let doubt = streams.doubt else { return nil }
        let percent = Int((streams.recoveringFraction(base.context) * 100).rounded())
        return "shard \(base.context.shard) is recovering \(percent)% of its ranges, as it is in doubt: \(doubt.reason)"
    }

    /// Why this shard's storage is broken, or `nil`.
    package var failure: String? { base.context.storageFailure }

    /// Why its hint store is, or `nil`: it keeps no hints then.
    package var hintFailure: String? { base.context.hintFailure }
}
