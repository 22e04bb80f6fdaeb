internal import DequeModule
internal import Hashing
internal import StatorCore
internal import Storage
internal import Sync

/// The work on keys: one load-merge-apply at a time for each, from its load until the applied record has reached its
/// durability; later ones wait in the order of their arrival.
///
/// It owns the keys that are being changed and what waits for them, the commands that the stores have under way, and the
/// record cache. It alone decides whether something can be had now or later: a call returns its outcome where that is at
/// hand (the stores are in memory, or the record is in the cache) and `nil` where a store has to be asked; then
/// ``nextOutcome(_:)`` hands it out under the purpose that was given. It knows nothing of what is behind a purpose.
///
/// Rules (DESIGN, section 5): per key one load-merge-apply; reads see only what has reached its durability; what is
/// written over what cannot be read is a merge over corrupt bytes only.
struct KeyWork {
    /// The stores, where they are in memory.
    let resident: (any ResidentStorage)?
    /// Recently used records, where the stores are not in memory. Its loads and writes all go by tasks on keys, which see to it
    /// that nobody looks here for a key that is being written.
    private let recent: RecordCache?

    private var busyKeys = BusyKeys()
    private var queuedTasks = 0
    private var pendingStorage = NumberTable<StorageTicket, PendingStorage>()
    private var gathers = NumberTable<GatherID, Gather>()

    /// What has ended and was not handed out yet.
    private var ready = Deque<KeyOutcome>()
    /// Whose outcome was handed out last: the key is released when the next one is asked for.
    private var finished: StoreKey?
    /// Keys whose next task is to begin.
    private var released: [StoreKey] = []
    private var isReleasing = false
    /// A task that found corrupt bytes: it goes on once whoever heals them was told.
    private var metCorrupt: (key: StoreKey, task: KeyTask)?
    /// The key of which waiting reads are being begun.
    private var resuming: StoreKey?

    init(resident: (any ResidentStorage)?, cacheLimit: ByteCount) {
        self.resident = resident
        recent = resident == nil && cacheLimit.bytes > 0 ? RecordCache(limit: cacheLimit) : nil
    }

    /// Whether what is asked for comes at once, always.
    var answersAtOnce: Bool { resident != nil }

    /// No key is being changed.
    var isIdle: Bool { busyKeys.isEmpty }

    /// Tasks that wait, and commands that the stores have under way.
    var underWay: Int { queuedTasks + pendingStorage.count }

    var gathersUnderWay: Int { gathers.count }

    /// Whether ``nextOutcome(_:)`` has something to do.
    var hasOutcomes: Bool { !ready.isEmpty || !released.isEmpty || finished != nil }

    // MARK: Tasks

    /// Loads a key. A read of a key that nobody is changing starts at once and holds nobody up.
    mutating func read(
        _ key: StoreKey, for purpose: ReadPurpose, _ context: inout ShardContext
    ) -> TaskOutcome? {
        if let resident {
            return switch load(key, in: resident, &context) {
            case .readable(let record): .held(record)
            case .corrupt: .corrupt
            case .unreadable: .failed
            }
        }
        if busyKeys.contains(key) {
            wait(.read(purpose), for: key, &context)
            return nil
        }
        if let record = cached(key) { return .held(record) }
        command(.load(key.token, key.key), on: key.store, for: .load(key, .read(purpose)), &context)
        return nil
    }

    /// Merges a record into what is there.
    mutating func merge(
        _ incoming: StoredRecord, on key: StoreKey, for purpose: MergePurpose, _ context: inout ShardContext
    ) -> TaskOutcome? {
        if let resident { return merge(incoming, on: key, in: resident, &context) }
        let task = KeyTask.merge(incoming, purpose)
        guard take(key, for: task, &context) else { return nil }
        guard let record = cached(key) else {
            command(.load(key.token, key.key), on: key.store, for: .load(key, task), &context)
            return nil
        }
        let outcome = merge(incoming, into: record, insteadOf: nil, key, task, &context)
        if outcome != nil { release(key) }
        return outcome
    }

    /// Waits for a key's turn, to write something over what is there: by ``put(_:over:on:for:_:)``, or nothing after all:
    /// by ``release(_:)``.
    /// - Returns: what is there, where the turn has come.
    mutating func turn(on key: StoreKey, for id: RequestID, _ context: inout ShardContext) -> LoadedRecord? {
        if let resident { return load(key, in: resident, &context) }
        guard take(key, for: .coordinate(id), &context) else { return nil }
        if let record = cached(key) { return .readable(record) }
        command(.load(key.token, key.key), on: key.store, for: .load(key, .coordinate(id)), &context)
        return nil
    }

