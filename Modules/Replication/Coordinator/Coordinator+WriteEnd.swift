internal import ConflictResolution
internal import StatorCore

/// Writes: how one ends, and what still waits for slow replicas after its answer.
extension Coordinator {
    /// Takes a write out of the table: nothing happens to it any more.
    mutating func remove(_ id: RequestID, _ operation: WriteOperation, _ base: inout ShardBase) {
        guard !operation.isEnded else { return }
        writes[id] = nil
        operation.isEnded = true
        if operation.isAnswered { endLagging(operation.slots, &base) }
    }

    /// Its client is answered. What still waits is for replicas that are slow; who is too slow is left to hints and repair.
    mutating func beginLagging(_ id: RequestID, _ operation: WriteOperation, _ base: inout ShardBase) {
        lagging += 1
        var left: [NodeID] = []
        for ask in operation.slots.asks where ask.state == .waiting {
            if base.context.peers.lag(of: ask.node) >= ReplicationLimits.maximumLagging { left.append(ask.node) }
            base.context.changeLag(of: ask.node, by: 1)
        }
        for node in left {
            base.context.reach(.laggardLeft)
            noteWriteFailure(id, of: node, &base)
        }
    }

    mutating func endLagging(_ slots: QuorumSlots, _ base: inout ShardBase) {
        lagging -= 1
        for ask in slots.asks where ask.state == .waiting { base.context.changeLag(of: ask.node, by: -1) }
    }

    func respondStored(_ operation: WriteOperation, _ base: inout ShardBase) {
        if let result = operation.result {
            let updated = UpdateOutcome(node: base.context.node, isWritten: true, result: result)
            return base.context.respond(.updated(updated), to: operation.origin)
        }
        let stored = StoredOutcome(
            node: base.context.node, isFirst: !operation.hadLive, context: operation.context)
        base.context.respond(.stored(stored), to: operation.origin)
    }

    mutating func failWrite(_ id: RequestID, _ error: ClientError, _ base: inout ShardBase) {
        guard let operation = writes[id] else { return }
        remove(id, operation, &base)
        guard !operation.isAnswered else { return }
        switch error {
        case .quorumUnmet:
            base.context.counters.quorumsUnmet += 1
            base.context.reach(.writeQuorumUnmet)
        case .timedOut:
            base.context.counters.timeouts += 1
            base.context.reach(.writeTimedOut)
        case .outcomeUnknown: base.context.counters.outcomesUnknown += 1
        default: break
        }
        base.context.respond(.failed(error), to: operation.origin)
    }

    mutating func expireWrite(_ id: RequestID, _ base: inout ShardBase) {
        guard let operation = writes[id] else { return }
        failWrite(id, .timedOut(answered: operation.slots.answered, needed: operation.needed), &base)
    }
}
