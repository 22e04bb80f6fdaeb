internal import ConflictResolution
internal import Hashing
internal import NIOCore
internal import Partitioning
internal import StatorCore
internal import Storage

/// The coordinator's part of writes: make the record over what this node holds, apply it here, replicate it whole,
/// answer after W.
extension Coordinator {
    /// - Parameter due: when the client's time is over.
    mutating func beginWrite(
        _ request: ClientRequest, _ list: PreferenceList, _ origin: RequestOrigin, role: WriteOperation.Role,
        due: Instant, _ base: inout ShardBase
    ) {
        if holdsForDots(request, origin, due: due, &base) { return }
        let isConditional = request.isConditional
        if case .owner = role, !isConditional, case .write(let write) = request.operation,
            writeAlone(request, write, list, origin, &base)
        {
            return
        }
        let id = base.context.newRequestID()
        let operation = makeWrite(request, list, origin, role, &base)
        writes.insert(id, operation)
        operation.times = OperationTimes(request: due)
        watch(until: due)
        if isConditional {
            beginRead(request, list, for: .condition(id), &base)
        } else {
            freshenOrMakeRecord(id, &base)
        }
    }

    private mutating func makeWrite(
        _ request: ClientRequest, _ list: PreferenceList, _ origin: RequestOrigin, _ role: WriteOperation.Role,
        _ base: inout ShardBase
    ) -> WriteOperation {
        let needed = base.context.neededWrites(request, list)
        let next = base.context.cluster?.nextPlacement?.preferenceList(for: request.token)
        guard let spare = spareWrites.popLast() else {
            return WriteOperation(
                origin: origin, request: request, role: role, needed: needed,
                slots: QuorumSlots(current: list, next: next))
        }
        spare.begin(
            origin: origin, request: request, role: role, needed: needed, current: list, next: next)
        return spare
    }

    /// An owner that still recovers the range holds less than it should, and what it does not hold it would not
    /// supersede: it reads the key from the others first.
    private mutating func freshenOrMakeRecord(_ id: RequestID, _ base: inout ShardBase) {
        guard let operation = writes[id],
            let list = base.context.cluster?.placement?.preferenceList(for: operation.request.token)
        else { return }
        if case .owner = operation.role, base.context.isRecovering(operation.request.token) {
            base.context.reach(.writeFreshened)
            beginRead(operation.request, list, for: .freshening(id), &base)
        } else {
            makeRecord(id, &base)
        }
    }

    /// The others' record is known (or could not be had): take it along, then write over it.
    mutating func continueWrite(_ id: RequestID, afterFreshening record: StoredRecord?, _ base: inout ShardBase) {
        guard writes[id] != nil else { return }
        if let record {
            _ = base.keys.merge(record, on: .records(record.token, record.key), for: .repaired, &base.context)
        }
        makeRecord(id, &base)
    }

    mutating func makeRecord(_ id: RequestID, _ base: inout ShardBase) {
        guard let operation = writes[id] else { return }
        let token = operation.request.token
        let key = operation.request.key
        switch operation.role {
        case .owner: awaitTurn(id, on: .records(token, key), &base)
        case .standIn(let owner):
            guard base.hints.takesHints(&base.context) else {
                base.context.reach(.standInIsFull)
                let reason = ClientError.unavailable("\(base.context.node) keeps no more hints")
                return passOn(id, because: reason, &base)
            }
            awaitTurn(id, on: .hint(for: owner, token, key), &base)
        case .proxy:
            switch base.context.made(operation.request, operation.write, over: nil, isOwner: false) {
            case .success(let made):
                operation.record = made.record
                operation.context = made.context
                replicate(id, operation, &base)
            case .failure(let error): failWrite(id, error, &base)
            }
        }
    }

    private mutating func awaitTurn(_ id: RequestID, on key: StoreKey, _ base: inout ShardBase) {
        guard let found = base.keys.turn(on: key, for: id, &base.context) else { return }
        takeTurn(id, found, key, &base)
    }

