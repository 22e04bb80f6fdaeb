internal import DequeModule
internal import Partitioning
internal import StatorCore
internal import Sync

/// A session that a round has still to run.
struct PlannedSession {
    let peer: NodeID
    let range: TokenRange
}

/// A sync session under way at this end.
struct SessionState {
    let peer: NodeID
    let range: TokenRange
    let isInitiator: Bool
    let begun: Instant
    var lastHeard: Instant
    /// The strategy has nothing left to compare here.
    var report: SessionReport?
    /// Pushes and pulls that wait for their answer, and loads and merges of records on this side.
    var outstanding = 0
    var recordsSent = 0
    var recordsReceived = 0
    var bytesSent = 0
}

/// Rounds of anti-entropy: which sessions run, with whom, how many at once, and how they end.
extension ShardMachine {
    /// Plans a session for every range shared with every other replica. In a periodic round each pair has one
    /// initiator; an operator's round asks everyone.
    mutating func beginRound(withEveryone: Bool) {
        guard !isStarting, !isStopping, let placement = cluster?.placement else { return }
        guard withEveryone || sessionQueue.isEmpty else { return }
        guard let mine = placement.nodes.firstIndex(of: node) else { return }
        for (theirs, peer) in placement.nodes.enumerated() where peer != node {
            let isInitiator = (mine + theirs) % 2 == 0 ? mine < theirs : mine > theirs
            guard withEveryone || isInitiator, isReachable(peer) else { continue }
            for shared in placement.sharedRanges(node, peer) {
                guard let range = shared.intersection(shardRange) else { continue }
                sessionQueue.append(PlannedSession(peer: peer, range: range))
            }
        }
        roundSessions = sessionQueue.count
        startSessions()
    }

    mutating func startSessions() {
        var mine = sessions.count - respondingSessions
        while mine < blueprint.antiEntropy.maximumSessions, let planned = sessionQueue.popFirst() {
            guard isReachable(planned.peer) else { continue }
            mine += 1
            let id = SessionID(initiator: node, number: newRequestID().number)
            open(id, with: planned.peer, planned.range, isInitiator: true)
            synchronize(.start(id, peer: planned.peer, range: planned.range))
        }
    }

    mutating func open(_ id: SessionID, with peer: NodeID, _ range: TokenRange, isInitiator: Bool) {
        sessions[id] = SessionState(
            peer: peer, range: range, isInitiator: isInitiator, begun: now.monotonic, lastHeard: now.monotonic)
        if !isInitiator { respondingSessions += 1 }
        counters.syncSessions += 1
        deadlines.insert(.session(id), due: now.monotonic.advanced(by: blueprint.antiEntropy.sessionIdleTimeout))
    }

    mutating func passSessionDeadline(_ id: SessionID) {
        guard let session = sessions[id] else { return }
        let due = session.lastHeard.advanced(by: blueprint.antiEntropy.sessionIdleTimeout)
        if due <= now.monotonic {
            close(id, failure: "no word from \(session.peer) for \(blueprint.antiEntropy.sessionIdleTimeout)")
        } else {
            deadlines.insert(.session(id), due: due)
        }
    }

    mutating func failSession(_ id: SessionID, _ reason: String, from sender: NodeID) {
        guard sessions[id]?.peer == sender else { return }
        close(id, failure: reason)
    }

    mutating func failSessions(with peer: NodeID) {
        for id in sessions.keys.sorted() where sessions[id]?.peer == peer {  // ordered: sorted
            close(id, failure: "the link to \(peer) was lost")
        }
    }

    /// Ends the session once the strategy has finished and every exchange is answered.
    mutating func settleSession(_ id: SessionID) {
        guard let session = sessions[id], session.report != nil, session.outstanding == 0 else { return }
        close(id, failure: nil)
    }

    private mutating func close(_ id: SessionID, failure: String?) {
        guard let session = sessions.removeValue(forKey: id) else { return }
        if !session.isInitiator { respondingSessions -= 1 }
        if failure != nil {
            counters.syncSessionsFailed += 1
            synchronize(.abandoned(id))
        }
        let report = session.report ?? SessionReport()
        counters.syncKeysListed += report.keysListed
        counters.syncDirtyLeaves += report.dirtyLeaves
        counters.syncComparisons += report.comparisons
        let summary = SessionSummary(
            session: id, peer: session.peer, range: session.range, report: report, recordsSent: session.recordsSent,
            recordsReceived: session.recordsReceived, bytesSent: session.bytesSent,
            duration: now.monotonic.elapsed(since: session.begun), failure: failure)
        remember(summary)
        startSessions()
    }

    /// Keeps the latest sessions for people; ones that found nothing to do give way first.
    private mutating func remember(_ summary: SessionSummary) {
        summaries.append(summary)
        guard summaries.count > ReplicationLimits.rememberedSessions else { return }
        let quiet = summaries.firstIndex { $0.failure == nil && $0.report.keysDiffering == 0 }
        summaries.remove(at: quiet ?? 0)
    }
}
