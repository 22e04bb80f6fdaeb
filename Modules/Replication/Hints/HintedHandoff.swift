internal import NIOCore
internal import Partitioning
internal import StatorCore

/// A hint on its way: to its target, or, where that owns the key no more, to all who do; and one that has waited for too
/// long to those owners that can be reached.
struct HintDelivery {
    let target: NodeID
    let key: Key
    let token: Token
    let digest: Digest
    let epoch: Epoch
    let bytes: Int
    var waiting: [NodeID]
    /// How the hint ends once all have confirmed it; `nil` where it is kept all the same.
    let end: HintEnd?
}

/// Hinted handoff: keeps writes for owners that cannot be reached, and hands them over when they can.
///
/// It owns the book of hints and the deliveries under way. The hints themselves are in the hint store, reached by work on
/// keys.
///
/// Rules (DESIGN, section 5): a full store refuses new hints; deliveries to a target keep to a window, and the receiver
/// sets the pace; a hint is forgotten only when its target, or where that owns the key no more all who do, have confirmed
/// that they hold it durably; no age ends one: past it the owners at hand get it as well; every hint is counted once.
struct HintedHandoff {
    private var book = HintBook()
    private var deliveries = NumberTable<RequestID, HintDelivery>()
    /// How many are under way to each target, and their bytes.
    private var deliveriesByTarget: [NodeID: (count: Int, bytes: Int)] = [:]
    private var deliveryKeys: Set<DeliveryKey> = []
    private var isDelivering = false
    private var earlierAges = HintAges()
    private var agesLookedAt: Instant?
    private var warnedOf: Set<NodeID> = []

    /// What waits, by target, sorted.
    var summary: [HintBacklog] { book.summary }

    var deliveriesUnderWay: Int { deliveries.count }

    /// For whom hints of a key are kept, sorted.
    func targets(of key: Key) -> [NodeID] {
        book.targets.filter { book.entry($0, key) != nil }
    }

    // MARK: Keeping

    /// Whether this node may keep another hint. One that leaves and has said that it holds none keeps none any more.
    func takesHints(_ context: inout ShardContext) -> Bool {
        guard !context.hasHandedHintsOver, context.takesWrites(.hints) else { return false }
        let maximum = context.blueprint.hints.maximumBytes
        let isFull = isFull(context)
        if isFull != context.areHintsFull { logFullness(isFull, maximum, &context) }
        return !isFull
    }

    private func logFullness(_ isFull: Bool, _ maximum: ByteCount, _ context: inout ShardContext) {
        context.areHintsFull = isFull
        let entry: ShardLogEntry =
            isFull
            ? .warning(
                "shard \(context.shard) keeps no more hints: those waiting have the \(maximum.bytes) bytes that it may keep"
            )
            : .info("shard \(context.shard) keeps hints again")
        context.outbox.append(.log(entry))
    }

    func isFull(_ context: ShardContext) -> Bool {
        book.totalBytes >= context.blueprint.hints.maximumBytes.bytes
    }

    /// A task on the hint store ended: count the hint that is there now.
    mutating func noteStored(
        _ key: StoreKey, _ outcome: TaskOutcome, _ context: inout ShardContext, _ keys: inout KeyWork
    ) {
        guard case .changed(_, let stored?) = outcome, let hint = HintKey.decoded(key.key) else { return }
        context.counters.hintsCreated += 1
        let bytes = stored.body.readableBytes + key.key.bytes.readableBytes
        let entry = HintBook.Entry(
            token: key.token, key: hint.key, digest: stored.digest, bytes: bytes, since: context.now.monotonic)
        insert(entry, for: hint.target, &context)
        if context.canStore(hint.target) { deliver(to: hint.target, &context, &keys) }
    }

    private mutating func insert(_ entry: HintBook.Entry, for target: NodeID, _ context: inout ShardContext) {
        guard book.insert(target, entry) else {
            context.hintsKept += 1
            return
        }
        context.counters.hintsSuperseded += 1
        context.reach(.hintSuperseded)
    }

