import NIOCore
import StatorCore
import Storage
import Sync
import Testing

@testable import Replication

/// Anti-entropy by itself: the test is the peers and the stores.
@Suite struct AntiEntropyTests {
    private func antiEntropy(_ part: PartUnderTest) -> AntiEntropy {
        let context = part.base.context
        return AntiEntropy(
            synchronizer: part.blueprint.makeSynchronizer(
                SyncEnvironment(node: context.node, range: context.shardRange)))
    }

    private let session = SessionID(initiator: NodeID("B"), number: 1)

    /// As if B had begun a session over everything.
    private func openSession(_ sync: inout AntiEntropy, _ part: inout PartUnderTest) {
        sync.open(
            session, with: NodeID("B"), part.base.context.shardRange, isInitiator: false, &part.base.context)
    }

    private func payload(_ part: PartUnderTest, strategy: String, isFirst: Bool = true) -> SyncPayload {
        SyncPayload(
            session: SessionID(initiator: NodeID("B"), number: 1), epoch: Epoch(1), range: part.base.context.shardRange,
            strategy: strategy, isFirst: isFirst, bytes: ByteBuffer())
    }

    @Test func aSessionOfAnotherStrategyIsRefused() throws {
        var part = try PartUnderTest(isOnDisk: false)
        var sync = antiEntropy(part)
        sync.receiveSync(payload(part, strategy: "other"), from: NodeID("B"), &part.base.context, &part.base.keys)
        guard case .syncRefused? = part.effects().sent.first?.message else {
            Issue.record("it is taken")
            return
        }
        #expect(sync.sessions.isEmpty)
    }

    @Test func aSessionOverARangeThatIsNotSharedIsRefused() throws {
        var part = try PartUnderTest(isOnDisk: false)
        var sync = antiEntropy(part)
        let kind = part.blueprint.kinds.sync
        sync.receiveSync(payload(part, strategy: kind), from: NodeID("D"), &part.base.context, &part.base.keys)
        #expect(part.effects().sent.isEmpty, "only the initiator makes a session")
        _ = part.base.context.adopt(part.state(epoch: 2, owners: ["A", "C", "D"]))
        sync.receiveSync(payload(part, strategy: kind), from: NodeID("B"), &part.base.context, &part.base.keys)
        guard case .syncRefused? = part.effects().sent.first?.message else {
            Issue.record("it is taken")
            return
        }
    }

    @Test func aSessionThatIsUnderWayElsewhereIsNotBegunInTheMiddle() throws {
        var part = try PartUnderTest(isOnDisk: false)
        var sync = antiEntropy(part)
        let later = payload(part, strategy: part.blueprint.kinds.sync, isFirst: false)
        sync.receiveSync(later, from: NodeID("B"), &part.base.context, &part.base.keys)
        guard case .syncRefused? = part.effects().sent.first?.message else {
            Issue.record("it is taken")
            return
        }
        #expect(sync.sessions.isEmpty)
    }

