internal import DequeModule
internal import Partitioning
internal import StatorCore

/// Lets go of what this node does not own any more, or will not once it has left.
///
/// A record goes only when every owner of its key in the present view was shown to hold it or what supersedes it. A page
/// of records at a time: their digests are sent to each owner, who says which of them it does not hold durably; those it
/// is given, and confirms. No timer, start or configuration removes anything; an owner that is away delays it.
///
/// A node that leaves does so before the switch as well, for those who own its ranges from then on: so it may be stopped
/// soon after, and what fewer than the configured W of its owners acknowledged does not go with it.
///
/// It owns the pass under way and the questions of others that it is answering. Cost of a pass: for each record some
/// thirty bytes to each owner, and the record itself where that lacks it.
///
/// Riak's ownership handoff sends all records of a range; here digests go, and records only where an owner lacks them.
/// Cassandra's cleanup asks nobody before it deletes.
struct HandOver {
    enum Goal {
        /// All that is owned, for the owners of the next epoch.
        case leave
        /// What is not owned: it is removed once it was shown.
        case drop
    }

    /// A record of the page at hand, and the owners that were not shown to hold it yet.
    struct Entry {
        let metadata: RecordMetadata
        var waiting: [NodeID]
    }

    /// What was asked of an owner and not answered yet.
    struct Question {
        enum Subject {
            /// Which of these entries it holds.
            case cover([Int])
            /// To store this entry.
            case push(Int)
        }

        let id: RequestID
        let owner: NodeID
        let subject: Subject
        /// Of the record that is on its way.
        var bytes = 0
    }

    struct Pass {
        let id: RequestID
        let goal: Goal
        let epoch: Epoch
        let ranges: [TokenRange]
        var index = 0
        var cursor: ScanCursor?
        /// Records that were not shown to all of their owners, in this pass.
        var kept = 0

        // The page at hand.
        var entries: [Entry] = []
        var next: ScanCursor?
        var questions: [Question] = []
        var pushes = Deque<(owner: NodeID, entry: Int)>()
        var lastHeard: Instant

        /// Whether the window takes another push.
        var isWindowOpen: Bool {
            questions.count < ReplicationLimits.handOverWindow
                && questions.reduce(0) { $0 + $1.bytes } < ReplicationLimits.handOverBytes
        }
    }

    var pass: Pass?
    /// Records that the last pass to its end could not let go; `nil` before that.
    private(set) var kept: Int?
    var answers = NumberTable<RequestID, CoverAnswer>()

    /// What is under way, of both sides.
    var underWay: Int { (pass == nil ? 0 : 1) + answers.count }

    /// Bytes of records that are on their way.
    var heldBytes: Int { pass?.questions.reduce(0) { $0 + $1.bytes } ?? 0 }

    // MARK: Passes

    /// Begins a pass over what has to be handed over now, unless one is under way.
    mutating func begin(_ context: inout ShardContext, _ keys: inout KeyWork) {
        guard !context.isStarting, !context.isStopping, let cluster = context.cluster, let placement = cluster.placement
        else { return }
        if let pass, pass.epoch == cluster.epoch { return }
        pass = nil
        let isLeaving = cluster.view.member(context.node)?.status == .leaving
        if isLeaving, context.handedOverEpoch != cluster.epoch {
            start(.leave, context.ownedRanges(placement), &context, &keys)
        } else {
            // A change under way does not hold it up: a node that has left may never learn how that one ends.
            let next = cluster.nextPlacement?.replicaRanges(of: context.node) ?? []
            let unowned = context.shardRange.subtracting(placement.replicaRanges(of: context.node) + next)
            start(.drop, unowned, &context, &keys)
        }
    }

    private mutating func start(
        _ goal: Goal, _ ranges: [TokenRange], _ context: inout ShardContext, _ keys: inout KeyWork
    ) {
        pass = Pass(
            id: context.newRequestID(), goal: goal, epoch: context.epoch, ranges: ranges,
            lastHeard: context.now.monotonic)
        setDeadline(&context)
        listNext(&context, &keys)
    }

    /// The cluster has changed: what was shown is of owners that may be others now.
    mutating func abandon() {
        pass = nil
        kept = nil
    }

    private mutating func listNext(_ context: inout ShardContext, _ keys: inout KeyWork) {
        guard let pass else { return }
        guard pass.index < pass.ranges.count else { return end(pass, &context) }
        keys.scan(
            pass.ranges[pass.index], after: pass.cursor, limit: ReplicationLimits.recordsPerMessage, in: .records,
            for: .handOver(pass.id), &context)
    }