    /// Writes what the key's turn was for.
    mutating func put(
        _ record: StoredRecord, over existing: StoredRecord?, on key: StoreKey, for id: RequestID,
        _ context: inout ShardContext
    ) -> TaskOutcome? {
        guard let resident else {
            command(
                .apply(.put(record)), on: key.store,
                for: .apply(key, .coordinate(id), old: existing, new: record), &context)
            return nil
        }
        return apply(.put(record), key, old: existing, new: record, in: resident, &context)
    }

    /// Forgets a key if its digest is still this one, or for `nil` only if its record is corrupt.
    mutating func remove(
        _ digest: Digest?, on key: StoreKey, for purpose: RemovePurpose, _ context: inout ShardContext
    ) -> TaskOutcome? {
        let task = KeyTask.remove(digest, purpose)
        if let resident {
            let found = load(key, in: resident, &context)
            return remove(digest, found, key, task, &context)
        }
        guard take(key, for: task, &context) else { return nil }
        guard let record = cached(key) else {
            command(.load(key.token, key.key), on: key.store, for: .load(key, task), &context)
            return nil
        }
        let outcome = remove(digest, .readable(record), key, task, &context)
        if outcome != nil { release(key) }
        return outcome
    }

    /// Loads several keys.
    /// - Returns: all of them, where they are at hand.
    mutating func gather(
        _ keys: [StoreKey], for purpose: Gather.Purpose, _ context: inout ShardContext
    ) -> Gather? {
        load(keys, rest: [], for: purpose, &context)
    }

    /// Loads so many of several keys as a message holds, planned by their sizes: see ``PagePlan``.
    /// - Returns: all of those, where they are at hand; ``Gather/rest`` names the others.
    mutating func gather(
        _ keys: [StoreKey], atMost bytes: Int, for purpose: Gather.Purpose, _ context: inout ShardContext
    ) -> Gather? {
        guard let first = keys.first else { return Gather(remaining: 0, purpose: purpose) }
        guard let resident else {
            command(
                .measure(keys.map { ($0.token, $0.key) }), on: first.store,
                for: .measure(keys, atMost: bytes, purpose), &context)
            return nil
        }
        let sizes = keys.map { resident.metadata(of: $0.key, token: $0.token, in: $0.store)?.bytes ?? 0 }
        return load(keys, of: sizes, atMost: bytes, for: purpose, &context)
    }

    mutating func load(
        _ keys: [StoreKey], of sizes: [Int], atMost bytes: Int, for purpose: Gather.Purpose,
        _ context: inout ShardContext
    ) -> Gather? {
        let count = PagePlan.count(sizes, atMost: bytes)
        if count < keys.count { context.reach(.messageCut) }
        return load(keys[..<count], rest: keys[count...], for: purpose, &context)
    }

    private mutating func load(
        _ keys: some RandomAccessCollection<StoreKey>, rest: ArraySlice<StoreKey>, for purpose: Gather.Purpose,
        _ context: inout ShardContext
    ) -> Gather? {
        var gather = Gather(remaining: keys.count, rest: rest, purpose: purpose)
        guard !keys.isEmpty else { return gather }
        let id = GatherID(number: context.newRequestID().number)
        for key in keys {
            if let outcome = read(key, for: .gather(id), &context) { gather.note(outcome) }
        }
        if gather.remaining == 0 { return gather }
        gathers[id] = gather
        return nil
    }

    /// Lists a range of a store.
    mutating func scan(
        _ range: TokenRange, after cursor: ScanCursor?, limit: Int, in store: StoreName, for purpose: ScanPurpose,
        _ context: inout ShardContext
    ) {
        command(.scan(range, after: cursor, limit: limit), on: store, for: .scan(purpose), &context)
    }

    mutating func command(
        _ command: StorageCommand, on store: StoreName, for purpose: PendingStorage, _ context: inout ShardContext
    ) {
        let ticket = StorageTicket(context.newRequestID().number)
        pendingStorage.insert(ticket, purpose)
        context.outbox.append(.storage(ticket, store, command))
    }

    /// Writes down something that is no key of the store. Where that fails the next note takes its place.
    mutating func note(_ record: StoredRecord, in store: StoreName, _ context: inout ShardContext) {
        guard resident == nil else { return }
        command(.apply(.put(record)), on: store, for: .note, &context)
    }

    mutating func takePending(_ ticket: StorageTicket) -> PendingStorage? {
        pendingStorage.removeValue(forKey: ticket)
    }

