internal import ConflictResolution
internal import DequeModule
internal import NIOCore
internal import Partitioning
internal import StatorCore

/// A read under way at its coordinator. An object, so that what comes in for it changes it in its place.
final class ReadOperation {
    enum Purpose {
        case client(RequestOrigin)
        /// A write waits for what it shows.
        case precondition(RequestID)
        /// A write waits for the record that this node, still recovering, lacks.
        case freshening(RequestID)
        /// This node's record of the key is corrupt: what the other owners hold takes its place.
        case healing
    }

    struct Answer {
        let node: NodeID
        let record: StoredRecord?
        let isStandIn: Bool
    }

    let purpose: Purpose
    let request: ClientRequest
    let needed: Int
    var slots: QuorumSlots
    var answers: [Answer] = []
    /// Answers that count to R: not those of owners that still recover the range.
    var counted = 0
    var isAnswered = false
    var isBehind = false

    init(purpose: Purpose, request: ClientRequest, needed: Int, slots: QuorumSlots) {
        self.purpose = purpose
        self.request = request
        self.needed = needed
        self.slots = slots
    }
}

/// The coordinator's part of reads: ask all N replicas, answer after R, repair those that differ.
extension ShardMachine {
    mutating func beginRead(_ request: ClientRequest, _ list: PreferenceList, for purpose: ReadOperation.Purpose) {
        if case .client(.client) = purpose { counters.gets += 1 }
        let id = newRequestID()
        reads[id] = ReadOperation(
            purpose: purpose, request: request, needed: neededReads(request, list),
            slots: QuorumSlots(current: list, next: nil))
        deadlines.insert(.request(id), due: now.monotonic.advanced(by: timeout(of: request)))
        deadlines.insert(.replica(id), due: now.monotonic.advanced(by: settings.replicaTimeout))
        for slot in 0..<list.replicaCount { askReadOwner(id, slot: slot) }
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
            let read = ReplicaRead(request: id, epoch: epoch, token: token, key: key, isStandIn: isStandIn)
            send(.read(read), to: target)
        } else if isStandIn {
            gatherStandInRecords(token, key, then: .standInOperation(id, key))
        } else {
            enqueue(.read(.operation(id)), on: .records(token, key))
        }
    }

    mutating func receiveReadReply(_ id: RequestID, _ outcome: ReadOutcome, from sender: NodeID) {
        guard reads[id] != nil else { return }
        switch outcome {
        case .held(let record, let counts): noteReadAnswer(id, of: sender, record, counts: counts)
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
            askReadStandIn(id, slot: slot)
        }
        settleRead(id)
    }

    mutating func noteReadFailure(_ id: RequestID, of replica: NodeID) {
        guard let slot = reads[id]?.slots.noteFailure(of: replica) else { return }
        askReadStandIn(id, slot: slot)
        settleRead(id)
    }

    mutating func passReadReplicaDeadline(_ id: RequestID) {
        guard let operation = reads[id] else { return }
        for (index, slot) in operation.slots.slots.enumerated() where !slot.isFilled { askReadStandIn(id, slot: index) }
        settleRead(id)
    }

    private mutating func settleRead(_ id: RequestID) {
        guard let operation = reads[id] else { return }
        let isSettled = !operation.slots.isAnybodyWaiting
        if !operation.isAnswered {
            if operation.counted >= operation.needed {
                operation.isAnswered = true
                answer(operation)
            } else if isSettled, !operation.isBehind {
                failRead(id, .quorumUnmet(answered: operation.counted, needed: operation.needed))
                return
            }
        }
        if isSettled, let finished = reads[id], finished.isAnswered {
            reads[id] = nil
            repair(finished)
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
            guard let body = try mergedBody(of: operation.answers) else {
                deliver(.success(nil), of: operation)
                return
            }
            deliver(.success(try resolver.read(body)), of: operation)
        } catch {
            deliver(.failure(.unavailable("a replica sent a record that cannot be read: \(error)")), of: operation)
        }
    }

    private mutating func deliver(_ outcome: Result<ReadResult?, ClientError>, of operation: ReadOperation) {
        switch operation.purpose {
        case .precondition(let write): continueWrite(write, afterReading: outcome)
        case .freshening(let write): continueWrite(write, afterFreshening: nil)
        case .healing: giveUpHealing(operation)
        case .client(let origin):
            switch outcome {
            case .failure(let error): respond(.failed(error), to: origin)
            case .success(nil): respond(.notFound(context: nil), to: origin)
            case .success(let result?) where result.isTombstone:
                respond(.notFound(context: result.context), to: origin)
            case .success(let result?):
                if result.liveVersions.count > 1 { counters.siblingsRead += 1 }
                respond(.found(result), to: origin)
            }
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
        for slot in 0..<list.replicaCount { askReadOwner(id, slot: slot) }
        settleRead(id)
    }
}
