internal import DequeModule
internal import Partitioning
internal import StatorCore
internal import Sync

/// Anti-entropy: rounds of sync sessions with the other replicas, the records that they push and pull, and the index by
/// which they compare.
///
/// It owns the sync strategy and its index, the sessions under way at this end and those planned, and what was exchanged
/// and not answered yet.
///
/// Rules (DESIGN, section 5): only ranges that both ends own are compared; a session ends when the strategy has finished
/// and every exchange is answered and merged, or fails: when its other end is silent, or when a record could not be
/// listed, read or merged at either end, of which both are told; the index is told of every applied change before
/// it is asked anything; nothing of a session outlives it; what sessions hold is bounded, in number for each peer and in
/// bytes for each session.
struct AntiEntropy {
    let synchronizer: any Synchronizer
    var sessions: [SessionID: SessionState] = [:]
    private var queue = Deque<PlannedSession>()
    /// How many sessions the present round was planned with.
    private var roundSessions = 0
    /// Pushes and pulls of this end, and what others have pushed here, of sessions under way.
    var exchanges: [RequestID: Exchange] = [:]
    var batches: [BatchID: PushedBatch] = [:]
    /// The latest that ended.
    private(set) var summaries = Deque<SessionSummary>()
    private(set) var respondingSessions = 0
    var resends = Resends()

    init(synchronizer: any Synchronizer) {
        self.synchronizer = synchronizer
    }

    var round: SyncRound {
        SyncRound(sessions: roundSessions, waiting: queue.count, underWay: sessions.count - respondingSessions)
    }

    /// Bytes of records that sessions hold here, about: those being loaded, sent and not answered, asked for, or being
    /// merged. At most ``ReplicationLimits/bytesPerSession`` for each session, and what the last record of each message has
    /// beyond that.
    var heldBytes: Int {
        // ordered: sums are the same in any order
        let loading = sessions.values.reduce(0) { $0 + $1.loads + $1.pulls } * ReplicationLimits.bytesPerMessage
        let exchanged = exchanges.values.reduce(0) { $0 + $1.bytes }  // ordered: a sum
        let pushed = batches.values.reduce(0) { $0 + $1.bytes + $1.differingBytes }  // ordered: a sum
        return loading + exchanged + pushed
    }

    // MARK: The index

    /// Tells the sync strategy of changes.
    func flushChanges(_ context: inout ShardContext) {
        guard !context.changes.isEmpty else { return }
        synchronizer.recordsChanged(context.changes)
        context.changes.removeAll(keepingCapacity: true)
    }

    /// A page of what the record store holds, at start.
    func rebuild(_ entries: [RecordMetadata], _ context: inout ShardContext) {
        let changes = entries.map { RecordChange(token: $0.token, key: $0.key, old: nil, new: $0.digest) }
        flushChanges(&context)
        if !changes.isEmpty { synchronizer.recordsChanged(changes) }
    }

    // MARK: Rounds

    /// Plans a session for every range shared with every other replica. In a periodic round each pair has one
    /// initiator; an operator's round asks everyone.
    mutating func beginRound(withEveryone: Bool, _ context: inout ShardContext, _ keys: inout KeyWork) {
        guard !context.isStarting, !context.isStopping, let placement = context.cluster?.placement else { return }
        guard withEveryone || queue.isEmpty else { return context.reach(.roundStillUnderWay) }
        guard let mine = placement.nodes.firstIndex(of: context.node) else { return }
        // What an earlier round has left is part of it.
        queue.removeAll()
        for (theirs, peer) in placement.nodes.enumerated() where peer != context.node {
            let isInitiator = (mine + theirs) % 2 == 0 ? mine < theirs : mine > theirs
            guard withEveryone || isInitiator, context.canStore(peer) else { continue }
            for shared in placement.sharedRanges(context.node, peer) {
                guard let range = shared.intersection(context.shardRange) else { continue }
                queue.append(PlannedSession(peer: peer, range: range))
            }
        }
        roundSessions = queue.count
        startSessions(&context, &keys)
    }

