internal import ConflictResolution
internal import DequeModule
internal import NIOCore
internal import Partitioning
internal import StatorCore

/// The coordinator's part of reads: ask as many replicas as ``ReadFanOut`` says, answer after R, repair those that
/// differ.
extension Coordinator {
    mutating func beginRead(
        _ request: ClientRequest, _ list: PreferenceList, for purpose: ReadOperation.Purpose, _ base: inout ShardBase
    ) {
        if case .client(.client) = purpose { base.context.counters.gets += 1 }
        let id = base.context.newRequestID()
        let operation = makeRead(request, list, purpose, &base)
        reads.insert(id, operation)
        watchRead(operation, &base)
        operation.isAsking = true
        askOwners(id, operation, list, &base)
        operation.isAsking = false
        settleRead(id, &base)
    }

    private mutating func makeRead(
        _ request: ClientRequest, _ list: PreferenceList, _ purpose: ReadOperation.Purpose, _ base: inout ShardBase
    ) -> ReadOperation {
        let needed = base.context.neededReads(request, list)
        guard let spare = spareReads.popLast() else {
            return ReadOperation(
                purpose: purpose, request: request, needed: needed, slots: QuorumSlots(current: list, next: nil))
        }
        spare.begin(purpose: purpose, request: request, needed: needed, current: list)
        return spare
    }

    private mutating func watchRead(_ operation: ReadOperation, _ base: inout ShardBase) {
        let start = base.context.now.monotonic
        operation.times = OperationTimes(
            request: start.advanced(by: base.context.timeout(of: operation.request)),
            replica: start.advanced(by: base.context.settings.replicaTimeout))
        if base.context.settings.readFanOut == .hedged {
            hedgeBudget = min(hedgeBudget + ReplicationLimits.hedgesPerRead, ReplicationLimits.maximumHedges)
            operation.times.hedge = start.advanced(by: base.context.settings.hedgeDelay)
        }
        if let next = operation.times.next { watch(until: next) }
    }

    /// This node first where it is an owner and answers at once: the others then need not send what it holds already.
    private mutating func askOwners(
        _ id: RequestID, _ operation: ReadOperation, _ list: PreferenceList, _ base: inout ShardBase
    ) {
        let owners = list.replicaCount
        let isOwnFirst = base.keys.answersAtOnce
        if isOwnFirst, let own = (0..<owners).first(where: { list[$0] == base.context.node }) {
            askReadOwner(id, slot: own, &base)
        }
        guard base.context.settings.readFanOut != .all, operation.purpose.mayAskFewer else {
            for slot in 0..<owners { askReadOwner(id, slot: slot, &base) }
            return
        }
        if !isOwnFirst, let own = (0..<owners).first(where: { list[$0] == base.context.node }) {
            askReadOwner(id, slot: own, &base)
        }
        // Each read begins with another of them, so that they share the work.
        let first = Int(truncatingIfNeeded: id.number % UInt64(owners))
        for offset in 0..<owners where operation.slots.hopeful < operation.needed {
            let slot = (first + offset) % owners
            if base.context.isReachable(list[slot]) { askReadOwner(id, slot: slot, &base) }
        }
        for slot in 0..<owners where operation.slots.hopeful < operation.needed { askReadOwner(id, slot: slot, &base) }
    }

    /// Asks an owner that was not asked yet.
    /// - Returns: whether there was one.
    private mutating func askOneMore(_ id: RequestID, _ base: inout ShardBase) -> Bool {
        guard let operation = reads[id] else { return false }
        let slots = operation.slots.slots
        let next =
            slots.firstIndex { !$0.isAsked && base.context.isReachable($0.owner) } ?? slots.firstIndex { !$0.isAsked }
        guard let next else { return false }
        let before = operation.slots.asks.count
        askReadOwner(id, slot: next, &base)
        return operation.slots.asks.count > before
    }

    /// The read has waited for long enough: one more owner is asked, as far as the budget goes.
    mutating func passHedgeDeadline(_ id: RequestID, _ base: inout ShardBase) {
        guard let operation = reads[id], !operation.isAnswered else { return }
        guard hedgeBudget >= 1 else { return base.context.reach(.readHedgeWithoutBudget) }
        operation.isAsking = true
        if askOneMore(id, &base) {
            hedgeBudget -= 1
            base.context.counters.hedgedReads += 1
            base.context.reach(.readHedged)
        }
        operation.isAsking = false
        settleRead(id, &base)
    }

