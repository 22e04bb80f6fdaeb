internal import ConflictResolution
internal import Hashing
internal import NIOCore
internal import Partitioning
internal import StatorCore
internal import Storage

/// A write under way at its coordinator. An object, so that what comes in for it changes it in its place.
final class WriteOperation {
    /// What the coordinator itself is to the key.
    enum Role {
        case owner
        /// It keeps the write as a hint for this owner.
        case standIn(for: NodeID)
        /// It keeps nothing: the resolver lets anyone coordinate.
        case proxy
    }

    let origin: RequestOrigin
    let request: ClientRequest
    let write: VersionWrite
    let role: Role
    let needed: Int
    var slots: QuorumSlots
    /// The whole merged record, once it is made.
    var record: StoredRecord?
    var context = ByteBuffer()
    /// Whether any answering replica held a live version before.
    var hadLive = false
    var isAnswered = false
    /// Owners that refused because this node's view is behind; asked again under the next one.
    var isBehind = false

    init(
        origin: RequestOrigin, request: ClientRequest, write: VersionWrite, role: Role, needed: Int, slots: QuorumSlots
    ) {
        self.origin = origin
        self.request = request
        self.write = write
        self.role = role
        self.needed = needed
        self.slots = slots
    }
}

/// The coordinator's part of writes: make the record over what this node holds, apply it here, replicate it whole,
/// answer after W.
extension ShardMachine {
    mutating func beginWrite(
        _ request: ClientRequest, _ list: PreferenceList, _ origin: RequestOrigin, role: WriteOperation.Role
    ) {
        guard case .write(let write) = request.operation else { return }
        let id = newRequestID()
        let operation = WriteOperation(
            origin: origin, request: request, write: write, role: role, needed: neededWrites(request, list),
            slots: QuorumSlots(current: list, next: nextList(for: request.token)))
        writes.insert(id, operation)
        let due = now.monotonic.advanced(by: timeout(of: request))
        deadlines.insert(.request(id), due: due)
        if request.options.precondition != nil {
            beginRead(request, list, for: .precondition(id))
        } else {
            freshenOrMakeRecord(id)
        }
    }

    /// The owners in the next epoch, while a change is under way.
    private func nextList(for token: Token) -> PreferenceList? {
        cluster?.nextPlacement?.preferenceList(for: token)
    }

    /// An owner that still recovers the range holds less than it should, and what it does not hold it would not
    /// supersede: it reads the key from the others first.
    private mutating func freshenOrMakeRecord(_ id: RequestID) {
        guard let operation = writes[id], let list = cluster?.placement?.preferenceList(for: operation.request.token)
        else { return }
        if case .owner = operation.role, isRecovering(operation.request.token) {
            beginRead(operation.request, list, for: .freshening(id))
        } else {
            makeRecord(id)
        }
    }

    /// The others' record is known (or could not be had): take it along, then write over it.
    mutating func continueWrite(_ id: RequestID, afterFreshening record: StoredRecord?) {
        guard writes[id] != nil else { return }
        if let record { enqueue(.merge(record, .repaired), on: .records(record.token, record.key)) }
        makeRecord(id)
    }

    /// The read that a precondition asked for has ended.
    mutating func continueWrite(_ id: RequestID, afterReading outcome: Result<ReadResult?, ClientError>) {
        guard let operation = writes[id], let precondition = operation.request.options.precondition else { return }
        switch outcome {
        case .failure(let error): failWrite(id, error)
        case .success(let result):
            let holds =
                switch precondition {
                case .absent: result.map(\.isTombstone) ?? true
                case .context(let context): result?.context == context
                }
            if holds { freshenOrMakeRecord(id) } else { failWrite(id, .preconditionFailed) }
        }
    }

    private mutating func makeRecord(_ id: RequestID) {
        guard let operation = writes[id] else { return }
        let token = operation.request.token
        let key = operation.request.key
        switch operation.role {
        case .owner: enqueue(.coordinate(id), on: .records(token, key))
        case .standIn(let owner):
            guard takesHints else {
                failWrite(id, .quorumUnmet(answered: 0, needed: operation.needed))
                return
            }
            enqueue(.coordinate(id), on: .hint(for: owner, token, key))
        case .proxy:
            switch made(operation, over: nil) {
            case .success(let (record, context)):
                operation.record = record
                operation.context = context
                replicate(id)
            case .failure(let error): failWrite(id, error)
            }
        }
    }

