internal import ConflictResolution
internal import DequeModule
internal import NIOCore
internal import Partitioning
internal import StatorCore

/// The coordinator's part of reads: ask as many replicas as ``ReadFanOut`` says, answer after R, repair those that
/// differ.
extension ShardMachine {
    mutating func beginRead(_ request: ClientRequest, _ list: PreferenceList, for purpose: ReadOperation.Purpose) {
        if case .client(.client) = purpose { counters.gets += 1 }
        let id = newRequestID()
        let operation = makeRead(request, list, purpose)
        reads.insert(id, operation)
        watchRead(operation)
        operation.isAsking = true
        askOwners(id, operation, list)
        operation.isAsking = false
        settleRead(id)
    }

    private mutating func makeRead(
        _ request: ClientRequest, _ list: PreferenceList, _ purpose: ReadOperation.Purpose
    ) -> ReadOperation {
        let needed = neededReads(request, list)
        guard let spare = spareReads.popLast() else {
            return ReadOperation(
                purpose: purpose, request: request, needed: needed, slots: QuorumSlots(current: list, next: nil))
        }
        spare.begin(purpose: purpose, request: request, needed: needed, current: list)
        return spare
    }

    private mutating func watchRead(_ operation: ReadOperation) {
        let start = now.monotonic
        operation.times = OperationTimes(
            request: start.advanced(by: timeout(of: operation.request)),
            replica: start.advanced(by: settings.replicaTimeout))
        if settings.readFanOut == .hedged {
            hedgeBudget = min(hedgeBudget + ReplicationLimits.hedgesPerRead, ReplicationLimits.maximumHedges)
            operation.times.hedge = start.advanced(by: settings.hedgeDelay)
        }
        if let next = operation.times.next { watch(until: next) }
    }

    /// This node first where it is an owner and answers at once: the others then need not send what it holds already.
    private mutating func askOwners(_ id: RequestID, _ operation: ReadOperation, _ list: PreferenceList) {
        let owners = list.replicaCount
        let isOwnFirst = resident != nil
        if isOwnFirst, let own = (0..<owners).first(where: { list[$0] == node }) { askReadOwner(id, slot: own) }
        guard settings.readFanOut != .all, operation.purpose.mayAskFewer else {
            for slot in 0..<owners { askReadOwner(id, slot: slot) }
            return
        }
        if !isOwnFirst, let own = (0..<owners).first(where: { list[$0] == node }) { askReadOwner(id, slot: own) }
        // Each read begins with another of them, so that they share the work.
        let first = Int(truncatingIfNeeded: id.number % UInt64(owners))
        for offset in 0..<owners where operation.slots.hopeful < operation.needed {
            let slot = (first + offset) % owners
            if isReachable(list[slot]) { askReadOwner(id, slot: slot) }
        }
        for slot in 0..<owners where operation.slots.hopeful < operation.needed { askReadOwner(id, slot: slot) }
    }

    /// Asks an owner that was not asked yet.
    /// - Returns: whether there was one.
    private mutating func askOneMore(_ id: RequestID) -> Bool {
        guard let operation = reads[id] else { return false }
        let slots = operation.slots.slots
        let next =
            slots.firstIndex { !$0.isAsked && isReachable($0.owner) } ?? slots.firstIndex { !$0.isAsked }
        guard let next else { return false }
        let before = operation.slots.asks.count
        askReadOwner(id, slot: next)
        return operation.slots.asks.count > before
    }

    /// The read has waited for long enough: one more owner is asked, as far as the budget goes.
    mutating func passHedgeDeadline(_ id: RequestID) {
        guard let operation = reads[id], !operation.isAnswered, hedgeBudget >= 1 else { return }
        operation.isAsking = true
        if askOneMore(id) {
            hedgeBudget -= 1
            counters.hedgedReads += 1
        }
        operation.isAsking = false
        settleRead(id)
    }

    private mutating func askReadOwner(_ id: RequestID, slot: Int) {
        guard let operation = reads[id], !operation.slots.slots[slot].isAsked else { return }
        let owner = operation.slots.slots[slot].owner
        if isReachable(owner) {
            askRead(owner, id, slot: slot, isStandIn: false)
        } else {
            askReadStandIn(id, slot: slot)
        }
    }

    private mutating func askReadStandIn(_ id: RequestID, slot: Int) {
        guard let operation = reads[id], isSloppy(operation.request) else { return }
        guard let standIn = operation.slots.nextStandIn(slot: slot, isUsable: { isReachable($0) }) else { return }
        askRead(standIn, id, slot: slot, isStandIn: true)
    }

