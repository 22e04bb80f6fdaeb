internal import ConflictResolution
internal import Hashing
internal import NIOCore
internal import StatorCore
internal import Storage
internal import Sync

/// What the stores answer, and what a task makes of what was loaded.
extension KeyWork {
    mutating func complete(
        _ ticket: StorageTicket, _ result: consuming StorageResult, _ context: inout ShardContext
    ) {
        guard let pending = takePending(ticket) else { return }
        switch pending {
        case .load(let key, let task): completeLoad(key, task, result, &context)
        case .apply(let key, let task, let old, let new):
            switch result {
            case .applied:
                if new != nil { context.noteTaken(key.store) }
                noteApplied(key, old: old, new: new, &context)
                finish(task, key, with: .changed(old: old, new: new))
            case .refused(let error):
                context.reach(.applyRefused)
                noteRefusal(error, of: key.store, &context)
                finish(task, key, with: .refused)
            case .failed(let error):
                // Part of it may be on the disk.
                context.reach(.applyFailed)
                if key.store == .records {
                    context.reach(.cachedForgotten)
                    forget(key)
                }
                noteFailure(error, writing: key.store, &context)
                finish(task, key, with: .failed)
            default: answeredToAnother(result)
            }
        case .note:
            if case .failed(let error) = result { noteFailure(error, writing: .hints, &context) }
        case .measure(let keys, let bytes, let purpose):
            switch result {
            case .measured(let sizes):
                if let gather = load(keys, of: sizes, atMost: bytes, for: purpose, &context) { hand(.gathered(gather)) }
            case .failed(let error):
                noteFailure(error, &context)
                hand(.gathered(Gather(failedFor: purpose)))
            default: answeredToAnother(result)
            }
        case .scan(let purpose):
            switch result {
            case .scanned(let entries, let next): scanned(purpose, entries, next: next, &context)
            case .failed(let error):
                noteFailure(error, &context)
                scanFailed(purpose, &context)
            default: answeredToAnother(result)
            }
        }
    }

    private mutating func completeLoad(
        _ key: StoreKey, _ task: KeyTask, _ result: consuming StorageResult, _ context: inout ShardContext
    ) {
        switch consume result {
        case .loaded(let record):
            if let record { noteLoaded(record, key, task) }
            loaded(.readable(record), key, task, &context)
        case .failed(let error):
            noteFailure(error, &context)
            loadFailed(error, key, task, &context)
        case let other: answeredToAnother(other)
        }
    }

    private func answeredToAnother(_ result: StorageResult) {
        preconditionFailure("storage answered \(result) to another command")
    }

    private mutating func loadFailed(
        _ error: StorageError, _ key: StoreKey, _ task: KeyTask, _ context: inout ShardContext
    ) {
        guard case .corrupt = error else {
            context.reach(.loadFailed)
            loaded(.unreadable, key, task, &context)
            return
        }
        context.reach(.loadCorrupt)
        hand(.corrupt(key))
        switch task {
        case .read, .coordinate: loaded(.corrupt(nil), key, task, &context)
        case .merge, .remove: goOn(task, overCorrupt: key)
        }
    }

    private mutating func scanned(
        _ purpose: ScanPurpose, _ entries: [RecordMetadata], next: ScanCursor?, _ context: inout ShardContext
    ) {
        guard case .corrupt(let key, let task) = purpose else {
            return hand(.scanned(purpose, entries, next: next))
        }
        let known = entries.first { $0.key == key.key }
        loaded(.corrupt(known.map { StoredRecord(lost: $0) }), key, task, &context)
    }

    private mutating func scanFailed(_ purpose: ScanPurpose, _ context: inout ShardContext) {
        context.reach(.scanFailed)
        guard case .corrupt(let key, let task) = purpose else { return hand(.scanFailed(purpose)) }
        loaded(.unreadable, key, task, &context)
    }