    /// The key's turn has come: make the record over what is held, and apply it.
    mutating func coordinate(_ id: RequestID, over existing: StoredRecord?, _ key: StoreKey, _ task: KeyTask) {
        guard let operation = writes[id], !operation.isAnswered else {
            // Given up while it waited for its turn.
            release(key)
            return
        }
        switch made(operation, over: existing) {
        case .success(let (record, context)):
            operation.record = record
            operation.context = context
            let stored = key.store == .hints ? hintRecord(record, key) : record
            apply(.put(stored), key, task, old: existing, new: stored)
        case .failure(let error):
            failWrite(id, error)
            release(key)
        }
    }

    /// The merged record that a write makes, and the context that covers it.
    private mutating func made(
        _ operation: WriteOperation, over existing: StoredRecord?
    ) -> Result<(StoredRecord, ByteBuffer), ClientError> {
        dotsIssued += 1
        // A stand-in's dots of a key are spread over hints that come and go: it claims to remember none of them.
        let forgotAt = if case .owner = operation.role { recordsForgotAt } else { dotsIssued - 1 }
        let stamp = WriteStamp(dot: Dot(actor: actor, counter: dotsIssued), wall: now.wall, forgotAt: forgotAt)
        do {
            let body = try resolver.body(of: operation.write, over: existing?.body, stamp: stamp)
            let meaning = try resolver.read(body)
            let siblings = meaning.versions.count
            if siblings > Limits.maximumSiblings {
                return .failure(.tooManySiblings(found: siblings, maximum: Limits.maximumSiblings))
            }
            let made = StoredRecord(
                token: operation.request.token, key: operation.request.key, digest: Digest(ofBody: body),
                isTombstone: meaning.isTombstone, expiry: nil, body: body)
            return .success((made, meaning.context))
        } catch .body(let error) {
            return .failure(.unavailable("this replica's record of the key is corrupt: \(error)"))
        } catch {
            return .failure(.invalidContext("\(error)"))
        }
    }

    /// The record is durable here (or could not be made so).
    mutating func finishCoordinate(_ id: RequestID, _ outcome: TaskOutcome) {
        guard let operation = writes[id] else { return }
        guard !outcome.isFailure else {
            // Part of it may be on the disk and surface later.
            failWrite(id, .outcomeUnknown)
            return
        }
        operation.hadLive = outcome.hadLive
        let slotOwner: NodeID =
            if case .standIn(let owner) = operation.role { owner } else { node }
        if let slot = operation.slots.slots.firstIndex(where: { $0.owner == slotOwner }) {
            operation.slots.noteAsked(node, slot: slot, isStandIn: slotOwner != node)
            _ = operation.slots.noteAnswer(of: node)
        }
        replicate(id)
    }

    private mutating func replicate(_ id: RequestID) {
        guard let operation = writes[id] else { return }
        deadlines.insert(.replica(id), due: now.monotonic.advanced(by: settings.replicaTimeout))
        for slot in operation.slots.slots.indices { askOwner(id, slot: slot) }
        settleWrite(id)
    }

    private mutating func askOwner(_ id: RequestID, slot: Int) {
        guard let operation = writes[id] else { return }
        let owner = operation.slots.slots[slot].owner
        guard !operation.slots.slots[slot].isAsked else { return }
        if isReachable(owner) {
            ask(owner, id, slot: slot, isStandIn: false)
        } else {
            askStandIn(id, slot: slot)
        }
    }

    /// Asks the next fallback to keep the write as a hint for the slot's owner.
    private mutating func askStandIn(_ id: RequestID, slot: Int) {
        guard let operation = writes[id], isSloppy(operation.request), blueprint.hints.areKept else { return }
        guard let standIn = operation.slots.nextStandIn(slot: slot, isUsable: { isReachable($0) }) else { return }
        ask(standIn, id, slot: slot, isStandIn: true)
    }

    private mutating func ask(_ target: NodeID, _ id: RequestID, slot: Int, isStandIn: Bool) {
        guard let operation = writes[id], let record = operation.record else { return }
        operation.slots.noteAsked(target, slot: slot, isStandIn: isStandIn)
        let owner = operation.slots.slots[slot].owner
        if target != node {
            let write = ReplicaWrite(
                request: id, epoch: epoch, purpose: .write, record: record, hintFor: isStandIn ? owner : nil)
            send(.write(write), to: target)
        } else if isStandIn {
            guard takesHints else {
                noteWriteFailure(id, of: node)
                return
            }
            let key = StoreKey.hint(for: owner, record.token, record.key)
            enqueue(.merge(hintRecord(record, key), .operation(id)), on: key)
        } else {
            enqueue(.merge(record, .operation(id)), on: .records(record.token, record.key))
        }
    }