    private mutating func askRead(_ target: NodeID, _ id: RequestID, slot: Int, isStandIn: Bool) {
        guard let operation = reads[id] else { return }
        operation.slots.noteAsked(target, slot: slot, isStandIn: isStandIn)
        let token = operation.request.token
        let key = operation.request.key
        if target != node {
            let read = ReplicaRead(
                request: id, epoch: epoch, token: token, key: key, isStandIn: isStandIn,
                known: operation.record(of: node)?.digest)
            send(.read(read), to: target)
        } else if isStandIn {
            gatherStandInRecords(token, key, then: .standInOperation(id, key))
        } else if !readAtOnce(id, operation) {
            enqueue(.read(.operation(id)), on: .records(token, key))
        }
    }

    mutating func receiveReadReply(_ id: RequestID, _ outcome: ReadOutcome, from sender: NodeID) {
        guard reads[id] != nil else { return }
        switch outcome {
        case .held(let record, let counts): noteReadAnswer(id, of: sender, record, counts: counts)
        case .same(let digest, let counts):
            // The record that was known when it was asked may not be this operation's any more: the view changed.
            guard let own = reads[id]?.record(of: node), own.digest == digest else {
                return askReadAgain(id, of: sender)
            }
            noteReadAnswer(id, of: sender, own, counts: counts)
        case .refused(.staleEpoch(let theirs)) where theirs <= epoch: askReadAgain(id, of: sender)
        case .refused(let refusal):
            if case .staleEpoch = refusal { reads[id]?.isBehind = true }
            noteReadFailure(id, of: sender)
        }
    }

    /// It was asked under an epoch that this node has left since: ask again under the present one.
    private mutating func askReadAgain(_ id: RequestID, of replica: NodeID) {
        guard let operation = reads[id], operation.slots.isWaiting(for: replica) else { return }
        let read = ReplicaRead(
            request: id, epoch: epoch, token: operation.request.token, key: operation.request.key,
            isStandIn: operation.slots.isStandIn(replica))
        send(.read(read), to: replica)
    }

    mutating func noteReadAnswer(_ id: RequestID, of replica: NodeID, _ record: StoredRecord?, counts: Bool) {
        guard let operation = reads[id], operation.slots.wasAsked(replica),
            !operation.answers.contains(where: { $0.node == replica })
        else { return }
        let isStandIn = operation.slots.isStandIn(replica)
        operation.answers.append(ReadOperation.Answer(node: replica, record: record, isStandIn: isStandIn))
        if counts {
            if operation.slots.noteAnswer(of: replica) != nil { operation.counted += 1 }
        } else if let slot = operation.slots.noteFailure(of: replica) {
            // Its range is still recovering: what it holds is taken along, but somebody else has to count.
            replaceReader(id, slot: slot)
        }
        settleRead(id)
    }

    mutating func noteReadFailure(_ id: RequestID, of replica: NodeID) {
        guard let slot = reads[id]?.slots.noteFailure(of: replica) else { return }
        replaceReader(id, slot: slot)
        settleRead(id)
    }

    /// An owner that was left out so far knows more than one that stands in.
    private mutating func replaceReader(_ id: RequestID, slot: Int) {
        if !askOneMore(id) { askReadStandIn(id, slot: slot) }
    }

    mutating func passReadReplicaDeadline(_ id: RequestID) {
        guard let operation = reads[id] else { return }
        operation.isAsking = true
        let asked = operation.slots.slots
        if !operation.isAnswered { while askOneMore(id) {} }
        for (index, slot) in asked.enumerated() where slot.isAsked && !slot.isFilled { askReadStandIn(id, slot: index) }
        operation.isAsking = false
        settleRead(id)
    }

    private mutating func settleRead(_ id: RequestID) {
        guard let operation = reads[id], !operation.isAsking else { return }
        let isSettled = !operation.slots.isAnybodyWaiting
        if !operation.isAnswered {
            if operation.counted >= operation.needed {
                operation.isAnswered = true
                answer(operation)
            } else if isSettled, !operation.isBehind {
                // Owners that were left out so far take the place of those that failed.
                if askOneMore(id) { return settleRead(id) }
                failRead(id, .quorumUnmet(answered: operation.counted, needed: operation.needed))
                return
            }
        }
        if isSettled, let finished = reads[id], finished.isAnswered {
            reads[id] = nil
            repair(finished)
            endedReads.append(finished)
        }
    }

