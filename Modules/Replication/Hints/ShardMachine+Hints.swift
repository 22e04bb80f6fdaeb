internal import NIOCore
internal import Partitioning
internal import StatorCore

/// A hint on its way: to its target, or, where that owns the key no more, to all who do.
struct HintDelivery {
    let target: NodeID
    let key: Key
    let token: Token
    let digest: Digest
    var waiting: [NodeID]
    let isRelay: Bool
}

/// Hinted handoff: keep writes for owners that cannot be reached, and hand them over when they can.
extension ShardMachine {
    /// Whether this node may keep another hint. One that leaves and has said that it holds none keeps none any more.
    var takesHints: Bool {
        hintBook.totalBytes < blueprint.hints.maximumBytes.bytes && !hasHandedHintsOver
    }

    private var hasHandedHintsOver: Bool {
        guard let cluster, streamedEpoch == cluster.epoch else { return false }
        return cluster.view.member(node)?.status == .leaving
    }

    /// A record as the hint store keeps it: under the hint's name, with the time when it is given up.
    func hintRecord(_ record: StoredRecord, _ key: StoreKey) -> StoredRecord {
        StoredRecord(
            token: record.token, key: key.key, digest: record.digest, isTombstone: record.isTombstone,
            expiry: now.wall.advanced(by: blueprint.hints.maximumAge), body: record.body)
    }

    /// A task on the hint store ended: count the hint that is there now.
    mutating func noteHintStored(_ key: StoreKey, _ outcome: TaskOutcome) {
        guard case .changed(_, let stored?) = outcome, let hint = HintKey.decoded(key.key) else { return }
        counters.hintsCreated += 1
        let bytes = stored.body.readableBytes + key.key.bytes.readableBytes
        let entry = HintBook.Entry(
            token: key.token, key: hint.key, digest: stored.digest, bytes: bytes, expiry: stored.expiry ?? now.wall)
        if hintBook.insert(hint.target, entry) { counters.hintsSuperseded += 1 }
        if isReachable(hint.target) { deliverHints(to: hint.target) }
    }

    mutating func deliverHints() {
        for target in hintBook.targets { deliverHints(to: target) }
    }

    /// Starts deliveries to a target up to its window. The receiver sets the pace: the next one starts when one ends.
    mutating func deliverHints(to target: NodeID) {
        guard !isStarting, !isStopping else { return }
        let window = blueprint.hints.deliveryWindow
        var tries = min(window - deliveriesByTarget[target, default: 0], hintBook.count(for: target))
        // With stores in memory a delivery can end while it is begun: the next ones are begun here, not within it.
        isDelivering = true
        defer { isDelivering = false }
        while tries > 0, let entry = hintBook.rotate(target) {
            tries -= 1
            beginDelivery(of: entry, for: target)
        }
    }

    private mutating func beginDelivery(of entry: HintBook.Entry, for target: NodeID) {
        guard !deliveryKeys.contains(DeliveryKey(target: target, key: entry.key)) else { return }
        guard now.wall < entry.expiry else {
            let key = StoreKey.hint(for: target, entry.token, entry.key)
            enqueue(.remove(entry.digest, .hintDone(.expired)), on: key)
            return
        }
        guard let cluster, let placement = cluster.placement else { return }
        let owners = placement.preferenceList(for: entry.token).replicas
        let nextOwners = cluster.nextPlacement?.preferenceList(for: entry.token).replicas
        let isOwner = owners.contains(target) || nextOwners?.contains(target) == true
        let receivers = isOwner ? [target] : Array(owners)
        guard receivers.allSatisfy({ isReachable($0) }) else { return }
        let id = newRequestID()
        deliveries[id] = HintDelivery(
            target: target, key: entry.key, token: entry.token, digest: entry.digest, waiting: receivers,
            isRelay: !isOwner)
        deliveriesByTarget[target, default: 0] += 1
        deliveryKeys.insert(DeliveryKey(target: target, key: entry.key))
        deadlines.insert(.delivery(id), due: now.monotonic.advanced(by: settings.requestTimeout))
        gather([.hint(for: target, entry.token, entry.key)], then: .delivery(id))
    }