    var epoch: Epoch { cluster?.epoch ?? Epoch(0) }

    mutating func receiveWriteReply(_ id: RequestID, _ outcome: WriteOutcome, from sender: NodeID) {
        if deliveries[id] != nil {
            receiveDeliveryReply(id, outcome, from: sender)
            return
        }
        guard writes[id] != nil else { return }
        switch outcome {
        case .stored(let hadLive): noteWriteAnswer(id, of: sender, hadLive: hadLive)
        case .refused(.staleEpoch(let theirs)) where theirs <= epoch: askAgain(id, of: sender)
        case .refused(let refusal):
            if case .staleEpoch = refusal { writes[id]?.isBehind = true }
            noteWriteFailure(id, of: sender)
        }
    }

    /// It was asked under an epoch that this node has left since: ask again under the present one.
    private mutating func askAgain(_ id: RequestID, of replica: NodeID) {
        guard let operation = writes[id], let record = operation.record, operation.slots.isWaiting(for: replica)
        else { return }
        let write = ReplicaWrite(
            request: id, epoch: epoch, purpose: .write, record: record,
            hintFor: operation.slots.isStandIn(replica) ? operation.slots.owner(askedOf: replica) : nil)
        send(.write(write), to: replica)
    }

    mutating func noteWriteAnswer(_ id: RequestID, of replica: NodeID, hadLive: Bool) {
        guard let operation = writes[id], operation.slots.noteAnswer(of: replica) != nil else { return }
        if hadLive { operation.hadLive = true }
        settleWrite(id)
    }

    mutating func noteWriteFailure(_ id: RequestID, of replica: NodeID) {
        guard let slot = writes[id]?.slots.noteFailure(of: replica) else { return }
        askStandIn(id, slot: slot)
        settleWrite(id)
    }

    /// Silent replicas are stood in for; whoever answers first fills the slot.
    mutating func passWriteReplicaDeadline(_ id: RequestID) {
        guard let operation = writes[id] else { return }
        for (index, slot) in operation.slots.slots.enumerated() where !slot.isFilled { askStandIn(id, slot: index) }
        settleWrite(id)
    }

    /// Answers once W is met, or once it cannot be met any more; ends when nothing is outstanding.
    private mutating func settleWrite(_ id: RequestID) {
        guard let operation = writes[id] else { return }
        let isSettled = !operation.slots.isAnybodyWaiting
        if !operation.isAnswered {
            if operation.slots.isMet(operation.needed) {
                operation.isAnswered = true
                let stored = StoredOutcome(node: node, isFirst: !operation.hadLive, context: operation.context)
                respond(.stored(stored), to: operation.origin)
            } else if isSettled, !operation.isBehind {
                failWrite(id, .quorumUnmet(answered: operation.slots.answered, needed: operation.needed))
                return
            }
        }
        if operation.slots.areAllFilled || (isSettled && operation.isAnswered) { writes[id] = nil }
    }

    mutating func failWrite(_ id: RequestID, _ error: ClientError) {
        guard let operation = writes.removeValue(forKey: id), !operation.isAnswered else { return }
        switch error {
        case .quorumUnmet: counters.quorumsUnmet += 1
        case .timedOut: counters.timeouts += 1
        case .outcomeUnknown: counters.outcomesUnknown += 1
        default: break
        }
        respond(.failed(error), to: operation.origin)
    }

    mutating func expireWrite(_ id: RequestID) {
        guard let operation = writes[id] else { return }
        failWrite(id, .timedOut(answered: operation.slots.answered, needed: operation.needed))
        writes[id] = nil
    }

    /// The view changed while the write was under way: ask the owners of the new one, keeping who has answered.
    mutating func replanWrite(_ id: RequestID) {
        guard let operation = writes[id], let cluster, let placement = cluster.placement else { return }
        let token = operation.request.token
        let before = operation.slots
        operation.slots = QuorumSlots(
            current: placement.preferenceList(for: token),
            next: cluster.nextPlacement?.preferenceList(for: token))
        operation.isBehind = false
        for (index, slot) in operation.slots.slots.enumerated() {
            for ask in before.asks where ask.state != .failed && before.slots[ask.slot].owner == slot.owner {
                operation.slots.noteAsked(ask.node, slot: index, isStandIn: ask.isStandIn)
                if ask.state == .answered { _ = operation.slots.noteAnswer(of: ask.node) }
            }
        }
        guard operation.record != nil, !before.asks.isEmpty else { return }
        for slot in operation.slots.slots.indices { askOwner(id, slot: slot) }
        settleWrite(id)
    }
}
