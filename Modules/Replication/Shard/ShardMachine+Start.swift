internal import Partitioning
internal import StatorCore
internal import Sync

/// Start: rebuild from storage what is derived from it, then serve. And dropping what is not owned any more.
extension ShardMachine {
    mutating func start(_ state: ClusterState) {
        cluster = state
        peers.mindsLiveness = isMember
        outbox.append(.log(.info("shard \(shard) rebuilds its indexes")))
        scanRecords(after: nil)
    }

    private mutating func scanRecords(after cursor: ScanCursor?) {
        command(
            .scan(shardRange, after: cursor, limit: ReplicationLimits.scanPage), on: .records, for: .scan(.rebuildIndex)
        )
    }

    mutating func continueHintRebuild(after cursor: ScanCursor?) {
        guard let cursor else {
            finishStart()
            return
        }
        scanHints(after: cursor)
    }

    private mutating func scanHints(after cursor: ScanCursor?) {
        command(
            .scan(shardRange, after: cursor, limit: ReplicationLimits.recordsPerMessage), on: .hints,
            for: .scan(.rebuildHints))
    }

    private mutating func finishStart() {
        isStarting = false
        planStreams(holding: [])
        deliverHints()
        setTimer(.hintDelivery, after: random.jittered(blueprint.hints.deliveryInterval))
        setTimer(.antiEntropy, after: random.jittered(blueprint.antiEntropy.interval, spread: 0.5))
        // Also at a node that has left: it may have died before it forgot what it owned.
        setTimer(.dropUnowned, after: ReplicationLimits.dropDelay)
    }

    mutating func scanned(_ purpose: ScanPurpose, _ entries: [RecordMetadata], next: ScanCursor?) {
        switch purpose {
        case .rebuildIndex:
            let changes = entries.map { RecordChange(token: $0.token, key: $0.key, old: nil, new: $0.digest) }
            flushChanges()
            if !changes.isEmpty { synchronizer.recordsChanged(changes) }
            if let next { scanRecords(after: next) } else { scanHints(after: nil) }
        case .rebuildHints:
            gather(
                entries.map { StoreKey(store: .hints, token: $0.token, key: $0.key) }, then: .carriedOver(next: next))
        case .listing(let session, let listing):
            guard sessions[session] != nil else { return }
            synchronize(.listed(session, listing, entries: entries, next: next))
        case .page(let peer, let id, _): loadPage(entries, next: next, id, for: peer)
        case .corrupt(let key, let task):
            let known = entries.first { $0.key == key.key }
            loaded(.corrupt(known.map { StoredRecord(lost: $0) }), key, task)
        case .unowned(let index): drop(entries, next: next, range: index)
        }
    }

    mutating func scanFailed(_ purpose: ScanPurpose) {
        switch purpose {
        case .rebuildIndex, .rebuildHints: storageFailure = "the records cannot be listed"
        case .page(let peer, let id, _): send(.transferPage(id, .refused(.storageFailed)), to: peer)
        case .corrupt(let key, let task): loaded(.unreadable, key, task)
        case .listing, .unowned: break
        }
    }

    // MARK: Dropping

    /// Forgets records of ranges that this node owns neither now nor in the next epoch: the new owners have confirmed
    /// them durably before the epochs were switched. A change under way does not hold it up: a node that has left may
    /// never learn how that one ends.
    mutating func beginDropping() {
        guard !isStarting, !isStopping, let cluster, let placement = cluster.placement else { return }
        dropRanges = shardRange.subtracting(
            placement.replicaRanges(of: node) + (cluster.nextPlacement?.replicaRanges(of: node) ?? []))
        scanUnowned(0, after: nil)
    }

    private mutating func scanUnowned(_ index: Int, after cursor: ScanCursor?) {
        guard index < dropRanges.count else { return }
        command(
            .scan(dropRanges[index], after: cursor, limit: ReplicationLimits.scanPage), on: .records,
            for: .scan(.unowned(index)))
    }

    private mutating func drop(_ entries: [RecordMetadata], next: ScanCursor?, range index: Int) {
        for entry in entries where !owns(entry.token) {
            enqueue(.remove(entry.digest, .unowned), on: .records(entry.token, entry.key))
        }
        scanUnowned(next == nil ? index + 1 : index, after: next)
    }
}