    /// Hints of an earlier life, found in the hint store at start. None is read: a delivery finds out whether it can be.
    /// - Parameters:
    ///   - entries: a page of the store.
    ///   - ages: what was written down of them, where that lies in this page and can be read.
    mutating func carryOver(_ entries: [RecordMetadata], ages: StoredRecord?, _ context: inout ShardContext) {
        if let ages { earlierAges.read(ages) }
        for stored in entries {
            guard let hint = HintKey.decoded(stored.key) else { continue }
            context.counters.hintsCarriedOver += 1
            context.reach(.hintsCarriedOver)
            let age = earlierAges.age(for: hint.target)
            let entry = HintBook.Entry(
                token: stored.token, key: hint.key, digest: stored.digest, bytes: stored.bytes,
                since: context.now.monotonic.advanced(by: .zero - age))
            if !book.insert(hint.target, entry) { context.hintsKept += 1 }
        }
    }

    // MARK: Ages

    /// Looks from time to time how long hints have waited, writes it down, and warns.
    private mutating func noteAges(_ context: inout ShardContext, _ keys: inout KeyWork) {
        let now = context.now.monotonic
        let longest = context.blueprint.hints.maximumAge
        let step = max(longest / ReplicationLimits.hintAgeSteps, ReplicationLimits.shortestHintAgeStep)
        guard agesLookedAt.map({ now.elapsed(since: $0) >= step }) ?? true else { return }
        agesLookedAt = now
        let ages = book.takeAges(at: now)
        warnedOf.formIntersection(ages.filter { $0.age >= longest }.map(\.target))
        for (target, age) in ages where age >= longest && warnedOf.insert(target).inserted {
            context.outbox.append(
                .log(
                    .warning(
                        """
                        \(book.count(for: target)) hints wait for \(target), the oldest for \(age.nanoseconds / 1_000_000_000) s: \
                        they are kept, and the other owners of their keys get them as well
                        """)))
        }
        guard !ages.isEmpty else { return }
        keys.note(HintAges.record(ages, token: context.shardRange.first), in: .hints, &context)
    }

    // MARK: Delivering

    mutating func deliver(_ context: inout ShardContext, _ keys: inout KeyWork) {
        guard !context.isStarting, !context.isStopping else { return }
        noteAges(&context, &keys)
        for target in book.targets { deliver(to: target, &context, &keys) }
    }

    /// Starts deliveries to a target up to its window. The receiver sets the pace: the next one starts when one ends.
    mutating func deliver(to target: NodeID, _ context: inout ShardContext, _ keys: inout KeyWork) {
        guard !context.isStarting, !context.isStopping else { return }
        let window = context.blueprint.hints.deliveryWindow
        var tries = min(window - (deliveriesByTarget[target]?.count ?? 0), book.count(for: target))
        // With stores in memory a delivery can end while it is begun: the next ones are begun here, not within it.
        isDelivering = true
        defer { isDelivering = false }
        while tries > 0, (deliveriesByTarget[target]?.bytes ?? 0) < ReplicationLimits.deliveryBytes,
            let entry = book.rotate(target)
        {
            tries -= 1
            beginDelivery(of: entry, for: target, &context, &keys)
        }
    }

    private mutating func beginDelivery(
        of entry: HintBook.Entry, for target: NodeID, _ context: inout ShardContext, _ keys: inout KeyWork
    ) {
        guard !deliveryKeys.contains(DeliveryKey(target: target, key: entry.key)) else { return }
        if let retryAt = entry.retryAt, context.now.monotonic < retryAt { return }
        guard let (receivers, end) = receivers(of: entry, for: target, &context) else {
            return context.reach(.deliveryWithoutReceivers)
        }
        let id = context.newRequestID()
        deliveries[id] = HintDelivery(
            target: target, key: entry.key, token: entry.token, digest: entry.digest, epoch: context.epoch,
            bytes: entry.bytes, waiting: receivers, end: end)
        let underWay = deliveriesByTarget[target] ?? (0, 0)
        deliveriesByTarget[target] = (underWay.count + 1, underWay.bytes + entry.bytes)
        deliveryKeys.insert(DeliveryKey(target: target, key: entry.key))
        context.deadlines.insert(
            .delivery(id), due: context.now.monotonic.advanced(by: context.settings.requestTimeout))
        let hint = StoreKey.hint(for: target, entry.token, entry.key)
        if let gather = keys.gather([hint], for: .delivery(id), &context) { send(id, gather, &context, &keys) }
    }

