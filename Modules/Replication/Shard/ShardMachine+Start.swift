internal import StatorCore
internal import Sync

/// Start: rebuild from storage what is derived from it, then serve.
extension ShardMachine {
    mutating func start(_ state: ClusterState) {
        base.context.begin(with: state)
        base.context.outbox.append(.log(.info("shard \(base.context.shard) rebuilds its indexes")))
        scanRecords(after: nil)
    }

    private mutating func scanRecords(after cursor: ScanCursor?) {
        base.keys.scan(
            base.context.shardRange, after: cursor, limit: ReplicationLimits.scanPage, in: .records,
            for: .rebuildIndex, &base.context)
    }

    mutating func rebuildIndex(_ entries: [RecordMetadata], next: ScanCursor?) {
        antiEntropy.rebuild(entries, &base.context)
        if let next { scanRecords(after: next) } else { scanHints(after: nil) }
    }

    private mutating func scanHints(after cursor: ScanCursor?) {
        base.keys.scan(
            base.context.shardRange, after: cursor, limit: ReplicationLimits.recordsPerMessage, in: .hints,
            for: .rebuildHints, &base.context)
    }

    mutating func loadHints(_ entries: [RecordMetadata], next: ScanCursor?) {
        let names = entries.filter { $0.key == HintAges.name }.map {
            StoreKey(store: .hints, token: $0.token, key: $0.key)
        }
        if let gather = base.keys.gather(names, for: .carriedOver(entries, next: next), &base.context) {
            carryOver(entries, ages: gather.records.first, next: next)
        }
    }

    mutating func carryOver(_ entries: [RecordMetadata], ages: StoredRecord?, next: ScanCursor?) {
        base.hints.carryOver(entries, ages: ages, &base.context)
        if let next { scanHints(after: next) } else { finishStart() }
    }

    /// The hints of an earlier life cannot be listed. The shard serves without; but as it does not know what it keeps for
    /// others, it never says that it has handed all of it over.
    mutating func startWithoutHints() {
        base.context.hintFailure = "the hints cannot be listed"
        base.context.outbox.append(.log(.error("shard \(base.context.shard) keeps no hints: they cannot be listed")))
        base.context.hintsKept += 1
        finishStart()
    }

    private mutating func finishStart() {
        base.context.isStarting = false
        base.context.tellTime()
        streams.plan(holding: [], &base.context)
        base.hints.deliver(&base.context, &base.keys)
        base.context.setJitteredTimer(.hintDelivery, after: base.context.blueprint.hints.deliveryInterval)
        base.context.setJitteredTimer(.antiEntropy, after: base.context.blueprint.antiEntropy.interval, spread: 0.5)
        // Also at a node that has left: it may have died before it had handed over what it owned.
        planHandOver()
    }
}