    private mutating func askReadOwner(_ id: RequestID, slot: Int, _ base: inout ShardBase) {
        guard let operation = reads[id], !operation.slots.slots[slot].isAsked else { return }
        let owner = operation.slots.slots[slot].owner
        if base.context.isReachable(owner) {
            askRead(owner, id, slot: slot, isStandIn: false, &base)
        } else {
            askReadStandIn(id, slot: slot, &base)
        }
    }

    private mutating func askReadStandIn(_ id: RequestID, slot: Int, _ base: inout ShardBase) {
        guard let operation = reads[id], base.context.isSloppy(operation.request) else { return }
        guard let standIn = operation.slots.nextStandIn(slot: slot, isUsable: { base.context.isReachable($0) }) else {
            return
        }
        base.context.reach(.readStandInAsked)
        askRead(standIn, id, slot: slot, isStandIn: true, &base)
    }

    private mutating func askRead(
        _ target: NodeID, _ id: RequestID, slot: Int, isStandIn: Bool, _ base: inout ShardBase
    ) {
        guard let operation = reads[id] else { return }
        operation.slots.noteAsked(target, slot: slot, isStandIn: isStandIn)
        if operation.isAnswered { base.context.changeLag(of: target, by: 1) }
        let token = operation.request.token
        let key = operation.request.key
        if target != base.context.node {
            let read = ReplicaRead(
                request: id, epoch: base.context.epoch, token: token, key: key, isStandIn: isStandIn,
                known: operation.record(of: base.context.node)?.digest)
            base.context.send(.read(read), to: target)
        } else if isStandIn {
            if let gather = base.gatherStandIn(token, key, for: .standInOperation(id, key)) {
                finishStandIn(id, key, gather, &base)
            }
        } else if let outcome = base.keys.read(.records(token, key), for: .operation(id), &base.context) {
            finishOwnRead(id, outcome, &base)
        }
    }

    /// This node's own part of a read, as an owner.
    mutating func finishOwnRead(_ id: RequestID, _ outcome: TaskOutcome, _ base: inout ShardBase) {
        guard !outcome.isFailure else {
            if case .corrupt = outcome { reads[id]?.noteCorrupt(base.context.node) }
            return noteReadFailure(id, of: base.context.node, &base)
        }
        guard let token = reads[id]?.request.token else { return }
        let counts = !base.context.isRecovering(token)
        noteReadAnswer(id, of: base.context.node, outcome.record, counts: counts, &base)
    }

    /// This node's own part of a read, as a stand-in.
    mutating func finishStandIn(_ id: RequestID, _ key: Key, _ gather: Gather, _ base: inout ShardBase) {
        guard gather.failures == 0 else { return noteReadFailure(id, of: base.context.node, &base) }
        let merged = base.context.mergedStandIn(gather.records, key)
        noteReadAnswer(id, of: base.context.node, merged, counts: !base.context.isInDoubt, &base)
    }

    mutating func receiveReadReply(
        _ id: RequestID, _ outcome: ReadOutcome, from sender: NodeID, _ base: inout ShardBase
    ) {
        guard reads[id] != nil else { return }
        switch outcome {
        case .held(let record, let counts): noteReadAnswer(id, of: sender, record, counts: counts, &base)
        case .same(let digest, let counts):
            // The record that was known when it was asked may not be this operation's any more: the view changed.
            guard let own = reads[id]?.record(of: base.context.node), own.digest == digest else {
                base.context.reach(.readSameOfOldView)
                return askReadAgain(id, of: sender, &base)
            }
            noteReadAnswer(id, of: sender, own, counts: counts, &base)
        case .refused(.staleEpoch(let theirs)) where theirs <= base.context.epoch: askReadAgain(id, of: sender, &base)
        case .refused(let refusal):
            if case .staleEpoch = refusal {
                base.context.reach(.readBehindView)
                reads[id]?.isBehind = true
            } else {
                base.context.reach(.readRefused)
                if refusal == .corrupt { reads[id]?.noteCorrupt(sender) }
            }
            noteReadFailure(id, of: sender, &base)
        }
    }