    /// Who is to get a hint now, and how it ends when they have it; `nil` for nobody.
    private func receivers(
        of entry: HintBook.Entry, for target: NodeID, _ context: inout ShardContext
    ) -> (nodes: [NodeID], end: HintEnd?)? {
        guard let cluster = context.cluster, let placement = cluster.placement else { return nil }
        let owners = placement.preferenceList(for: entry.token).replicas
        let nextOwners = cluster.nextPlacement?.preferenceList(for: entry.token).replicas
        if owners.contains(target) || nextOwners?.contains(target) == true {
            if context.canStore(target) { return ([target], .delivered) }
        } else if owners.allSatisfy({ context.canStore($0) }) {
            return (Array(owners), .covered)
        }
        let age = context.now.monotonic.elapsed(since: entry.since)
        guard age >= context.blueprint.hints.maximumAge else { return nil }
        let epoch = context.epoch
        let others = owners.filter { context.canStore($0) && !entry.sharing.holds($0, in: epoch) }
        return others.isEmpty ? nil : (Array(others), nil)
    }

    /// The hint was loaded: send it to all who are to get it.
    mutating func send(
        _ id: RequestID, _ gather: Gather, _ context: inout ShardContext, _ keys: inout KeyWork
    ) {
        guard let delivery = deliveries[id] else { return }
        context.noteRead(gather.records)
        let hint = StoreKey.hint(for: delivery.target, delivery.token, delivery.key)
        // A corrupt hint can never be delivered: anti-entropy has to do its work.
        if gather.failures > 0 {
            context.reach(.hintUnreadable)
            remove(hint, digest: nil, because: .cancelled, &context, &keys)
        }
        guard let stored = gather.records.first, stored.digest == delivery.digest else {
            context.reach(.hintSupersededInDelivery)
            // Superseded meanwhile: the next round takes what is there then.
            endDelivery(id, isDone: false, &context, &keys)
            return
        }
        let record = StoredRecord(
            token: stored.token, key: delivery.key, digest: stored.digest, isTombstone: stored.isTombstone,
            expiry: nil, body: stored.body)
        for receiver in delivery.waiting {
            if receiver == context.node {
                let key = StoreKey.records(record.token, record.key)
                if let outcome = keys.merge(record, on: key, for: .hintRelay(id), &context) {
                    finishRelay(id, outcome, &context, &keys)
                }
            } else {
                let write = ReplicaWrite(
                    request: id, epoch: context.epoch, purpose: .hintDelivery, record: record, hintFor: nil)
                context.noteRepairSent([record])
                context.send(.write(write), to: receiver)
            }
        }
    }

    /// A receiver has answered.
    mutating func receiveReply(
        _ id: RequestID, _ outcome: WriteOutcome, from sender: NodeID, _ context: inout ShardContext,
        _ keys: inout KeyWork
    ) {
        let isStored = if case .stored = outcome { true } else { false }
        note(id, isStored: isStored, isLasting: outcome == .refused(.storageFailed), by: sender, &context, &keys)
    }

    /// This node's own part in handing on a hint whose target is no owner any more.
    mutating func finishRelay(
        _ id: RequestID, _ outcome: TaskOutcome, _ context: inout ShardContext, _ keys: inout KeyWork
    ) {
        note(id, isStored: !outcome.isFailure, isLasting: outcome.isFailure, by: context.node, &context, &keys)
    }

    /// - Parameter isLasting: whether a refusal will hardly have passed by the next round.
    private mutating func note(
        _ id: RequestID, isStored: Bool, isLasting: Bool, by receiver: NodeID, _ context: inout ShardContext,
        _ keys: inout KeyWork
    ) {
        guard let delivery = deliveries[id], delivery.waiting.contains(receiver) else { return }
        guard isStored else {
            context.reach(.deliveryRefused)
            if isLasting { leaveAlone(delivery, &context) }
            endDelivery(id, isDone: false, &context, &keys)
            return
        }
        deliveries[id]?.waiting.removeAll { $0 == receiver }
        if delivery.end == nil {
            context.reach(.hintShared)
            book.noteShared(delivery.target, delivery.key, delivery.digest, with: receiver, in: delivery.epoch)
        }
        if deliveries[id]?.waiting.isEmpty == true {
            if let end = delivery.end {
                if end == .covered { context.reach(.hintRelayed) }
                let hint = StoreKey.hint(for: delivery.target, delivery.token, delivery.key)
                remove(hint, digest: delivery.digest, because: end, &context, &keys)
            }
            endDelivery(id, isDone: true, &context, &keys)
        }
    }

