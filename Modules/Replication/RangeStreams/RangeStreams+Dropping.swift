internal import Partitioning
internal import StatorCore

/// Dropping what is not owned any more.
extension RangeStreams {
    /// Forgets records of ranges that this node owns neither now nor in the next epoch: the new owners have confirmed
    /// them durably before the epochs were switched. A change under way does not hold it up: a node that has left may
    /// never learn how that one ends.
    mutating func beginDropping(_ context: inout ShardContext, _ keys: inout KeyWork) {
        guard !context.isStarting, !context.isStopping, let cluster = context.cluster,
            let placement = cluster.placement
        else { return }
        dropRanges = context.shardRange.subtracting(
            placement.replicaRanges(of: context.node) + (cluster.nextPlacement?.replicaRanges(of: context.node) ?? []))
        scanUnowned(0, after: nil, &context, &keys)
    }

    private func scanUnowned(
        _ index: Int, after cursor: ScanCursor?, _ context: inout ShardContext, _ keys: inout KeyWork
    ) {
        guard index < dropRanges.count else { return }
        keys.scan(
            dropRanges[index], after: cursor, limit: ReplicationLimits.scanPage, in: .records, for: .unowned(index),
            &context)
    }

    /// A page of the range with this index was listed.
    func drop(
        _ entries: [RecordMetadata], next: ScanCursor?, range index: Int, _ context: inout ShardContext,
        _ keys: inout KeyWork
    ) {
        for entry in entries where !context.owns(entry.token) {
            let key = StoreKey.records(entry.token, entry.key)
            if let outcome = keys.remove(entry.digest, on: key, for: .unowned, &context) {
                finishDrop(outcome, &context)
            }
        }
        scanUnowned(next == nil ? index + 1 : index, after: next, &context, &keys)
    }

    func finishDrop(_ outcome: TaskOutcome, _ context: inout ShardContext) {
        guard case .changed = outcome else { return }
        context.counters.recordsDropped += 1
        context.reach(.recordDropped)
        context.noteForgotten()
    }
}