    mutating func sendDelivery(_ id: RequestID, _ stored: StoredRecord?, isUnreadable: Bool) {
        guard let delivery = deliveries[id] else { return }
        // A corrupt hint can never be delivered: anti-entropy has to do its work.
        if isUnreadable { remove(delivery, digest: nil, because: .cancelled) }
        guard let stored, stored.digest == delivery.digest else {
            // Superseded meanwhile: the next round takes what is there then.
            endDelivery(id, isDone: false)
            return
        }
        let record = StoredRecord(
            token: stored.token, key: delivery.key, digest: stored.digest, isTombstone: stored.isTombstone,
            expiry: nil, body: stored.body)
        for receiver in delivery.waiting {
            if receiver == node {
                enqueue(.merge(record, .hintRelay(id)), on: .records(record.token, record.key))
            } else {
                let write = ReplicaWrite(
                    request: id, epoch: epoch, purpose: .hintDelivery, record: record, hintFor: nil)
                send(.write(write), to: receiver)
            }
        }
    }

    mutating func receiveDeliveryReply(_ id: RequestID, _ outcome: WriteOutcome, from sender: NodeID) {
        if case .stored = outcome {
            receiveDeliveryOutcome(id, isStored: true, from: sender)
        } else {
            receiveDeliveryOutcome(id, isStored: false, from: sender)
        }
    }

    mutating func receiveDeliveryOutcome(_ id: RequestID, isStored: Bool, from receiver: NodeID) {
        guard let delivery = deliveries[id], delivery.waiting.contains(receiver) else { return }
        guard isStored else {
            endDelivery(id, isDone: false)
            return
        }
        deliveries[id]?.waiting.removeAll { $0 == receiver }
        if deliveries[id]?.waiting.isEmpty == true {
            remove(delivery, digest: delivery.digest, because: delivery.isRelay ? .cancelled : .delivered)
            endDelivery(id, isDone: true)
        }
    }

    /// Forgets a hint unless a newer one has taken its place.
    private mutating func remove(_ delivery: HintDelivery, digest: Digest?, because end: HintEnd) {
        let key = StoreKey.hint(for: delivery.target, delivery.token, delivery.key)
        enqueue(.remove(digest, .hintDone(end)), on: key)
    }

    mutating func endDelivery(_ id: RequestID, isDone: Bool) {
        guard let delivery = deliveries.removeValue(forKey: id) else { return }
        deliveriesByTarget[delivery.target, default: 1] -= 1
        deliveryKeys.remove(DeliveryKey(target: delivery.target, key: delivery.key))
        guard isDone else { return }
        if isDelivering {
            setTimer(.hintDelivery, after: .zero)
        } else {
            deliverHints(to: delivery.target)
        }
    }

    mutating func failDeliveries(to peer: NodeID) {
        for id in deliveries.sortedNames where deliveries[id]?.waiting.contains(peer) == true {  // ordered: sorted
            endDelivery(id, isDone: false)
        }
    }

    /// Hints of an earlier life, found in the hint store at start.
    mutating func carryOver(_ records: [StoredRecord], next: ScanCursor?) {
        for record in records {
            guard let hint = HintKey.decoded(record.key) else { continue }
            counters.hintsCarriedOver += 1
            let bytes = record.body.readableBytes + record.key.bytes.readableBytes
            let entry = HintBook.Entry(
                token: record.token, key: hint.key, digest: record.digest, bytes: bytes,
                expiry: record.expiry ?? now.wall)
            _ = hintBook.insert(hint.target, entry)
        }
        continueHintRebuild(after: next)
    }
}

/// A hint that is being delivered; at most one delivery of it at a time.
struct DeliveryKey: Hashable {
    let target: NodeID
    let key: Key
}