    /// The key's turn has come: make the record over what is held, and apply it.
    mutating func takeTurn(_ id: RequestID, _ found: LoadedRecord, _ key: StoreKey, _ base: inout ShardBase) {
        guard case .readable(let existing) = found else {
            base.context.reach(.turnUnreadable)
            passOn(id, because: .unreadable, &base)
            base.keys.release(key)
            return
        }
        guard let operation = writes[id], !operation.isAnswered else {
            // Given up while it waited for its turn.
            base.context.reach(.turnOfEndedWrite)
            base.keys.release(key)
            return
        }
        var held = existing?.body
        if operation.request.isConditional {
            switch base.context.decision(of: operation, over: held) {
            case .write(let seen): held = seen
            case .nothing(let result):
                endUnwritten(id, result, &base)
                return base.keys.release(key)
            case .refused(let error):
                failWrite(id, error, &base)
                return base.keys.release(key)
            }
        }
        guard base.context.takesWrites(key.store) else {
            passOn(id, because: base.context.cannotStore, &base)
            return base.keys.release(key)
        }
        let isOwner = if case .owner = operation.role { true } else { false }
        switch base.context.made(operation.request, operation.write, over: held, isOwner: isOwner) {
        case .success(let made):
            operation.record = made.record
            operation.context = made.context
            let stored = key.store == .hints ? base.context.hintRecord(made.record, key) : made.record
            let outcome = base.keys.put(stored, over: existing, on: key, for: id, &base.context)
            if let outcome { finishTurn(id, key, outcome, &base) }
        case .failure(let error):
            base.context.reach(.recordNotMade)
            failWrite(id, error, &base)
            base.keys.release(key)
        }
    }

    /// The record is durable here (or could not be made so).
    mutating func finishTurn(_ id: RequestID, _ key: StoreKey, _ outcome: TaskOutcome, _ base: inout ShardBase) {
        if key.store == .hints { base.noteHintStored(key, outcome) }
        guard let operation = writes[id] else { return }
        guard !outcome.isFailure else {
            if case .refused = outcome { return passOn(id, because: base.context.cannotStore, &base) }
            // Part of it may be on the disk and surface later.
            base.context.reach(.ownWriteFailed)
            failWrite(id, .outcomeUnknown, &base)
            return
        }
        if outcome.hadLive { operation.hadLive = true }
        if case .standIn(let owner) = operation.role {
            if let slot = operation.slots.slots.firstIndex(where: { $0.owner == owner }) {
                operation.slots.noteAsked(base.context.node, slot: slot, isStandIn: true)
                _ = operation.slots.noteAnswer(of: base.context.node)
            }
        } else {
            operation.slots.noteOwn(base.context.node)
        }
        replicate(id, operation, &base)
    }

    private mutating func replicate(_ id: RequestID, _ operation: WriteOperation, _ base: inout ShardBase) {
        let due = base.context.now.monotonic.advanced(by: base.context.settings.replicaTimeout)
        operation.times.replica = due
        watch(until: due)
        operation.isAsking = true
        for slot in operation.slots.slots.indices { askOwner(id, operation, slot: slot, &base) }
        operation.isAsking = false
        settle(id, operation, &base)
    }

    private mutating func askOwner(_ id: RequestID, _ operation: WriteOperation, slot: Int, _ base: inout ShardBase) {
        guard !operation.slots.slots[slot].isAsked else { return }
        let owner = operation.slots.slots[slot].owner
        guard base.context.isReachable(owner) else {
            askStandIn(id, operation, slot: slot, &base)
            return
        }
        if !base.context.canStore(owner), askStandIn(id, operation, slot: slot, &base) { return }
        ask(owner, id, operation, slot: slot, isStandIn: false, &base)
    }