    /// What cannot be stored at all says nothing of the store, nor does a queue that is full for the moment.
    private func noteRefusal(_ error: StorageError, of store: StoreName, _ context: inout ShardContext) {
        context.counters.storageFailures += 1
        context.refusalReason = "\(error)"
        switch error {
        case .unsupported: context.outbox.append(.log(.error("\(error)")))
        case .disk(let error) where error.errorNumber == DiskError.tryAgain: break
        case .disk, .corrupt, .failed: context.noteRefused(store, error)
        }
    }

    /// - Parameter writing: the store that a write has failed in. The record store decides whether the shard runs; without the
    ///   hint store it keeps no hints.
    private func noteFailure(
        _ error: StorageError, writing store: StoreName? = nil, _ context: inout ShardContext
    ) {
        if case .corrupt = error {
            context.counters.corruptRecords += 1
            context.noteForgotten()
            context.outbox.append(.log(.warning("\(error)")))
            return
        }
        context.counters.storageFailures += 1
        context.outbox.append(.log(.error("\(error)")))
        guard let store else { return }
        guard case .failed(let reason) = error else { return context.noteRefused(store, error) }
        if store == .records { context.storageFailure = reason } else { context.hintFailure = reason }
    }

    // MARK: What was loaded

    /// A record that cannot be read answers no read and is not written over: the disk may give it back. One whose bytes
    /// are corrupt is gone, so a merge may take its place.
    mutating func loaded(_ found: LoadedRecord, _ key: StoreKey, _ task: KeyTask, _ context: inout ShardContext) {
        switch task {
        case .read:
            let outcome: TaskOutcome =
                switch found {
                case .readable(let record): .held(record)
                case .corrupt: .corrupt
                case .unreadable: .failed
                }
            finish(task, key, with: outcome)
        case .coordinate(let id): hand(.turn(id, key, found))
        case .merge(let incoming, _):
            let outcome: TaskOutcome? =
                switch found {
                case .readable(let record): merge(incoming, into: record, insteadOf: nil, key, task, &context)
                case .corrupt(let lost): merge(incoming, into: nil, insteadOf: lost, key, task, &context)
                case .unreadable: .failed
                }
            if let outcome { finish(task, key, with: outcome) }
        case .remove(let digest, _):
            if let outcome = remove(digest, found, key, task, &context) { finish(task, key, with: outcome) }
        }
    }

    /// - Parameter lost: the corrupt record that the merged one takes the place of.
    /// - Returns: `nil` while the merged record is being written.
    mutating func merge(
        _ incoming: StoredRecord, into existing: StoredRecord?, insteadOf lost: StoredRecord?, _ key: StoreKey,
        _ task: KeyTask, _ context: inout ShardContext
    ) -> TaskOutcome? {
        switch context.merged(incoming, into: existing) {
        case .changed(let record):
            if lost != nil { context.reach(.corruptReplaced) }
            return apply(.put(record), key, task, old: existing ?? lost, new: record, &context)
        case .unchanged:
            context.reach(.mergeUnchanged)
            if let existing, key.store == .records { keep(existing) }
            return .unchanged(existing)
        case .failed: return .failed
        }
    }

    /// - Returns: `nil` while the removal is being written.
    mutating func remove(
        _ digest: Digest?, _ found: LoadedRecord, _ key: StoreKey, _ task: KeyTask, _ context: inout ShardContext
    ) -> TaskOutcome? {
        switch found {
        case .readable(let record?) where record.digest == digest:
            return apply(.remove(key.token, key.key), key, task, old: record, new: nil, &context)
        case .corrupt(let lost) where digest == nil || digest == lost?.digest:
            context.reach(.removalOfCorrupt)
            return apply(.remove(key.token, key.key), key, task, old: lost, new: nil, &context)
        case .readable(let record):
            context.reach(.removalSuperseded)
            return .unchanged(record)
        case .corrupt, .unreadable: return .failed
        }
    }