    /// It was asked under an epoch that this node has left since: ask again under the present one.
    private mutating func askReadAgain(_ id: RequestID, of replica: NodeID, _ base: inout ShardBase) {
        guard let operation = reads[id], operation.slots.isWaiting(for: replica) else { return }
        base.context.reach(.readAskedAgain)
        let read = ReplicaRead(
            request: id, epoch: base.context.epoch, token: operation.request.token, key: operation.request.key,
            isStandIn: operation.slots.isStandIn(replica))
        base.context.send(.read(read), to: replica)
    }

    mutating func noteReadAnswer(
        _ id: RequestID, of replica: NodeID, _ record: StoredRecord?, counts: Bool, _ base: inout ShardBase
    ) {
        guard let operation = reads[id], operation.slots.wasAsked(replica),
            !operation.answers.contains(where: { $0.node == replica })
        else { return }
        let isStandIn = operation.slots.isStandIn(replica)
        operation.answers.append(ReadOperation.Answer(node: replica, record: record, isStandIn: isStandIn))
        if operation.isAnswered, operation.slots.isWaiting(for: replica) {
            base.context.changeLag(of: replica, by: -1)
        }
        if counts {
            if operation.slots.noteAnswer(of: replica) != nil { operation.counted += 1 }
        } else if let slot = operation.slots.noteFailure(of: replica) {
            base.context.reach(.readNotCounted)
            // Its range is still recovering: what it holds is taken along, but somebody else has to count.
            replaceReader(id, slot: slot, &base)
        }
        settleRead(id, &base)
    }

    mutating func noteReadFailure(_ id: RequestID, of replica: NodeID, _ base: inout ShardBase) {
        guard let operation = reads[id] else { return }
        if operation.isAnswered, operation.slots.isWaiting(for: replica) {
            base.context.changeLag(of: replica, by: -1)
        }
        guard let slot = operation.slots.noteFailure(of: replica) else { return }
        replaceReader(id, slot: slot, &base)
        settleRead(id, &base)
    }

    /// An owner that was left out so far knows more than one that stands in.
    private mutating func replaceReader(_ id: RequestID, slot: Int, _ base: inout ShardBase) {
        if askOneMore(id, &base) {
            base.context.reach(.readOwnerInsteadAsked)
        } else {
            askReadStandIn(id, slot: slot, &base)
        }
    }

    mutating func passReadReplicaDeadline(_ id: RequestID, _ base: inout ShardBase) {
        guard let operation = reads[id] else { return }
        operation.isAsking = true
        let asked = operation.slots.slots
        if !operation.isAnswered { while askOneMore(id, &base) {} }
        for (index, slot) in asked.enumerated() where slot.isAsked && !slot.isFilled {
            base.context.reach(.readReplicaSilent)
            askReadStandIn(id, slot: index, &base)
        }
        operation.isAsking = false
        settleRead(id, &base)
    }

    private mutating func settleRead(_ id: RequestID, _ base: inout ShardBase) {
        guard let operation = reads[id], !operation.isAsking else { return }
        let isSettled = !operation.slots.isAnybodyWaiting
        if !operation.isAnswered {
            if operation.counted >= operation.needed || (isSettled && isAllThatIsLeft(operation)) {
                operation.isAnswered = true
                answer(operation, &base)
                if beginLagging(operation, &base) { return finish(id, operation, &base) }
            } else if isSettled, !operation.isBehind {
                // Owners that were left out so far take the place of those that failed.
                if askOneMore(id, &base) { return settleRead(id, &base) }
                failRead(id, .quorumUnmet(answered: operation.counted, needed: operation.needed), &base)
                return
            }
        }
        if isSettled, let finished = reads[id], finished.isAnswered {
            finish(id, finished, &base)
            endedReads.append(finished)
        }
    }

    /// Whether a healing has what there is: each owner has told what it holds, or that it lost that. So many have lost it
    /// then that a write may be gone with them, and waiting brings nobody back.
    private func isAllThatIsLeft(_ operation: ReadOperation) -> Bool {
        guard case .healing = operation.purpose else { return false }
        return operation.counted + operation.corrupt.count >= operation.slots.slots.count
    }

