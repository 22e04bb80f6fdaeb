internal import ConflictResolution
internal import Hashing
internal import NIOCore
internal import Partitioning
internal import StatorCore
internal import Storage

/// The coordinator's part of writes: make the record over what this node holds, apply it here, replicate it whole,
/// answer after W.
extension ShardMachine {
    mutating func beginWrite(
        _ request: ClientRequest, _ list: PreferenceList, _ origin: RequestOrigin, role: WriteOperation.Role
    ) {
        guard case .write(let write) = request.operation else { return }
        if case .owner = role, writeAlone(request, write, list, origin) { return }
        let id = newRequestID()
        let operation = makeWrite(request, list, origin, role)
        writes.insert(id, operation)
        let due = now.monotonic.advanced(by: timeout(of: request))
        operation.times = OperationTimes(request: due)
        watch(until: due)
        if request.options.precondition != nil {
            beginRead(request, list, for: .precondition(id))
        } else {
            freshenOrMakeRecord(id)
        }
    }

    private mutating func makeWrite(
        _ request: ClientRequest, _ list: PreferenceList, _ origin: RequestOrigin, _ role: WriteOperation.Role
    ) -> WriteOperation {
        let needed = neededWrites(request, list)
        let next = nextList(for: request.token)
        guard let spare = spareWrites.popLast() else {
            return WriteOperation(
                origin: origin, request: request, role: role, needed: needed,
                slots: QuorumSlots(current: list, next: next))
        }
        spare.begin(
            origin: origin, request: request, role: role, needed: needed, current: list, next: next)
        return spare
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
        case .owner: if !coordinateAtOnce(id, operation) { enqueue(.coordinate(id), on: .records(token, key)) }
        case .standIn(let owner):
            guard takesHints else {
                failWrite(id, .quorumUnmet(answered: 0, needed: operation.needed))
                return
            }
            enqueue(.coordinate(id), on: .hint(for: owner, token, key))
        case .proxy:
            switch made(operation.request, operation.write, over: nil, isOwner: false) {
            case .success(let made):
                operation.record = made.record
                operation.context = made.context
                replicate(id, operation)
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
        let isOwner = if case .owner = operation.role { true } else { false }
        switch made(operation.request, operation.write, over: existing, isOwner: isOwner) {
        case .success(let made):
            operation.record = made.record
            operation.context = made.context
            let stored = key.store == .hints ? hintRecord(made.record, key) : made.record
            apply(.put(stored), key, task, old: existing, new: stored)
        case .failure(let error):
            failWrite(id, error)
            release(key)
        }
    }

    struct MadeRecord {
        let record: StoredRecord
        /// Covers it; empty where the client wants none.
        let context: ByteBuffer
    }

    /// The merged record that a write makes, and the context that covers it.
    mutating func made(
        _ request: ClientRequest, _ write: VersionWrite, over existing: StoredRecord?, isOwner: Bool
    ) -> Result<MadeRecord, ClientError> {
        dotsIssued += 1
        // A stand-in's dots of a key are spread over hints that come and go: it claims to remember none of them.
        let forgotAt = isOwner ? recordsForgotAt : dotsIssued - 1
        let stamp = WriteStamp(dot: Dot(actor: actor, counter: dotsIssued), wall: now.wall, forgotAt: forgotAt)
        do {
            let made = try resolver.make(
                write, over: existing?.body, stamp: stamp, wantsContext: !request.options.isPlain)
            if made.siblings > Limits.maximumSiblings {
                return .failure(.tooManySiblings(found: made.siblings, maximum: Limits.maximumSiblings))
            }
            let record = StoredRecord(
                token: request.token, key: request.key, digest: Digest(ofBody: made.body),
                isTombstone: made.isTombstone, expiry: nil, body: made.body)
            return .success(MadeRecord(record: record, context: made.context ?? ByteBuffer()))
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
        replicate(id, operation)
    }

    mutating func replicate(_ id: RequestID, _ operation: WriteOperation) {
        let due = now.monotonic.advanced(by: settings.replicaTimeout)
        operation.times.replica = due
        watch(until: due)
        operation.isAsking = true
        for slot in operation.slots.slots.indices { askOwner(id, operation, slot: slot) }
        operation.isAsking = false
        settle(id, operation)
    }

    private mutating func askOwner(_ id: RequestID, _ operation: WriteOperation, slot: Int) {
        guard !operation.slots.slots[slot].isAsked else { return }
        let owner = operation.slots.slots[slot].owner
        if isReachable(owner) {
            ask(owner, id, operation, slot: slot, isStandIn: false)
        } else {
            askStandIn(id, operation, slot: slot)
        }
    }

    /// Asks the next fallback to keep the write as a hint for the slot's owner.
    private mutating func askStandIn(_ id: RequestID, _ operation: WriteOperation, slot: Int) {
        guard isSloppy(operation.request), blueprint.hints.areKept else { return }
        guard let standIn = operation.slots.nextStandIn(slot: slot, isUsable: { isReachable($0) }) else { return }
        ask(standIn, id, operation, slot: slot, isStandIn: true)
    }

    private mutating func ask(
        _ target: NodeID, _ id: RequestID, _ operation: WriteOperation, slot: Int, isStandIn: Bool
    ) {
        guard let record = operation.record else { return }
        operation.slots.noteAsked(target, slot: slot, isStandIn: isStandIn)
        if target != node {
            let owner: NodeID? = isStandIn ? operation.slots.slots[slot].owner : nil
            let write = ReplicaWrite(request: id, epoch: epoch, purpose: .write, record: record, hintFor: owner)
            send(.write(write), to: target)
        } else if isStandIn {
            guard takesHints else {
                noteWriteFailure(id, of: node)
                return
            }
            let key = StoreKey.hint(for: operation.slots.slots[slot].owner, record.token, record.key)
            enqueue(.merge(hintRecord(record, key), .operation(id)), on: key)
        } else {
            enqueue(.merge(record, .operation(id)), on: .records(record.token, record.key))
        }
    }

    var epoch: Epoch { cluster?.epoch ?? Epoch(0) }

    mutating func receiveWriteReply(_ id: RequestID, _ outcome: WriteOutcome, from sender: NodeID) {
        guard let operation = writes[id] else {
            if deliveries[id] != nil { receiveDeliveryReply(id, outcome, from: sender) }
            return
        }
        switch outcome {
        case .stored(let hadLive): note(id, operation, answerOf: sender, hadLive: hadLive)
        case .refused(.staleEpoch(let theirs)) where theirs <= epoch: askAgain(id, of: sender)
        case .refused(let refusal):
            if case .staleEpoch = refusal { operation.isBehind = true }
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
        if let operation = writes[id] { note(id, operation, answerOf: replica, hadLive: hadLive) }
    }

    private mutating func note(
        _ id: RequestID, _ operation: WriteOperation, answerOf replica: NodeID, hadLive: Bool
    ) {
        guard operation.slots.noteAnswer(of: replica) != nil else { return }
        if hadLive { operation.hadLive = true }
        settle(id, operation)
    }

    mutating func noteWriteFailure(_ id: RequestID, of replica: NodeID) {
        guard let operation = writes[id], let slot = operation.slots.noteFailure(of: replica) else { return }
        askStandIn(id, operation, slot: slot)
        settle(id, operation)
    }

    /// Silent replicas are stood in for; whoever answers first fills the slot.
    mutating func passWriteReplicaDeadline(_ id: RequestID) {
        guard let operation = writes[id] else { return }
        operation.isAsking = true
        for (index, slot) in operation.slots.slots.enumerated() where !slot.isFilled {
            askStandIn(id, operation, slot: index)
        }
        operation.isAsking = false
        settle(id, operation)
    }

    /// Answers once W is met, or once it cannot be met any more; ends when nothing is outstanding.
    private mutating func settle(_ id: RequestID, _ operation: WriteOperation) {
        guard !operation.isAsking, !operation.isEnded else { return }
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
        if operation.slots.areAllFilled || (isSettled && operation.isAnswered) {
            writes[id] = nil
            operation.isEnded = true
            endedWrites.append(operation)
        }
    }

    mutating func failWrite(_ id: RequestID, _ error: ClientError) {
        guard let operation = writes.removeValue(forKey: id) else { return }
        operation.isEnded = true
        guard !operation.isAnswered else { return }
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
        operation.isAsking = true
        for slot in operation.slots.slots.indices { askOwner(id, operation, slot: slot) }
        operation.isAsking = false
        settle(id, operation)
    }
}