    /// Asks the next fallback to keep the write as a hint for the slot's owner.
    /// - Returns: whether there was one.
    @discardableResult
    private mutating func askStandIn(
        _ id: RequestID, _ operation: WriteOperation, slot: Int, _ base: inout ShardBase
    ) -> Bool {
        guard base.context.isSloppy(operation.request), base.context.blueprint.hints.areKept,
            let standIn = operation.slots.nextStandIn(slot: slot, isUsable: { base.context.canStore($0) })
        else { return false }
        base.context.reach(standIn == base.context.node ? .standInIsCoordinator : .standInAsked)
        ask(standIn, id, operation, slot: slot, isStandIn: true, &base)
        return true
    }

    /// The last resort: an owner that was passed over.
    private mutating func askPassedOver(
        _ id: RequestID, _ operation: WriteOperation, slot: Int, _ base: inout ShardBase
    ) {
        let owner = operation.slots.slots[slot].owner
        guard !operation.slots.wasAsked(owner), base.context.isReachable(owner) else { return }
        ask(owner, id, operation, slot: slot, isStandIn: false, &base)
    }

    private mutating func ask(
        _ target: NodeID, _ id: RequestID, _ operation: WriteOperation, slot: Int, isStandIn: Bool,
        _ base: inout ShardBase
    ) {
        guard let record = operation.record else { return }
        operation.slots.noteAsked(target, slot: slot, isStandIn: isStandIn)
        if operation.isAnswered { base.context.changeLag(of: target, by: 1) }
        if target != base.context.node {
            let owner: NodeID? = isStandIn ? operation.slots.slots[slot].owner : nil
            let write = ReplicaWrite(
                request: id, epoch: base.context.epoch, purpose: .write, record: record, hintFor: owner)
            base.context.send(.write(write), to: target)
        } else if isStandIn {
            guard base.hints.takesHints(&base.context) else {
                base.context.reach(.standInIsFull)
                noteWriteFailure(id, of: base.context.node, &base)
                return
            }
            let key = StoreKey.hint(for: operation.slots.slots[slot].owner, record.token, record.key)
            mergeOwn(base.context.hintRecord(record, key), on: key, id, &base)
        } else {
            mergeOwn(record, on: .records(record.token, record.key), id, &base)
        }
    }

    private mutating func mergeOwn(
        _ record: StoredRecord, on key: StoreKey, _ id: RequestID, _ base: inout ShardBase
    ) {
        guard let outcome = base.keys.merge(record, on: key, for: .operation(id), &base.context) else { return }
        if key.store == .hints { base.noteHintStored(key, outcome) }
        finishOwnMerge(id, outcome, &base)
    }

    /// This node's own part in a write, as a replica or as a stand-in.
    mutating func finishOwnMerge(_ id: RequestID, _ outcome: TaskOutcome, _ base: inout ShardBase) {
        if outcome.isFailure {
            noteWriteFailure(id, of: base.context.node, &base)
        } else if let operation = writes[id] {
            note(id, operation, answerOf: base.context.node, hadLive: outcome.hadLive, &base)
        }
    }

    /// - Returns: whether the answer was to a write of this coordinator.
    mutating func receiveWriteReply(
        _ id: RequestID, _ outcome: WriteOutcome, from sender: NodeID, _ base: inout ShardBase
    ) -> Bool {
        guard let operation = writes[id] else { return false }
        switch outcome {
        case .stored(let hadLive): note(id, operation, answerOf: sender, hadLive: hadLive, &base)
        case .refused(.staleEpoch(let theirs)) where theirs <= base.context.epoch: askAgain(id, of: sender, &base)
        case .refused(let refusal):
            if case .staleEpoch = refusal {
                base.context.reach(.writeBehindView)
                operation.isBehind = true
            } else {
                base.context.reach(.writeRefused)
            }
            noteWriteFailure(id, of: sender, &base)
        }
        return true
    }

    /// It was asked under an epoch that this node has left since: ask again under the present one.
    private mutating func askAgain(_ id: RequestID, of replica: NodeID, _ base: inout ShardBase) {
        guard let operation = writes[id], let record = operation.record, operation.slots.isWaiting(for: replica)
        else { return }
        base.context.reach(.writeAskedAgain)
        let write = ReplicaWrite(
            request: id, epoch: base.context.epoch, purpose: .write, record: record,
            hintFor: operation.slots.isStandIn(replica) ? operation.slots.owner(askedOf: replica) : nil)
        base.context.send(.write(write), to: replica)
    }