    private mutating func apply(
        _ write: StorageWrite, _ key: StoreKey, _ task: KeyTask, old: StoredRecord?, new: StoredRecord?,
        _ context: inout ShardContext
    ) -> TaskOutcome? {
        if let resident { return apply(write, key, old: old, new: new, in: resident, &context) }
        // What is removed makes room.
        if case .put = write, !context.takesWrites(key.store) { return .refused }
        command(.apply(write), on: key.store, for: .apply(key, task, old: old, new: new), &context)
        return nil
    }

    private mutating func finish(_ task: KeyTask, _ key: StoreKey, with outcome: TaskOutcome) {
        switch task {
        case .read(.gather(let id)):
            if let gather = note(outcome, in: id) { hand(.gathered(gather)) }
        case .read(let purpose): hand(.read(purpose, outcome))
        case .merge(let incoming, let purpose): hand(.merged(key, incoming, purpose, outcome))
        case .coordinate(let id): hand(.coordinated(id, key, outcome))
        case .remove(_, let purpose): hand(.removed(key, purpose, outcome))
        }
    }

    // MARK: Stores in memory

    mutating func load(
        _ key: StoreKey, in storage: any ResidentStorage, _ context: inout ShardContext
    ) -> LoadedRecord {
        do throws(StorageError) {
            return .readable(try storage.record(for: key.key, token: key.token, in: key.store))
        } catch {
            noteFailure(error, &context)
            guard case .corrupt = error else { return .unreadable }
            hand(.corrupt(key))
            let lost = storage.metadata(of: key.key, token: key.token, in: key.store)
            return .corrupt(lost.map { StoredRecord(lost: $0) })
        }
    }

    mutating func merge(
        _ incoming: StoredRecord, on key: StoreKey, in storage: any ResidentStorage, _ context: inout ShardContext
    ) -> TaskOutcome {
        let existing: StoredRecord?
        var lost: StoredRecord?
        switch load(key, in: storage, &context) {
        case .readable(let record): existing = record
        case .corrupt(let record):
            existing = nil
            lost = record
        case .unreadable: return .failed
        }
        switch context.merged(incoming, into: existing) {
        case .changed(let record):
            return apply(.put(record), key, old: existing ?? lost, new: record, in: storage, &context)
        case .unchanged: return .unchanged(existing)
        case .failed: return .failed
        }
    }

    mutating func apply(
        _ write: StorageWrite, _ key: StoreKey, old: StoredRecord?, new: StoredRecord?,
        in storage: any ResidentStorage, _ context: inout ShardContext
    ) -> TaskOutcome {
        do throws(StorageError) {
            try storage.apply(write, to: key.store)
        } catch {
            noteFailure(error, writing: key.store, &context)
            return .failed
        }
        if key.store == .records {
            context.changes.append(
                RecordChange(token: key.token, key: key.key, old: old?.digest, new: new?.digest))
        }
        return .changed(old: old, new: new)
    }

    /// The body alone, where it is at hand.
    func body(of key: Key, token: Token) -> HeldBody? {
        guard let resident else { return nil }
        do throws(StorageError) {
            return HeldBody(body: try resident.body(for: key, token: token, in: .records))
        } catch {
            return nil
        }
    }

    /// Whether it is at hand that a key's record is this one; `false` where a load has to tell.
    func isHeld(_ digest: Digest, _ key: Key, token: Token) -> Bool {
        guard let resident else { return false }
        do throws(StorageError) {
            return try resident.digest(for: key, token: token, in: .records) == digest
        } catch {
            return false
        }
    }
}

/// What a store holds under a key.
struct HeldBody {
    let body: ByteBuffer?
}

extension StoredRecord {
    /// What is left of a corrupt record: all but its body.
    init(lost metadata: RecordMetadata) {
        self.init(
            token: metadata.token, key: metadata.key, digest: metadata.digest, isTombstone: metadata.isTombstone,
            expiry: nil, body: ByteBuffer())
    }
}