    mutating func startSessions(_ context: inout ShardContext, _ keys: inout KeyWork) {
        var mine = sessions.count - respondingSessions
        while mine < context.blueprint.antiEntropy.maximumSessions, let planned = queue.popFirst() {
            guard context.canStore(planned.peer), context.takesWrites(.records) else { continue }
            mine += 1
            let id = SessionID(initiator: context.node, number: context.newRequestID().number)
            open(id, with: planned.peer, planned.range, isInitiator: true, &context)
            synchronize(.start(id, peer: planned.peer, range: planned.range), &context, &keys)
        }
    }

    mutating func open(
        _ id: SessionID, with peer: NodeID, _ range: TokenRange, isInitiator: Bool, _ context: inout ShardContext
    ) {
        sessions[id] = SessionState(
            peer: peer, range: range, isInitiator: isInitiator, begun: context.now.monotonic,
            lastHeard: context.now.monotonic)
        if !isInitiator { respondingSessions += 1 }
        context.counters.syncSessions += 1
        context.deadlines.insert(
            .session(id), due: context.now.monotonic.advanced(by: context.blueprint.antiEntropy.sessionIdleTimeout))
    }

    mutating func passDeadline(_ id: SessionID, _ context: inout ShardContext, _ keys: inout KeyWork) {
        guard let session = sessions[id] else { return }
        let due = session.lastHeard.advanced(by: context.blueprint.antiEntropy.sessionIdleTimeout)
        if due <= context.now.monotonic {
            context.reach(.sessionTimedOut)
            close(
                id, failure: "no word from \(session.peer) for \(context.blueprint.antiEntropy.sessionIdleTimeout)",
                &context, &keys)
        } else {
            context.deadlines.insert(.session(id), due: due)
        }
    }

    /// The other end cannot go on.
    mutating func fail(
        _ id: SessionID, _ reason: String, from sender: NodeID, _ context: inout ShardContext, _ keys: inout KeyWork
    ) {
        guard sessions[id]?.peer == sender else { return }
        context.reach(.sessionRefusedByPeer)
        close(id, failure: reason, &context, &keys)
    }

    /// A peer cannot be reached any more.
    mutating func lose(_ peer: NodeID, _ context: inout ShardContext, _ keys: inout KeyWork) {
        resends.forget(peer)
        for id in sessions.keys.sorted() where sessions[id]?.peer == peer {  // ordered: sorted
            context.reach(.sessionLost)
            close(id, failure: "the link to \(peer) was lost", &context, &keys)
        }
    }

    /// The view has changed: who is no member any more is nobody to compare with.
    mutating func forgetDeparted(_ context: inout ShardContext, _ keys: inout KeyWork) {
        guard let view = context.cluster?.view else { return }
        for id in sessions.keys.sorted() {  // ordered: sorted
            guard let peer = sessions[id]?.peer, !view.contains(peer) else { continue }
            context.reach(.sessionLost)
            close(id, failure: "\(peer) has left", &context, &keys)
        }
    }

    /// Ends a session, and with it all that was under way for it here. What is being merged is merged all the same.
    mutating func close(_ id: SessionID, failure: String?, _ context: inout ShardContext, _ keys: inout KeyWork) {
        guard let session = sessions.removeValue(forKey: id) else { return }
        if !session.isInitiator { respondingSessions -= 1 }
        for request in session.requests { exchanges[request] = nil }  // ordered: each by itself
        for batch in session.batches { batches[batch] = nil }  // ordered: each by itself
        if failure != nil {
            context.counters.syncSessionsFailed += 1
            synchronize(.abandoned(id), &context, &keys)
        }
        let report = session.report ?? SessionReport()
        context.counters.syncKeysListed += report.keysListed
        context.counters.syncDirtyLeaves += report.dirtyLeaves
        context.counters.syncComparisons += report.comparisons
        let summary = SessionSummary(
            session: id, peer: session.peer, range: session.range, report: report, recordsSent: session.recordsSent,
            recordsReceived: session.recordsReceived, bytesSent: session.bytesSent,
            duration: context.now.monotonic.elapsed(since: session.begun), failure: failure)
        remember(summary)
        startSessions(&context, &keys)
    }

    /// Keeps the latest sessions for people; ones that found nothing to do give way first.
    private mutating func remember(_ summary: SessionSummary) {
        summaries.append(summary)
        guard summaries.count > ReplicationLimits.rememberedSessions else { return }
        let quiet = summaries.firstIndex { $0.failure == nil && $0.report.keysDiffering == 0 }
        summaries.remove(at: quiet ?? 0)
    }
}