    /// - Returns: the gather, once its last load has come in.
    mutating func note(_ outcome: TaskOutcome, in id: GatherID) -> Gather? {
        guard var gather = gathers.removeValue(forKey: id) else { return nil }
        gather.note(outcome)
        if gather.remaining == 0 { return gather }
        gathers[id] = gather
        return nil
    }

    /// Has an outcome handed out.
    mutating func hand(_ outcome: KeyOutcome) { ready.append(outcome) }

    // MARK: The record cache

    private func cached(_ key: StoreKey) -> StoredRecord? {
        key.store == .records ? recent?.record(for: key.key, token: key.token) : nil
    }

    /// What a task that writes has loaded is kept when it has written. A read that began before somebody's change of the
    /// key brings what was there before it, always before that change is said to be done: completions keep the order of
    /// their commands.
    func noteLoaded(_ record: StoredRecord, _ key: StoreKey, _ task: KeyTask) {
        guard key.store == .records, case .read = task, !busyKeys.contains(key) else { return }
        recent?.keep(record)
    }

    /// The store holds this.
    func keep(_ record: StoredRecord) { recent?.keep(record) }

    func forget(_ key: StoreKey) { recent?.forget(key.key, token: key.token) }

    func noteApplied(
        _ key: StoreKey, old: StoredRecord?, new: StoredRecord?, _ context: inout ShardContext
    ) {
        guard key.store == .records else { return }
        if let new { recent?.keep(new) } else { forget(key) }
        context.changes.append(
            RecordChange(token: key.token, key: key.key, old: old?.digest, new: new?.digest))
    }

    // MARK: Taking turns

    /// - Returns: whether the key was free; otherwise the task waits for it.
    private mutating func take(_ key: StoreKey, for task: KeyTask, _ context: inout ShardContext) -> Bool {
        if busyKeys.contains(key) {
            wait(task, for: key, &context)
            return false
        }
        busyKeys.insert(key)
        return true
    }

    private mutating func wait(_ task: KeyTask, for key: StoreKey, _ context: inout ShardContext) {
        context.reach(.taskWaits)
        busyKeys.append(task, to: key)
        queuedTasks += 1
    }

    /// Lets the next task of a key begin, when the next outcome is asked for: a long queue of tasks that end at once is
    /// no deep stack then.
    mutating func release(_ key: StoreKey) {
        guard !busyKeys.isEmpty else { return }
        if isReleasing || busyKeys.isWaitedFor(key) {
            released.append(key)
        } else {
            busyKeys.remove(key)
        }
    }

    /// What ended last, in the order in which it ended. Who handles it may begin more work; when the next one is asked
    /// for, the key of this one goes to the task that has waited longest.
    mutating func nextOutcome(_ context: inout ShardContext) -> KeyOutcome? {
        if let key = finished.take() {
            guard !busyKeys.isEmpty else { return nextReady() }
            released.append(key)
        }
        while true {
            if let outcome = nextReady() { return outcome }
            scanMetCorrupt(&context)
            guard let key = resuming.take() ?? released.popLast() else {
                isReleasing = false
                return nil
            }
            isReleasing = true
            resume(key, &context)
        }
    }

    /// What takes the place of corrupt bytes has to know what the indexes have counted.
    private mutating func scanMetCorrupt(_ context: inout ShardContext) {
        guard let (key, task) = metCorrupt.take() else { return }
        let only = TokenRange(first: key.token, last: key.token)
        scan(only, after: nil, limit: ReplicationLimits.scanPage, in: key.store, for: .corrupt(key, task), &context)
    }

    /// Has a task that found corrupt bytes go on after the outcome that tells of them.
    mutating func goOn(_ task: KeyTask, overCorrupt key: StoreKey) { metCorrupt = (key, task) }

    private mutating func nextReady() -> KeyOutcome? {
        guard let outcome = ready.popFirst() else { return nil }
        finished = outcome.releasedKey
        return outcome
    }

    /// Reads that wait all begin at once, up to the next writer. Until none waits the key stays busy: what a task that
    /// ends at once brings about for it queues up.
    private mutating func resume(_ key: StoreKey, _ context: inout ShardContext) {
        guard let next = busyKeys.nextWaiting(for: key) else {
            busyKeys.remove(key)
            return
        }
        queuedTasks -= 1
        if case .read = next {
            resuming = key
            if busyKeys.isWaitedFor(key) { context.reach(.readsBegunTogether) }
        }
        if let record = cached(key) {
            loaded(.readable(record), key, next, &context)
        } else {
            command(.load(key.token, key.key), on: key.store, for: .load(key, next), &context)
        }
    }
}
