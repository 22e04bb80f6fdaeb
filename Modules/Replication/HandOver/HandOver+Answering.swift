internal import Partitioning
internal import StatorCore

/// A question of a node that lets ranges go, being answered: this node lists the range that the records lie in.
struct CoverAnswer {
    let peer: NodeID
    let request: CoverRequest
    /// The first entry that was not looked at yet.
    var position = 0
    /// Positions of those that are not held here as the peer holds them.
    var differing: [Int] = []

    /// Compares the entries with what is held of their range.
    /// - Parameter held: in order, from where the last call ended.
    /// - Parameter isLast: nothing is held behind it.
    mutating func compare(with held: [RecordMetadata], isLast: Bool) {
        var index = 0
        while position < request.entries.count {
            let entry = request.entries[position]
            let wanted = ScanCursor(token: entry.token, key: entry.key)
            while index < held.count, ScanCursor(of: held[index]) < wanted { index += 1 }
            if index == held.count, !isLast { return }
            let isHeld =
                index < held.count && ScanCursor(of: held[index]) == wanted && held[index].digest == entry.digest
            if !isHeld { differing.append(position) }
            position += 1
        }
    }
}

/// The owner's side: says which of a former owner's records are not durable here. Nothing is taken on trust: a listing is
/// answered after the sync that covers it.
extension HandOver {
    mutating func receive(
        _ request: CoverRequest, from sender: NodeID, _ context: inout ShardContext, _ keys: inout KeyWork
    ) {
        if let refusal = refusal(of: request, from: sender, &context) {
            context.reach(.coverRefused)
            return context.send(.coverReply(request.request, .refused(refusal)), to: sender)
        }
        let id = context.newRequestID()
        answers[id] = CoverAnswer(peer: sender, request: request)
        list(id, after: nil, &context, &keys)
    }

    private func isFull(for sender: NodeID) -> Bool {
        var ofSender = 0
        answers.forEach { _, answer in if answer.peer == sender { ofSender += 1 } }
        return answers.count >= ReplicationLimits.maximumCoverAnswers
            || ofSender >= ReplicationLimits.maximumCoverAnswersPerPeer
    }

    mutating func forgetQuestions(of peer: NodeID) {
        for id in answers.sortedNames where answers[id]?.peer == peer { answers[id] = nil }
    }

    private func refusal(of request: CoverRequest, from sender: NodeID, _ context: inout ShardContext) -> Refusal? {
        if context.isStarting { return .overloaded }
        if isFull(for: sender) {
            context.reach(.coverRefusedForLimit)
            context.counters.repairRefused += 1
            return .overloaded
        }
        if context.storageFailure != nil { return .storageFailed }
        guard request.epoch <= context.epoch else { return .staleEpoch(context.epoch) }
        let isInOrder = zip(request.entries, request.entries.dropFirst()).allSatisfy { earlier, later in
            ScanCursor(token: earlier.token, key: earlier.key) < ScanCursor(token: later.token, key: later.key)
        }
        guard isInOrder, request.entries.allSatisfy({ context.owns($0.token) }) else { return .notOwner }
        // What is still on its way here by streams needs no second way.
        let isGaining = context.cluster?.nextPlacement != nil && context.streamedEpoch != context.epoch
        if isGaining, request.entries.contains(where: { !context.ownsNow($0.token) }) { return .overloaded }
        let isStale = request.entries.contains { context.ownersChanged(of: $0.token, since: request.epoch) }
        return isStale ? .staleEpoch(context.epoch) : nil
    }

    private func list(
        _ id: RequestID, after cursor: ScanCursor?, _ context: inout ShardContext, _ keys: inout KeyWork
    ) {
        guard let answer = answers[id], let first = answer.request.entries.first, let last = answer.request.entries.last
        else { return }
        keys.scan(
            TokenRange(first: first.token, last: last.token), after: cursor, limit: ReplicationLimits.scanPage,
            in: .records, for: .cover(id), &context)
    }

    /// A page of what is held in the range.
    mutating func compare(
        _ held: [RecordMetadata], next: ScanCursor?, _ id: RequestID, _ context: inout ShardContext,
        _ keys: inout KeyWork
    ) {
        answers[id]?.compare(with: held, isLast: next == nil)
        guard let answer = answers[id] else { return }
        if answer.position < answer.request.entries.count, let next {
            return list(id, after: next, &context, &keys)
        }
        answers[id] = nil
        context.send(.coverReply(answer.request.request, .differing(answer.differing)), to: answer.peer)
    }

    mutating func failAnswer(_ id: RequestID, _ context: inout ShardContext) {
        guard let answer = answers.removeValue(forKey: id) else { return }
        context.send(.coverReply(answer.request.request, .refused(.storageFailed)), to: answer.peer)
    }
}

extension ScanCursor {
    fileprivate init(of held: RecordMetadata) {
        self.init(token: held.token, key: held.key)
    }
}