    @Test func aSilentPeersSessionFailsAndTheRoundGoesOn() throws {
        var part = try PartUnderTest(isOnDisk: false, #", "antiEntropy": {"maximumSessions": 1}"#)
        var sync = antiEntropy(part)
        sync.beginRound(withEveryone: true, &part.base.context, &part.base.keys)
        let before = sync.round
        #expect(before.underWay == 1 && before.waiting > 0)
        let first = try #require(sync.sessions.keys.first)
        part.pass(part.blueprint.antiEntropy.sessionIdleTimeout)
        sync.passDeadline(first, &part.base.context, &part.base.keys)
        #expect(sync.sessions[first] == nil)
        #expect(sync.round.underWay == 1 && sync.round.waiting == before.waiting - 1)
        #expect(part.base.context.counters.syncSessionsFailed == 1)
    }

    @Test func whatAPushDiffersInAfterTheMergeIsSentBack() throws {
        var part = try PartUnderTest(isOnDisk: false)
        var sync = antiEntropy(part)
        openSession(&sync, &part)
        let mine = try part.record("k", "v", dot: 1)
        let theirs = try part.record("k", "w", dot: 2)
        let other = try part.record("l", "v", dot: 3)
        _ = part.base.keys.merge(mine, on: part.storeKey("k"), for: .repaired, &part.base.context)
        sync.receivePush(
            session, RequestID(1), [theirs, other], from: NodeID("B"),
            &part.base.context, &part.base.keys)
        guard case .syncMerged(_, _, let differing)? = part.effects().sent.first?.message else {
            Issue.record("no answer")
            return
        }
        #expect(differing.map(\.key) == [part.key("k")])
        #expect(differing.first?.digest != theirs.digest)
    }

    /// A record that no replica can merge: its digest is not its body's.
    private func unmergeable(_ part: PartUnderTest) throws -> StoredRecord {
        let record = try part.record("k", "v", dot: 1)
        return StoredRecord(
            token: record.token, key: record.key, digest: Digest(1), isTombstone: false, expiry: nil, body: record.body)
    }

    private func isRefused(_ effects: PartEffects) -> Bool {
        effects.sent.contains { if case .syncRefused = $0.message { true } else { false } }
    }

    @Test func aPushThatCannotBeMergedWhollyFailsTheSession() throws {
        var part = try PartUnderTest(isOnDisk: false)
        var sync = antiEntropy(part)
        openSession(&sync, &part)
        sync.receivePush(
            session, RequestID(1),
            [try part.record("l", "v", dot: 2), try unmergeable(part)], from: NodeID("B"), &part.base.context,
            &part.base.keys)
        let effects = part.effects()
        #expect(effects.sent.count == 1 && isRefused(effects))
    }

    @Test func anAnswerThatCannotBeMergedFailsTheSessionAtBothEnds() throws {
        var part = try PartUnderTest(isOnDisk: false, #", "antiEntropy": {"maximumSessions": 1}"#)
        var sync = antiEntropy(part)
        sync.beginRound(withEveryone: true, &part.base.context, &part.base.keys)
        let id = try #require(sync.sessions.keys.first)
        let peer = try #require(sync.sessions[id]?.peer)
        _ = part.effects()
        sync.exchanges[RequestID(7)] = Exchange(session: id, bytes: 0)
        sync.sessions[id]?.requests.insert(RequestID(7))
        let record = try unmergeable(part)
        sync.receiveExchanged(id, RequestID(7), [record], from: peer, &part.base.context, &part.base.keys)
        #expect(sync.sessions[id] == nil)
        #expect(part.base.context.counters.syncSessionsFailed == 1)
        #expect(isRefused(part.effects()))
    }

    @Test func whatCannotBeReadFailsTheSessionThatAskedForIt() throws {
        var part = try PartUnderTest()
        var sync = antiEntropy(part)
        openSession(&sync, &part)
        let name = KeyReference(token: part.token(part.key("k")), key: part.key("k"))
        sync.receivePull(
            session, RequestID(1), [name], from: NodeID("B"), &part.base.context, &part.base.keys)
        let measure = try #require(part.effects().commands.first)
        part.base.keys.complete(measure.ticket, .measured([100]), &part.base.context)
        let load = try #require(part.effects().commands.first)
        part.base.keys.complete(load.ticket, .failed(.failed("the disk is gone")), &part.base.context)
        guard case .gathered(let gather)? = part.base.keys.nextOutcome(&part.base.context),
            case .pulled(let session, let request) = gather.purpose
        else {
            Issue.record("no outcome")
            return
        }
        sync.sendPulled(session, request, gather, &part.base.context, &part.base.keys)
        let effects = part.effects()
        #expect(effects.sent.count == 1 && isRefused(effects))
    }

    /// The first messages of sessions that B begins.
    private func beginSessions(_ count: Int, _ sync: inout AntiEntropy, _ part: inout PartUnderTest) {
        for number in 0..<count {
            var first = payload(part, strategy: part.blueprint.kinds.sync)
            first.session = SessionID(initiator: NodeID("B"), number: UInt64(number))
            let id = first.session
            sync.receiveSync(first, from: NodeID("B"), &part.base.context, &part.base.keys)
            // The bytes are no message of the strategy, which ends its part of the session at once.
            if sync.sessions[id] == nil {
                sync.open(id, with: NodeID("B"), first.range, isInitiator: false, &part.base.context)
            }
        }
    }

    @Test func aPeerHasSoManySessionsAnsweredAtOnce() throws {
        var part = try PartUnderTest(isOnDisk: false)
        var sync = antiEntropy(part)
        beginSessions(ReplicationLimits.maximumSessionsPerPeer, &sync, &part)
        _ = part.effects()
        var next = payload(part, strategy: part.blueprint.kinds.sync)
        next.session = SessionID(initiator: NodeID("B"), number: 1000)
        sync.receiveSync(next, from: NodeID("B"), &part.base.context, &part.base.keys)
        #expect(isRefused(part.effects()) && part.base.context.counters.repairRefused == 1)
        #expect(sync.sessions.count == ReplicationLimits.maximumSessionsPerPeer)
        sync.lose(NodeID("B"), &part.base.context, &part.base.keys)
        #expect(sync.sessions.isEmpty && sync.respondingSessions == 0)
    }

    @Test func whatBelongsToNoSessionIsRefusedAndLeavesNothing() throws {
        var part = try PartUnderTest()
        var sync = antiEntropy(part)
        let name = KeyReference(token: part.token(part.key("k")), key: part.key("k"))
        sync.receivePush(
            session, RequestID(1), [try part.record("k", "v", dot: 1)], from: NodeID("B"), &part.base.context,
            &part.base.keys)
        sync.receivePull(session, RequestID(2), [name], from: NodeID("B"), &part.base.context, &part.base.keys)
        let effects = part.effects()
        #expect(effects.sent.count == 2 && isRefused(effects) && effects.commands.isEmpty)
        #expect(sync.batches.isEmpty && sync.exchanges.isEmpty)
    }

    @Test func aPeerThatPushesMoreThanASessionHoldsIsRefused() throws {
        var part = try PartUnderTest()
        var sync = antiEntropy(part)
        openSession(&sync, &part)
        for number in 0...ReplicationLimits.exchangesPerSession {
            let record = try part.record("k\(number)", "v", dot: UInt64(number + 1))
            sync.receivePush(
                session, RequestID(UInt64(number)), [record], from: NodeID("B"), &part.base.context, &part.base.keys)
        }
        let effects = part.effects()
        #expect(isRefused(effects) && effects.commands.count == ReplicationLimits.exchangesPerSession)
        #expect(sync.sessions.isEmpty && sync.batches.isEmpty && sync.heldBytes == 0)
    }

    @Test func anAnswerToNothingAskedIsNotMerged() throws {
        var part = try PartUnderTest(isOnDisk: false)
        var sync = antiEntropy(part)
        sync.receiveExchanged(
            SessionID(initiator: NodeID("A"), number: 1), RequestID(1), [try part.record("k", "v", dot: 1)],
            from: NodeID("B"), &part.base.context, &part.base.keys)
        guard
            case .held(nil)? = part.base.keys.read(
                part.storeKey("k"), for: .operation(RequestID(2)), &part.base.context)
        else {
            Issue.record("it is merged")
            return
        }
    }
}
