internal import ConflictResolution
internal import DequeModule
internal import Hashing
internal import NIOCore
internal import StatorCore
internal import Storage
internal import Sync

/// Work on keys: one load-merge-apply at a time for each, and what becomes of its outcome.
extension ShardMachine {
    mutating func enqueue(_ task: KeyTask, on key: StoreKey) {
        if let resident { return carryOut(task, on: key, in: resident) }
        if busyKeys.contains(key) {
            busyKeys.append(task, to: key)
            queuedTasks += 1
            return
        }
        if case .read = task {} else { busyKeys.insert(key) }
        begin(task, on: key)
    }

    private mutating func begin(_ task: KeyTask, on key: StoreKey) {
        if key.store == .records, let record = recent?.record(for: key.key, token: key.token) {
            loaded(.readable(record), key, task)
        } else {
            command(.load(key.token, key.key), on: key.store, for: .load(key, task))
        }
    }

    private mutating func carryOut(_ task: KeyTask, on key: StoreKey, in storage: any ResidentStorage) {
        do throws(StorageError) {
            loaded(.readable(try storage.record(for: key.key, token: key.token, in: key.store)), key, task)
        } catch {
            noteStorageFailure(error, isWrite: false)
            guard case .corrupt = error else { return loaded(.unreadable, key, task) }
            heal(key)
            let lost = storage.metadata(of: key.key, token: key.token, in: key.store)
            loaded(.corrupt(lost.map { StoredRecord(lost: $0) }), key, task)
        }
    }

    mutating func command(_ command: StorageCommand, on store: StoreName, for purpose: PendingStorage) {
        let ticket = StorageTicket(newRequestID().number)
        pendingStorage.insert(ticket, purpose)
        outbox.append(.storage(ticket, store, command))
    }

    mutating func complete(_ ticket: StorageTicket, _ result: consuming StorageResult) {
        guard let pending = pendingStorage.removeValue(forKey: ticket) else { return }
        switch pending {
        case .load(let key, let task): completeLoad(key, task, result)
        case .apply(let key, let task, let old, let new):
            switch result {
            case .applied: applied(key, task, old: old, new: new)
            case .failed(let error):
                // Part of it may be on the disk.
                if key.store == .records { recent?.forget(key.key, token: key.token) }
                noteStorageFailure(error, isWrite: true)
                finish(task, key, with: .failed)
                release(key)
            default: answeredToAnother(result)
            }
        case .scan(let purpose):
            switch result {
            case .scanned(let entries, let next): scanned(purpose, entries, next: next)
            case .failed(let error):
                noteStorageFailure(error, isWrite: false)
                scanFailed(purpose)
            default: answeredToAnother(result)
            }
        }
    }

    private mutating func completeLoad(_ key: StoreKey, _ task: KeyTask, _ result: consuming StorageResult) {
        switch consume result {
        case .loaded(let record):
            if let record, key.store == .records { noteLoaded(record, key, task) }
            loaded(.readable(record), key, task)
        case .failed(let error):
            noteStorageFailure(error, isWrite: false)
            loadFailed(error, key, task)
        case let other: answeredToAnother(other)
        }
    }

    /// What a task that writes has loaded is kept when it has written. A read that began before somebody's change of the
    /// key brings what was there before it, always before that change is said to be done: completions keep the order of
    /// their commands.
    private func noteLoaded(_ record: StoredRecord, _ key: StoreKey, _ task: KeyTask) {
        if case .read = task, !busyKeys.contains(key) { recent?.keep(record) }
    }

    private func answeredToAnother(_ result: StorageResult) {
        preconditionFailure("storage answered \(result) to another command")
    }

    private mutating func loadFailed(_ error: StorageError, _ key: StoreKey, _ task: KeyTask) {
        guard case .corrupt = error else {
            loaded(.unreadable, key, task)
            return
        }
        heal(key)
        switch task {
        case .read, .coordinate: loaded(.corrupt(nil), key, task)
        case .merge, .remove:
            // What takes its place has to know what the indexes have counted.
            let only = TokenRange(first: key.token, last: key.token)
            command(
                .scan(only, after: nil, limit: ReplicationLimits.scanPage), on: key.store,
                for: .scan(.corrupt(key, task)))
        }
    }

