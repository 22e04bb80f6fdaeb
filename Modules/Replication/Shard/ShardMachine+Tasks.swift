internal import ConflictResolution
internal import DequeModule
internal import Hashing
internal import NIOCore
internal import StatorCore
internal import Storage
internal import Sync

/// Work on keys: one load-merge-apply at a time for each, and what becomes of its outcome.
extension ShardMachine {
    func enqueue(_ task: KeyTask, on key: StoreKey) {
        if busyKeys[key] != nil {
            busyKeys[key]?.waiting.append(task)
            queuedTasks += 1
            return
        }
        begin(task, on: key)
    }

    private func begin(_ task: KeyTask, on key: StoreKey) {
        if case .read = task {
            command(.load(key.token, key.key), on: key.store, for: .load(key, task, holdsKey: false))
            return
        }
        busyKeys[key] = KeyQueue()
        command(.load(key.token, key.key), on: key.store, for: .load(key, task, holdsKey: true))
    }

    func command(_ command: StorageCommand, on store: StoreName, for purpose: PendingStorage) {
        let ticket = StorageTicket(newRequestID().number)
        pendingStorage[ticket] = purpose
        outbox.append(.storage(ticket, store, command))
    }

    func complete(_ ticket: StorageTicket, _ result: StorageResult) {
        guard let pending = pendingStorage.removeValue(forKey: ticket) else { return }
        switch (pending, result) {
        case (.load(let key, let task, let holdsKey), .loaded(let record)):
            loaded(record, isReadable: true, key, task, holdsKey: holdsKey)
        case (.load(let key, let task, let holdsKey), .failed(let error)):
            noteStorageFailure(error, isWrite: false)
            loaded(nil, isReadable: false, key, task, holdsKey: holdsKey)
        case (.apply(let key, let task, let old, let new), .applied):
            applied(key, task, old: old, new: new)
        case (.apply(let key, let task, _, _), .failed(let error)):
            noteStorageFailure(error, isWrite: true)
            finish(task, key, with: .failed)
            release(key)
        case (.scan(let purpose), .scanned(let entries, let next)): scanned(purpose, entries, next: next)
        case (.scan(let purpose), .failed(let error)):
            noteStorageFailure(error, isWrite: false)
            scanFailed(purpose)
        default: preconditionFailure("storage answered \(result) to another command")
        }
    }

    private func noteStorageFailure(_ error: StorageError, isWrite: Bool) {
        if case .corrupt = error {
            counters.corruptRecords += 1
            recordsForgotAt = dotsIssued
            outbox.append(.log(.warning("\(error)")))
            return
        }
        counters.storageFailures += 1
        outbox.append(.log(.error("\(error)")))
        if case .failed(let reason) = error, isWrite { storageFailure = reason }
    }

    /// - Parameter isReadable: false where the record's bytes are corrupt or could not be read. A corrupt replica
    ///   answers no read; a merge replaces it, which heals it.
    private func loaded(_ record: StoredRecord?, isReadable: Bool, _ key: StoreKey, _ task: KeyTask, holdsKey: Bool) {
        switch task {
        case .read:
            finish(task, key, with: isReadable ? .held(record) : .failed)
        case .merge(let incoming, _):
            merge(incoming, into: record, key, task)
        case .coordinate(let id):
            guard isReadable else {
                failWrite(id, .unavailable("this replica's record of the key cannot be read"))
                release(key)
                return
            }
            coordinate(id, over: record, key, task)
        case .remove(let digest, _):
            guard let record, digest == nil || digest == record.digest else {
                finish(task, key, with: .unchanged(record))
                release(key)
                return
            }
            apply(.remove(key.token, key.key), key, task, old: record, new: nil)
        }
    }