    /// A hint that its receiver cannot store is tried again after a pause that doubles, to a length that its bytes are worth.
    private mutating func leaveAlone(_ delivery: HintDelivery, _ context: inout ShardContext) {
        guard let entry = book.entry(delivery.target, delivery.key) else { return }
        let longest = ReplicationLimits.longestHintPause(bytes: entry.bytes)
        let pause = min(context.blueprint.hints.deliveryInterval * (1 << min(entry.refusals, 16)), longest)
        let retryAt = context.now.monotonic.advanced(by: context.random.jittered(pause))
        book.noteRefused(delivery.target, delivery.key, delivery.digest, until: retryAt)
    }

    /// Forgets a hint unless a newer one has taken its place.
    private mutating func remove(
        _ hint: StoreKey, digest: Digest?, because end: HintEnd, _ context: inout ShardContext, _ keys: inout KeyWork
    ) {
        let outcome = keys.remove(digest, on: hint, for: .hintDone(end), &context)
        if let outcome { finishRemove(hint, end, outcome, &context) }
    }

    /// A hint was to be forgotten.
    mutating func finishRemove(
        _ hint: StoreKey, _ end: HintEnd, _ outcome: TaskOutcome, _ context: inout ShardContext
    ) {
        guard case .changed = outcome, let name = HintKey.decoded(hint.key) else { return }
        guard book.remove(name.target, name.key) else { return }
        switch end {
        case .delivered: context.counters.hintsDelivered += 1
        case .covered: context.counters.hintsCovered += 1
        case .cancelled: context.counters.hintsCancelled += 1
        }
        context.hintsKept -= 1
        context.hasHintEnded = true
    }

    /// The time for a delivery is over.
    mutating func passDeadline(
        _ id: RequestID, _ context: inout ShardContext, _ keys: inout KeyWork
    ) {
        if deliveries.contains(id) { context.reach(.deliveryTimedOut) }
        endDelivery(id, isDone: false, &context, &keys)
    }

    private mutating func endDelivery(
        _ id: RequestID, isDone: Bool, _ context: inout ShardContext, _ keys: inout KeyWork
    ) {
        guard let delivery = deliveries.removeValue(forKey: id) else { return }
        if let underWay = deliveriesByTarget[delivery.target] {
            deliveriesByTarget[delivery.target] =
                underWay.count > 1 ? (underWay.count - 1, underWay.bytes - delivery.bytes) : nil
        }
        deliveryKeys.remove(DeliveryKey(target: delivery.target, key: delivery.key))
        guard isDone else { return }
        if isDelivering {
            context.setTimer(.hintDelivery, after: .zero)
        } else {
            deliver(to: delivery.target, &context, &keys)
        }
    }

    /// A receiver cannot be reached any more.
    mutating func lose(_ peer: NodeID, _ context: inout ShardContext, _ keys: inout KeyWork) {
        for id in deliveries.sortedNames where deliveries[id]?.waiting.contains(peer) == true {  // ordered: sorted
            context.reach(.deliveryLost)
            endDelivery(id, isDone: false, &context, &keys)
        }
    }
}

/// A hint that is being delivered; at most one delivery of it at a time.
struct DeliveryKey: Hashable {
    let target: NodeID
    let key: Key
}

extension ShardContext {
    /// A record as the hint store keeps it: under the hint's name.
    func hintRecord(_ record: StoredRecord, _ key: StoreKey) -> StoredRecord {
        StoredRecord(
            token: record.token, key: key.key, digest: record.digest, isTombstone: record.isTombstone,
            expiry: record.expiry, body: record.body)
    }

    /// Whether this node leaves and has said that it keeps no hints any more.
    var hasHandedHintsOver: Bool {
        guard let cluster, streamedEpoch == cluster.epoch else { return false }
        return cluster.view.member(node)?.status == .leaving
    }
}

extension ShardBase {
    /// A task on the hint store ended.
    mutating func noteHintStored(_ key: StoreKey, _ outcome: TaskOutcome) {
        hints.noteStored(key, outcome, &context, &keys)
    }
}