    private mutating func answer(_ operation: ReadOperation) {
        do {
            if case .freshening(let write) = operation.purpose {
                let body = try mergedBody(of: operation.answers)
                let fresh = try body.map { body throws(ResolverError) in
                    try record(token: operation.request.token, key: operation.request.key, body: body)
                }
                continueWrite(write, afterFreshening: fresh)
                return
            }
            if case .healing = operation.purpose {
                finishHealing(operation, with: try mergedBody(of: operation.answers))
                return
            }
            let body = try mergedBody(of: operation.answers)
            if case .client(let origin) = operation.purpose {
                return respond(to: operation.request, with: body, origin)
            }
            deliver(.success(try body.map(resolver.read)), of: operation)
        } catch {
            deliver(.failure(.unavailable("a replica sent a record that cannot be read: \(error)")), of: operation)
        }
    }

    private mutating func deliver(_ outcome: Result<ReadResult?, ClientError>, of operation: ReadOperation) {
        switch operation.purpose {
        case .precondition(let write): continueWrite(write, afterReading: outcome)
        case .freshening(let write): continueWrite(write, afterFreshening: nil)
        case .healing: giveUpHealing(operation)
        case .client(let origin): if case .failure(let error) = outcome { respond(.failed(error), to: origin) }
        }
    }

    /// The merge of all answers; bodies of equal digest are merged once.
    private func mergedBody(of answers: [ReadOperation.Answer]) throws(ResolverError) -> ByteBuffer? {
        var merged: StoredRecord?
        var body: ByteBuffer?
        for case let record? in answers.map(\.record) {
            guard let known = body, let first = merged else {
                merged = record
                body = record.body
                continue
            }
            if record.digest != first.digest { body = try resolver.merge(known, record.body) }
        }
        return body
    }

    /// Sends the merged record to the owners whose answer differs from it, in the background.
    private mutating func repair(_ operation: ReadOperation) {
        guard settings.readRepairs, let first = operation.answers.first,
            operation.answers.contains(where: { $0.record?.digest != first.record?.digest }),
            let body = try? mergedBody(of: operation.answers),
            let merged = try? record(token: operation.request.token, key: operation.request.key, body: body)
        else { return }
        for answer in operation.answers where !answer.isStandIn && answer.record?.digest != merged.digest {
            counters.readRepairs += 1
            noteRepair(merged.key)
            if answer.node == node {
                enqueue(.merge(merged, .repaired), on: .records(merged.token, merged.key))
            } else {
                let write = ReplicaWrite(
                    request: newRequestID(), epoch: epoch, purpose: .readRepair, record: merged, hintFor: nil)
                send(.write(write), to: answer.node)
            }
        }
    }

    /// Remembers when a key was last repaired, for `explain`.
    mutating func noteRepair(_ key: Key) {
        if repairTimes.updateValue(now.wall, forKey: key) == nil { repairOrder.append(key) }
        if repairOrder.count > ReplicationLimits.rememberedRepairs, let oldest = repairOrder.popFirst() {
            repairTimes[oldest] = nil
        }
    }

    private mutating func failRead(_ id: RequestID, _ error: ClientError) {
        guard let operation = reads.removeValue(forKey: id), !operation.isAnswered else { return }
        switch error {
        case .quorumUnmet: counters.quorumsUnmet += 1
        case .timedOut: counters.timeouts += 1
        default: break
        }
        deliver(.failure(error), of: operation)
    }

    /// The time is over: without R answers the read has failed, with them the differing replicas are repaired.
    mutating func expireRead(_ id: RequestID) {
        guard let operation = reads[id] else { return }
        guard operation.isAnswered else {
            failRead(id, .timedOut(answered: operation.counted, needed: operation.needed))
            return
        }
        reads[id] = nil
        repair(operation)
    }

    mutating func replanRead(_ id: RequestID) {
        guard let operation = reads[id], !operation.isAnswered, let placement = cluster?.placement else { return }
        let list = placement.preferenceList(for: operation.request.token)
        let owners = operation.slots.slots.map(\.owner)
        guard operation.isBehind || owners != Array(list.replicas) else { return }
        // Answers of the old owners do not count among the new ones: ask again.
        reads[id] = ReadOperation(
            purpose: operation.purpose, request: operation.request, needed: operation.needed,
            slots: QuorumSlots(current: list, next: nil))
        guard let renewed = reads[id] else { return }
        renewed.times = operation.times
        renewed.isAsking = true
        for slot in 0..<list.replicaCount { askReadOwner(id, slot: slot) }
        renewed.isAsking = false
        settleRead(id)
    }
}