    private mutating func end(_ ended: Pass, _ context: inout ShardContext) {
        pass = nil
        kept = ended.kept
        guard ended.kept == 0 else {
            context.reach(.handOverIncomplete)
            return context.setJitteredTimer(.handOver, after: ReplicationLimits.handOverRetry)
        }
        if ended.goal == .leave { context.handedOverEpoch = ended.epoch }
    }

    /// The range cannot be listed: what it holds is kept, and tried again.
    mutating func failListing(_ id: RequestID, _ context: inout ShardContext) {
        guard var failed = pass, failed.id == id else { return }
        failed.kept += 1
        end(failed, &context)
    }

    // MARK: A page

    mutating func take(
        _ entries: [RecordMetadata], next: ScanCursor?, _ id: RequestID, _ context: inout ShardContext,
        _ keys: inout KeyWork
    ) {
        guard let current = pass, current.id == id else { return }
        var listed: [Entry] = []
        for metadata in entries {
            guard let owners = owners(of: metadata.token, current.goal, context) else { continue }
            listed.append(Entry(metadata: metadata, waiting: owners))
        }
        pass?.next = next
        pass?.entries = listed
        pass?.lastHeard = context.now.monotonic
        ask(&context)
        advance(&context, &keys)
    }

    /// - Returns: who is to hold it, or `nil` for what stays here.
    private func owners(of token: Token, _ goal: Goal, _ context: ShardContext) -> [NodeID]? {
        if goal == .drop, context.owns(token) { return nil }
        let placement = goal == .leave ? context.cluster?.nextPlacement : context.cluster?.placement
        return placement?.preferenceList(for: token).replicas.filter { $0 != context.node }
    }

    private mutating func ask(_ context: inout ShardContext) {
        guard let entries = pass?.entries, !entries.isEmpty else { return }
        var shares: [(owner: NodeID, entries: [Int])] = []
        for index in entries.indices {
            for owner in entries[index].waiting where context.isReachable(owner) {
                if let share = shares.firstIndex(where: { $0.owner == owner }) {
                    shares[share].entries.append(index)
                } else {
                    shares.append((owner, [index]))
                }
            }
        }
        for share in shares {
            let id = context.newRequestID()
            pass?.questions.append(Question(id: id, owner: share.owner, subject: .cover(share.entries)))
            let asked = share.entries.map { index in
                let metadata = entries[index].metadata
                return CoverRequest.Entry(token: metadata.token, key: metadata.key, digest: metadata.digest)
            }
            context.send(
                .cover(CoverRequest(request: id, epoch: context.epoch, entries: asked)), to: share.owner)
        }
    }

    /// One at a time for each pass.
    private func setDeadline(_ context: inout ShardContext) {
        guard let pass else { return }
        let due = pass.lastHeard.advanced(by: context.blueprint.antiEntropy.sessionIdleTimeout)
        context.deadlines.insert(.handOver(pass.id), due: due)
    }

    /// An owner says which of the records it does not hold.
    mutating func receive(
        _ id: RequestID, _ outcome: CoverOutcome, from sender: NodeID, _ context: inout ShardContext,
        _ keys: inout KeyWork
    ) {
        guard let question = takeQuestion(id, of: sender, &context), case .cover(let asked) = question.subject else {
            return
        }
        switch outcome {
        case .refused: context.reach(.handOverRefused)
        case .differing(let positions):
            let differing = Set(positions)
            for (position, entry) in asked.enumerated() {
                if differing.contains(position) {
                    pass?.pushes.append((sender, entry))
                } else {
                    pass?.entries[entry].waiting.removeAll { $0 == sender }
                }
            }
        }
        advance(&context, &keys)
    }

    /// - Returns: the question that this answers, which is no longer asked.
    private mutating func takeQuestion(
        _ id: RequestID, of sender: NodeID, _ context: inout ShardContext
    ) -> Question? {
        guard let index = pass?.questions.firstIndex(where: { $0.id == id && $0.owner == sender }) else { return nil }
        pass?.lastHeard = context.now.monotonic
        return pass?.questions.remove(at: index)
    }