    mutating func noteStorageFailure(_ error: StorageError, isWrite: Bool) {
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

    /// A record that cannot be read answers no read and is not written over: the disk may give it back. One whose bytes
    /// are corrupt is gone, so a merge may take its place.
    mutating func loaded(_ found: LoadedRecord, _ key: StoreKey, _ task: KeyTask) {
        switch (task, found) {
        case (.read, .readable(let record)): finish(task, key, with: .held(record))
        case (.read, _): finish(task, key, with: .failed)
        case (.merge(let incoming, _), .readable(let record)): merge(incoming, into: record, key, task)
        case (.merge(let incoming, _), .corrupt(let lost)): merge(incoming, into: nil, insteadOf: lost, key, task)
        case (.coordinate(let id), .readable(let record)): coordinate(id, over: record, key, task)
        case (.coordinate(let id), _):
            failWrite(id, .unavailable("this replica's record of the key cannot be read"))
            release(key)
        case (.remove(let digest, _), .readable(let record?)) where record.digest == digest:
            apply(.remove(key.token, key.key), key, task, old: record, new: nil)
        case (.remove(let digest, _), .corrupt(let lost)) where digest == nil || digest == lost?.digest:
            apply(.remove(key.token, key.key), key, task, old: lost, new: nil)
        case (.remove, .readable(let record)):
            finish(task, key, with: .unchanged(record))
            release(key)
        case (.merge, .unreadable), (.remove, _):
            finish(task, key, with: .failed)
            release(key)
        }
    }

    /// - Parameter lost: the corrupt record that the merged one takes the place of.
    private mutating func merge(
        _ incoming: StoredRecord, into existing: StoredRecord?, insteadOf lost: StoredRecord? = nil, _ key: StoreKey,
        _ task: KeyTask
    ) {
        switch merged(incoming, into: existing) {
        case .changed(let record): apply(.put(record), key, task, old: existing ?? lost, new: record)
        case .unchanged:
            if let existing, key.store == .records { recent?.keep(existing) }
            finish(task, key, with: .unchanged(existing))
            release(key)
        case .failed:
            finish(task, key, with: .failed)
            release(key)
        }
    }

    enum Merged {
        case unchanged
        case changed(StoredRecord)
        case failed
    }

    /// What a record from elsewhere makes of the one that is held.
    mutating func merged(_ incoming: StoredRecord, into existing: StoredRecord?) -> Merged {
        guard Digest(ofBody: incoming.body) == incoming.digest else {
            outbox.append(.log(.warning("a record came with a digest that is not its body's; it is refused")))
            return .failed
        }
        guard let existing else { return .changed(incoming) }
        guard existing.digest != incoming.digest else { return .unchanged }
        do {
            let body = try resolver.merge(existing.body, incoming.body)
            // Nearly always the incoming one is the later: its digest has been checked, and is not made again.
            if body == incoming.body { return .changed(incoming) }
            let merged = try record(
                token: existing.token, key: existing.key, body: body, expiry: incoming.expiry)
            return merged.digest == existing.digest ? .unchanged : .changed(merged)
        } catch {
            outbox.append(.log(.warning("cannot merge the record of a key: \(error)")))
            return .failed
        }
    }

    mutating func apply(_ write: StorageWrite, _ key: StoreKey, _ task: KeyTask, old: StoredRecord?, new: StoredRecord?)
    {
        guard let resident else {
            command(.apply(write), on: key.store, for: .apply(key, task, old: old, new: new))
            return
        }
        do throws(StorageError) {
            try resident.apply(write, to: key.store)
            applied(key, task, old: old, new: new)
        } catch {
            noteStorageFailure(error, isWrite: true)
            finish(task, key, with: .failed)
        }
    }

    private mutating func applied(_ key: StoreKey, _ task: KeyTask, old: StoredRecord?, new: StoredRecord?) {
        if key.store == .records {
            if let new { recent?.keep(new) } else { recent?.forget(key.key, token: key.token) }
            changes.append(RecordChange(token: key.token, key: key.key, old: old?.digest, new: new?.digest))
        }
        finish(task, key, with: .changed(old: old, new: new))
        release(key)
    }

    /// Lets the next task of a key begin. One that ends at once releases the key again from within: that waits for this
    /// one's end, so that a long queue is no deep stack.
    mutating func release(_ key: StoreKey) {
        guard !busyKeys.isEmpty else { return }
        released.append(key)
        guard !isReleasing else { return }
        isReleasing = true
        while let next = released.popLast() { resume(next) }
        isReleasing = false
    }

    /// Reads that wait all begin at once, up to the next writer. Until none waits the key stays busy: what a task that
    /// ends at once brings about for it queues up.
    private mutating func resume(_ key: StoreKey) {
        while let next = busyKeys.nextWaiting(for: key) {
            queuedTasks -= 1
            begin(next, on: key)
            guard case .read = next else { return }
        }
        busyKeys.remove(key)
    }

    /// A record from a canonical body.
    func record(token: Token, key: Key, body: ByteBuffer, expiry: WallTime? = nil) throws(ResolverError) -> StoredRecord
    {
        StoredRecord(
            token: token, key: key, digest: Digest(ofBody: body), isTombstone: try resolver.isTombstone(body),
            expiry: expiry, body: body)
    }

    mutating func flushChanges() {
        guard !changes.isEmpty else { return }
        synchronizer.recordsChanged(changes)
        changes.removeAll(keepingCapacity: true)
    }

    private mutating func finish(_ task: KeyTask, _ key: StoreKey, with outcome: TaskOutcome) {
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

/// What a load brought.
enum LoadedRecord {
    case readable(StoredRecord?)
    /// The bytes are not what was written: the record is lost here, and this is what the engine's index knew of it.
    case corrupt(StoredRecord?)
    /// The disk did not answer: the record may be there.
    case unreadable
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
