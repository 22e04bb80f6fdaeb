internal import Replication
internal import StatorCore
internal import Storage

/// Storage commands in virtual time: engines run at once, their completions take the disk's time, in order. Writes that
/// arrive while a sync is under way form the next group.
extension SimulatedCluster {
    func execute(
        _ command: StorageCommand, _ ticket: StorageTicket, _ store: StoreName, _ node: SimulatedNode, shard: Int
    ) {
        let simulated = node.shards[shard]
        let engine = simulated.engine(store)
        do throws(StorageError) {
            switch command {
            case .load(let token, let key):
                answer(.loaded(try engine.record(for: key, token: token)), ticket, store, node, shard: shard)
            case .scan(let range, let cursor, let limit):
                var entries: [RecordMetadata] = []
                let next = engine.scan(range, after: cursor, limit: limit, into: &entries)
                answer(.scanned(entries, next: next), ticket, store, node, shard: shard)
            case .apply(let batch):
                if watchesStorage || trace != nil { tell(of: batch, ticket, store, node, shard: shard) }
                try engine.apply(batch)
                if simulated.isMemoryResident || node.blueprint.durability.mode != .groupCommit {
                    acknowledge(ticket, store, node, shard: shard, nil)
                    syncLater(node, shard: shard, store)
                } else {
                    simulated.groups[Int(store.rawValue)].waiting.append(ticket)
                    beginSync(node, shard: shard, store)
                }
            }
        } catch {
            if case .apply = command {
                acknowledge(ticket, store, node, shard: shard, error)
            } else {
                answer(.failed(error), ticket, store, node, shard: shard)
            }
        }
    }

    private func tell(
        of batch: [StorageWrite], _ ticket: StorageTicket, _ store: StoreName, _ node: SimulatedNode, shard: Int
    ) {
        for write in batch {
            var stored: StoredRecord?
            switch write {
            case .put(let record):
                stored = record
                trace?(.applied(node.node, store, record))
            case .remove(let token, let key): trace?(.removed(node.node, store, token, key))
            }
            guard watchesStorage else { continue }
            observer?.submitted(
                StorageWriteNotice(
                    ticket: ticket, node: node.index, shard: shard, store: store, token: write.token, key: write.key,
                    record: stored))
        }
    }

    private func acknowledge(
        _ ticket: StorageTicket, _ store: StoreName, _ node: SimulatedNode, shard: Int, _ error: StorageError?
    ) {
        if watchesStorage {
            observer?.acknowledged(ticket, node: node.index, shard: shard, store: store, succeeded: error == nil)
        }
        answer(error.map { .failed($0) } ?? .applied, ticket, store, node, shard: shard)
    }

    /// Answers when the disk would have: at once from memory, otherwise after its time, and never before an earlier
    /// answer of the same store.
    private func answer(
        _ result: StorageResult, _ ticket: StorageTicket, _ store: StoreName, _ node: SimulatedNode, shard: Int
    ) {
        let simulated = node.shards[shard]
        let event = SimulatedEvent.storage(
            Int32(node.index), shard: UInt8(shard), ticket, result, life: node.life)
        if simulated.isMemoryResident {
            schedule(event, at: time)
            return
        }
        let place = Int(store.rawValue)
        var due = time
        if case .applied = result {
            // The sync has taken its time already.
        } else {
            let latency = loadSampler.map { Duration(nanoseconds: $0.sample(using: &random)) } ?? loadLatency
            due = time.advanced(by: latency)
        }
        due = max(due, simulated.groups[place].lastAnswer)
        simulated.groups[place].lastAnswer = due
        schedule(event, at: due)
    }

    /// In the mode `interval` what was applied is synced once the interval has passed.
    private func syncLater(_ node: SimulatedNode, shard: Int, _ store: StoreName) {
        let simulated = node.shards[shard]
        guard node.blueprint.durability.mode == .interval, !simulated.isMemoryResident,
            !simulated.groups[Int(store.rawValue)].isSyncPlanned
        else { return }
        simulated.groups[Int(store.rawValue)].isSyncPlanned = true
        schedule(
            .sync(Int32(node.index), shard: UInt8(shard), store, life: node.life),
            after: node.blueprint.durability.interval)
    }

    private func beginSync(_ node: SimulatedNode, shard: Int, _ store: StoreName) {
        let simulated = node.shards[shard]
        let place = Int(store.rawValue)
        guard simulated.groups[place].syncing.isEmpty, !simulated.groups[place].waiting.isEmpty else { return }
        simulated.groups[place].begin()
        let latency = syncSampler.map { Duration(nanoseconds: $0.sample(using: &random)) } ?? syncLatency
        schedule(.sync(Int32(node.index), shard: UInt8(shard), store, life: node.life), after: latency)
    }

    /// The time of the sync has passed: what was applied before it began is made durable and acknowledged.
    func finishSync(_ node: SimulatedNode, shard: Int, _ store: StoreName) {
        let simulated = node.shards[shard]
        let place = Int(store.rawValue)
        let engine = simulated.engine(store)
        simulated.groups[place].isSyncPlanned = false
        var failure: StorageError?
        do throws(StorageError) {
            if let job = try engine.beginSync() {
                do throws(StorageError) {
                    try job.run()
                    engine.endSync(.success(()))
                } catch {
                    failure = error
                    engine.endSync(.failure(error))
                }
            }
        } catch {
            failure = error
        }
        var tickets: [StorageTicket] = []
        swap(&tickets, &simulated.groups[place].syncing)
        for ticket in tickets { acknowledge(ticket, store, node, shard: shard, failure) }
        tickets.removeAll(keepingCapacity: true)
        swap(&tickets, &simulated.groups[place].syncing)
        beginSync(node, shard: shard, store)
    }
}