    /// Goes on with what the page still needs, or with the next one.
    mutating func advance(_ context: inout ShardContext, _ keys: inout KeyWork) {
        while let current = pass, current.isWindowOpen,
            let (owner, entry) = pass?.pushes.popFirst()
        {
            let id = context.newRequestID()
            let metadata = current.entries[entry].metadata
            pass?.questions.append(
                Question(id: id, owner: owner, subject: .push(entry), bytes: metadata.bytes))
            let name = StoreKey.records(metadata.token, metadata.key)
            if let gather = keys.gather([name], for: .handOver(id), &context) { push(gather, id, &context) }
        }
        guard let current = pass, current.questions.isEmpty else { return }
        finishPage(current, &context, &keys)
    }

    // MARK: Giving an owner what it lacks

    /// The record was loaded.
    mutating func send(
        _ gather: Gather, _ id: RequestID, _ context: inout ShardContext, _ keys: inout KeyWork
    ) {
        push(gather, id, &context)
        advance(&context, &keys)
    }

    private mutating func push(_ gather: Gather, _ id: RequestID, _ context: inout ShardContext) {
        guard let question = pass?.questions.first(where: { $0.id == id }), case .push(let entry) = question.subject
        else { return }
        // What has changed since it was listed is looked at by the next pass.
        context.noteRead(gather.records)
        guard gather.failures == 0, let record = gather.records.first,
            record.digest == pass?.entries[entry].metadata.digest, context.isReachable(question.owner)
        else {
            context.reach(.handOverUnreadable)
            pass?.questions.removeAll { $0.id == id }
            return
        }
        context.counters.recordsHandedOver += 1
        context.noteRepairSent([record])
        context.reach(.handOverPushed)
        let write = ReplicaWrite(
            request: id, epoch: context.epoch, purpose: .handOver, record: record, hintFor: nil)
        context.send(.write(write), to: question.owner)
    }

    /// - Returns: whether the reply was to something that this part had sent.
    mutating func receiveReply(
        _ id: RequestID, _ outcome: WriteOutcome, from sender: NodeID, _ context: inout ShardContext,
        _ keys: inout KeyWork
    ) -> Bool {
        guard let question = takeQuestion(id, of: sender, &context) else { return false }
        if case .push(let entry) = question.subject, case .stored = outcome {
            pass?.entries[entry].waiting.removeAll { $0 == sender }
        }
        advance(&context, &keys)
        return true
    }

    // MARK: Silence

    mutating func passDeadline(_ id: RequestID, _ context: inout ShardContext, _ keys: inout KeyWork) {
        guard let current = pass, current.id == id else { return }
        let due = current.lastHeard.advanced(by: context.blueprint.antiEntropy.sessionIdleTimeout)
        if due <= context.now.monotonic { pass?.lastHeard = context.now.monotonic }
        setDeadline(&context)
        guard due <= context.now.monotonic, !current.questions.isEmpty else { return }
        context.reach(.handOverSilent)
        pass?.questions = []
        pass?.pushes = []
        advance(&context, &keys)
    }

    /// A peer cannot be reached any more: what it was asked is asked again by the next pass, and what it asked by it.
    mutating func lose(_ peer: NodeID, _ context: inout ShardContext, _ keys: inout KeyWork) {
        forgetQuestions(of: peer)
        guard let current = pass, current.questions.contains(where: { $0.owner == peer }) else { return }
        context.reach(.handOverLost)
        pass?.questions.removeAll { $0.owner == peer }
        pass?.pushes.removeAll { $0.owner == peer }
        advance(&context, &keys)
    }

    // MARK: Letting go

    private mutating func finishPage(_ page: Pass, _ context: inout ShardContext, _ keys: inout KeyWork) {
        for entry in page.entries {
            guard entry.waiting.isEmpty else {
                pass?.kept += 1
                continue
            }
            guard page.goal == .drop else { continue }
            let key = StoreKey.records(entry.metadata.token, entry.metadata.key)
            if let outcome = keys.remove(entry.metadata.digest, on: key, for: .unowned, &context) {
                finishDrop(outcome, &context)
            }
        }
        pass?.entries = []
        pass?.cursor = page.next
        if page.next == nil { pass?.index += 1 }
        listNext(&context, &keys)
    }

    /// A record was to be removed; one that has changed meanwhile stays, and is looked at again.
    func finishDrop(_ outcome: TaskOutcome, _ context: inout ShardContext) {
        guard case .changed = outcome else {
            return context.setJitteredTimer(.handOver, after: ReplicationLimits.handOverRetry)
        }
        context.counters.recordsDropped += 1
        context.reach(.recordDropped)
        context.noteForgotten()
    }
}
