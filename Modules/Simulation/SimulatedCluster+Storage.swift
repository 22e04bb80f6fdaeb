import NIOCore
internal import Replication
internal import StatorCore
internal import Storage

/// Storage commands in virtual time: engines run at once, their completions take the disk's time, in order. Writes that
/// arrive while a sync is under way form the next group.
extension SimulatedCluster {
    func execute(
        _ command: StorageCommand, _ ticket: StorageTicket, _ store: StoreName, _ node: SimulatedNode,
        _ shard: SimulatedShard
    ) {
        let engine = shard.engine(store)
        do throws(StorageError) {
            switch command {
            case .load(let token, let key):
                answer(.loaded(try engine.record(for: key, token: token)), ticket, store, node, shard)
            case .scan(let range, let cursor, let limit):
                var entries: [RecordMetadata] = []
                let next = engine.scan(range, after: cursor, limit: limit, into: &entries)
                answer(.scanned(entries, next: next), ticket, store, node, shard)
            case .apply(let write):
                if watchesStorage || isTraced { tell(of: write, ticket, store, node, shard) }
                try engine.apply(write)
                if shard.isMemoryResident || shard.durability.mode != .groupCommit {
                    acknowledge(ticket, store, node, shard, nil)
                    syncLater(node, shard, store)
                } else {
                    shard.group(store).waiting.append(ticket)
                    beginSync(node, shard, store)
                }
            }
        } catch {
            if case .apply = command {
                acknowledge(ticket, store, node, shard, error)
            } else {
                answer(.failed(error), ticket, store, node, shard)
            }
        }
    }

    /// What a machine writes to stores in memory is told as if it had been a command, which is done at once.
    func listen(to shard: SimulatedShard, of node: SimulatedNode) {
        shard.resident?.told = { [unowned self, unowned node, unowned shard] write, store in
            guard watchesStorage || isTraced else { return }
            residentWrites += 1
            let ticket = StorageTicket(UInt64.max - residentWrites)
            tell(of: write, ticket, store, node, shard)
            guard watchesStorage else { return }
            watcher?.acknowledged(ticket, node: node.index, shard: shard.index, store: store, succeeded: true)
        }
    }

    private func tell(
        of write: StorageWrite, _ ticket: StorageTicket, _ store: StoreName, _ node: SimulatedNode,
        _ shard: SimulatedShard
    ) {
        var stored: StoredRecord?
        switch write {
        case .put(let record):
            stored = record
            trace?(.applied(node.node, store, record))
        case .remove(let token, let key): trace?(.removed(node.node, store, token, key))
        }
        guard watchesStorage else { return }
        watcher?.submitted(
            StorageWriteNotice(
                ticket: ticket, node: node.index, shard: shard.index, store: store, token: write.token, key: write.key,
                record: stored))
    }

    private func acknowledge(
        _ ticket: StorageTicket, _ store: StoreName, _ node: SimulatedNode, _ shard: SimulatedShard,
        _ error: StorageError?
    ) {
        if watchesStorage {
            watcher?.acknowledged(ticket, node: node.index, shard: shard.index, store: store, succeeded: error == nil)
        }
        answer(error.map { .failed($0) } ?? .applied, ticket, store, node, shard)
    }

    /// Answers when the disk would have: at once from memory, otherwise after its time, and never before an earlier
    /// answer of the same store.
    private func answer(
        _ result: consuming StorageResult, _ ticket: StorageTicket, _ store: StoreName, _ node: SimulatedNode,
        _ shard: SimulatedShard
    ) {
        var due = present
        if !shard.isMemoryResident {
            if case .applied = result {
                // The sync has taken its time already.
            } else {
                due = Instant(nanoseconds: present.nanoseconds + loadTime.draw(using: &random))
            }
            let group = shard.group(store)
            due = max(due, group.lastAnswer)
            group.lastAnswer = due
        }
        schedule(
            .storage(Int32(node.index), shard: UInt8(shard.index), ticket, consume result, life: node.life), at: due)
    }

    /// In the mode `interval` what was applied is synced once the interval has passed.
    private func syncLater(_ node: SimulatedNode, _ shard: SimulatedShard, _ store: StoreName) {
        guard shard.durability.mode == .interval, !shard.isMemoryResident,
            !shard.group(store).isSyncPlanned
        else { return }
        shard.group(store).isSyncPlanned = true
        schedule(
            .sync(Int32(node.index), shard: UInt8(shard.index), store, life: node.life),
            after: shard.durability.interval)
    }

    private func beginSync(_ node: SimulatedNode, _ shard: SimulatedShard, _ store: StoreName) {
        let group = shard.group(store)
        guard group.syncing.isEmpty, !group.waiting.isEmpty else { return }
        group.begin()
        let due = Instant(nanoseconds: present.nanoseconds + syncTime.draw(using: &random))
        schedule(.sync(Int32(node.index), shard: UInt8(shard.index), store, life: node.life), at: due)
    }

    /// The time of the sync has passed: what was applied before it began is made durable and acknowledged.
    func finishSync(_ node: SimulatedNode, _ shard: SimulatedShard, _ store: StoreName) {
        let group = shard.group(store)
        let engine = shard.engine(store)
        group.isSyncPlanned = false
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
        swap(&tickets, &group.syncing)
        for ticket in tickets { acknowledge(ticket, store, node, shard, failure) }
        tickets.removeAll(keepingCapacity: true)
        swap(&tickets, &group.syncing)
        beginSync(node, shard, store)
    }
}

/// A simulated shard's two stores in memory.
final class SimulatedStores: ResidentStorage {
    private let records: any StorageEngine
    private let hints: any StorageEngine
    /// Hears of every write.
    var told: ((StorageWrite, StoreName) -> Void)?

    init(records: any StorageEngine, hints: any StorageEngine) {
        self.records = records
        self.hints = hints
    }

    private func engine(_ store: StoreName) -> any StorageEngine { store == .records ? records : hints }

    func record(for key: Key, token: Token, in store: StoreName) throws(StorageError) -> StoredRecord? {
        try engine(store).record(for: key, token: token)
    }

    func body(for key: Key, token: Token, in store: StoreName) throws(StorageError) -> ByteBuffer? {
        try engine(store).body(for: key, token: token)
    }

    func digest(for key: Key, token: Token, in store: StoreName) throws(StorageError) -> Digest? {
        try engine(store).digest(for: key, token: token)
    }

    func apply(_ write: StorageWrite, to store: StoreName) throws(StorageError) {
        told?(write, store)
        try engine(store).apply(write)
    }

    func metadata(of key: Key, token: Token, in store: StoreName) -> RecordMetadata? {
        engine(store).metadata(of: key, token: token)
    }
}