    /// An answered read waits for nobody any more: who differs is repaired.
    private mutating func finish(_ id: RequestID, _ operation: ReadOperation, _ base: inout ShardBase) {
        guard reads.removeValue(forKey: id) != nil else { return }
        endLagging(operation.slots, &base)
        repair(operation, &base)
    }

    /// Its client is answered. What still waits is for replicas that are slow.
    /// - Returns: whether one of them is too slow to be waited for.
    private mutating func beginLagging(_ operation: ReadOperation, _ base: inout ShardBase) -> Bool {
        lagging += 1
        var isTooSlow = false
        for ask in operation.slots.asks where ask.state == .waiting {
            if base.context.peers.lag(of: ask.node) >= ReplicationLimits.maximumLagging { isTooSlow = true }
            base.context.changeLag(of: ask.node, by: 1)
        }
        if isTooSlow { base.context.reach(.laggardLeft) }
        return isTooSlow
    }

    private mutating func answer(_ operation: ReadOperation, _ base: inout ShardBase) {
        do {
            if case .freshening(let write) = operation.purpose {
                let body = try mergedBody(of: operation.answers, &base)
                let fresh = try body.map { body throws(ResolverError) in
                    try base.context.record(token: operation.request.token, key: operation.request.key, body: body)
                }
                continueWrite(write, afterFreshening: fresh, &base)
                return
            }
            if case .healing = operation.purpose {
                finishHealing(operation, with: try mergedBody(of: operation.answers, &base), &base)
                return
            }
            let body = try mergedBody(of: operation.answers, &base)
            if case .client(let origin) = operation.purpose {
                return base.context.respond(to: operation.request, with: body, origin)
            }
            if case .condition(let write) = operation.purpose {
                continueWrite(write, afterReading: .success(body), &base)
            }
        } catch {
            end(operation, with: .unavailable("a replica sent a record that cannot be read: \(error)"), &base)
        }
    }

    /// It has failed: who waits for it is told.
    private mutating func end(_ operation: ReadOperation, with error: ClientError, _ base: inout ShardBase) {
        switch operation.purpose {
        case .condition(let write): continueWrite(write, afterReading: .failure(error), &base)
        case .freshening(let write): continueWrite(write, afterFreshening: nil, &base)
        case .healing: giveUpHealing(operation, &base)
        case .client(let origin): base.context.respond(.failed(error), to: origin)
        }
    }

    private mutating func failRead(_ id: RequestID, _ error: ClientError, _ base: inout ShardBase) {
        guard let operation = reads.removeValue(forKey: id), !operation.isAnswered else { return }
        switch error {
        case .quorumUnmet:
            base.context.counters.quorumsUnmet += 1
            base.context.reach(.readQuorumUnmet)
        case .timedOut:
            base.context.counters.timeouts += 1
            base.context.reach(.readTimedOut)
        default: break
        }
        end(operation, with: error, &base)
    }

    /// The time is over: without R answers the read has failed, with them the differing replicas are repaired.
    mutating func expireRead(_ id: RequestID, _ base: inout ShardBase) {
        guard let operation = reads[id] else { return }
        guard operation.isAnswered else {
            failRead(id, .timedOut(answered: operation.counted, needed: operation.needed), &base)
            return
        }
        finish(id, operation, &base)
    }

    mutating func replanRead(_ id: RequestID, _ base: inout ShardBase) {
        guard let operation = reads[id], !operation.isAnswered, let placement = base.context.cluster?.placement else {
            return
        }
        let list = placement.preferenceList(for: operation.request.token)
        let owners = operation.slots.slots.map(\.owner)
        guard operation.isBehind || owners != Array(list.replicas) else { return }
        base.context.reach(.readReplanned)
        // Answers of the old owners do not count among the new ones: ask again.
        reads[id] = ReadOperation(
            purpose: operation.purpose, request: operation.request, needed: operation.needed,
            slots: QuorumSlots(current: list, next: nil))
        guard let renewed = reads[id] else { return }
        renewed.times = operation.times
        renewed.isAsking = true
        for slot in 0..<list.replicaCount { askReadOwner(id, slot: slot, &base) }
        renewed.isAsking = false
        settleRead(id, &base)
    }
}