    private mutating func note(
        _ id: RequestID, _ operation: WriteOperation, answerOf replica: NodeID, hadLive: Bool, _ base: inout ShardBase
    ) {
        if operation.isAnswered, operation.slots.isWaiting(for: replica) {
            base.context.changeLag(of: replica, by: -1)
        }
        guard operation.slots.noteAnswer(of: replica) != nil else { return }
        if hadLive { operation.hadLive = true }
        settle(id, operation, &base)
    }

    mutating func noteWriteFailure(_ id: RequestID, of replica: NodeID, _ base: inout ShardBase) {
        guard let operation = writes[id] else { return }
        if operation.isAnswered, operation.slots.isWaiting(for: replica) {
            base.context.changeLag(of: replica, by: -1)
        }
        guard let slot = operation.slots.noteFailure(of: replica) else { return }
        if !askStandIn(id, operation, slot: slot, &base) { askPassedOver(id, operation, slot: slot, &base) }
        settle(id, operation, &base)
    }

    /// Silent replicas are stood in for; whoever answers first fills the slot.
    mutating func passWriteReplicaDeadline(_ id: RequestID, _ base: inout ShardBase) {
        guard let operation = writes[id] else { return }
        operation.isAsking = true
        for (index, slot) in operation.slots.slots.enumerated() where !slot.isFilled {
            base.context.reach(.writeReplicaSilent)
            askStandIn(id, operation, slot: index, &base)
        }
        operation.isAsking = false
        settle(id, operation, &base)
    }

    /// Answers once W is met, or once it cannot be met any more; ends when nothing is outstanding.
    private mutating func settle(_ id: RequestID, _ operation: WriteOperation, _ base: inout ShardBase) {
        guard !operation.isAsking, !operation.isEnded else { return }
        let isSettled = !operation.slots.isAnybodyWaiting
        if !operation.isAnswered {
            if operation.slots.isMet(operation.needed) {
                operation.isAnswered = true
                respondStored(operation, &base)
                beginLagging(id, operation, &base)
                // Who lags too far behind was left out there, and this settled.
                if operation.isEnded { return }
            } else if isSettled, !operation.isBehind {
                failWrite(id, .quorumUnmet(answered: operation.slots.answered, needed: operation.needed), &base)
                return
            }
        }
        if operation.slots.areAllFilled || (isSettled && operation.isAnswered) {
            remove(id, operation, &base)
            endedWrites.append(operation)
        }
    }

    /// The view changed while the write was under way: ask the owners of the new one, keeping who has answered.
    mutating func replanWrite(_ id: RequestID, _ base: inout ShardBase) {
        guard let operation = writes[id], let cluster = base.context.cluster, let placement = cluster.placement else {
            return
        }
        let token = operation.request.token
        let before = operation.slots
        operation.slots = QuorumSlots(
            current: placement.preferenceList(for: token),
            next: cluster.nextPlacement?.preferenceList(for: token))
        operation.isBehind = false
        if operation.isAnswered { endLagging(before, &base) }
        for (index, slot) in operation.slots.slots.enumerated() {
            for ask in before.asks where ask.state != .failed && before.slots[ask.slot].owner == slot.owner {
                operation.slots.noteAsked(ask.node, slot: index, isStandIn: ask.isStandIn)
                if ask.state == .answered { _ = operation.slots.noteAnswer(of: ask.node) }
            }
        }
        if operation.isAnswered {
            lagging += 1
            for ask in operation.slots.asks where ask.state == .waiting {
                base.context.changeLag(of: ask.node, by: 1)
            }
        }
        guard operation.record != nil, !before.asks.isEmpty else { return }
        base.context.reach(.writeReplanned)
        operation.isAsking = true
        for slot in operation.slots.slots.indices { askOwner(id, operation, slot: slot, &base) }
        operation.isAsking = false
        settle(id, operation, &base)
    }
}