    private func merge(_ incoming: StoredRecord, into existing: StoredRecord?, _ key: StoreKey, _ task: KeyTask) {
        guard Digest(ofBody: incoming.body) == incoming.digest else {
            outbox.append(.log(.warning("a record came with a digest that is not its body's; it is refused")))
            finish(task, key, with: .failed)
            release(key)
            return
        }
        guard let existing else {
            apply(.put(incoming), key, task, old: nil, new: incoming)
            return
        }
        guard existing.digest != incoming.digest else {
            finish(task, key, with: .unchanged(existing))
            release(key)
            return
        }
        do {
            let body = try resolver.merge(existing.body, incoming.body)
            let merged = try record(token: key.token, key: existing.key, body: body, expiry: incoming.expiry)
            if merged.digest == existing.digest {
                finish(task, key, with: .unchanged(existing))
                release(key)
            } else {
                apply(.put(merged), key, task, old: existing, new: merged)
            }
        } catch {
            outbox.append(.log(.warning("cannot merge the record of a key: \(error)")))
            finish(task, key, with: .failed)
            release(key)
        }
    }

    func apply(_ write: StorageWrite, _ key: StoreKey, _ task: KeyTask, old: StoredRecord?, new: StoredRecord?) {
        command(.apply([write]), on: key.store, for: .apply(key, task, old: old, new: new))
    }

    private func applied(_ key: StoreKey, _ task: KeyTask, old: StoredRecord?, new: StoredRecord?) {
        if key.store == .records {
            changes.append(RecordChange(token: key.token, key: key.key, old: old?.digest, new: new?.digest))
        }
        finish(task, key, with: .changed(old: old, new: new))
        release(key)
    }

    /// Lets the next task of a key begin; reads that wait all begin at once, up to the next writer.
    func release(_ key: StoreKey) {
        guard var queue = busyKeys.removeValue(forKey: key) else { return }
        while let next = queue.waiting.popFirst() {
            queuedTasks -= 1
            if case .read = next {
                begin(next, on: key)
                continue
            }
            begin(next, on: key)
            busyKeys[key] = queue
            return
        }
    }

    /// A record from a canonical body.
    func record(token: Token, key: Key, body: ByteBuffer, expiry: WallTime? = nil) throws(ResolverError) -> StoredRecord
    {
        let meaning = try resolver.read(body)
        return StoredRecord(
            token: token, key: key, digest: Digest(ofBody: body), isTombstone: meaning.isTombstone, expiry: expiry,
            body: body)
    }

    func flushChanges() {
        guard !changes.isEmpty else { return }
        synchronizer.recordsChanged(changes)
        changes.removeAll(keepingCapacity: true)
    }

    private func finish(_ task: KeyTask, _ key: StoreKey, with outcome: TaskOutcome) {
        switch task {
        case .read(let purpose): finishRead(purpose, outcome)
        case .merge(let incoming, let purpose):
            if key.store == .hints { noteHintStored(key, outcome) }
            finishMerge(incoming, purpose, outcome)
        case .coordinate(let id):
            if key.store == .hints { noteHintStored(key, outcome) }
            finishCoordinate(id, outcome)
        case .remove(_, let purpose): finishRemove(purpose, key, outcome)
        }
    }
}

/// How a task on a key ended.
enum TaskOutcome {
    /// A read found this.
    case held(StoredRecord?)
    /// Nothing needed to change; this is what is there.
    case unchanged(StoredRecord?)
    /// Applied at the configured durability.
    case changed(old: StoredRecord?, new: StoredRecord?)
    case failed

    /// What the key holds after the task.
    var record: StoredRecord? {
        switch self {
        case .held(let record), .unchanged(let record): record
        case .changed(_, let new): new
        case .failed: nil
        }
    }

    var isFailure: Bool {
        if case .failed = self { return true }
        return false
    }

    /// Whether a live version was there before.
    var hadLive: Bool {
        switch self {
        case .held(let record), .unchanged(let record): record.map { !$0.isTombstone } ?? false
        case .changed(let old, _): old.map { !$0.isTombstone } ?? false
        case .failed: false
        }
    }
}
