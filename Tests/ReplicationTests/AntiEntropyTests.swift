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
        let mine = try part.record("k", "v", dot: 1)
        let theirs = try part.record("k", "w", dot: 2)
        let other = try part.record("l", "v", dot: 3)
        _ = part.base.keys.merge(mine, on: part.storeKey("k"), for: .repaired, &part.base.context)
        sync.receivePush(
            SessionID(initiator: NodeID("B"), number: 1), RequestID(1), [theirs, other], from: NodeID("B"),
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
        sync.receivePush(
            SessionID(initiator: NodeID("B"), number: 1), RequestID(1),
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
        sync.exchanges[RequestID(7)] = id
        sync.sessions[id]?.outstanding += 1
        let record = try unmergeable(part)
        sync.receiveExchanged(id, RequestID(7), [record], from: peer, &part.base.context, &part.base.keys)
        #expect(sync.sessions[id] == nil)
        #expect(part.base.context.counters.syncSessionsFailed == 1)
        #expect(isRefused(part.effects()))
    }

    @Test func whatCannotBeReadFailsTheSessionThatAskedForIt() throws {
        var part = try PartUnderTest()
        var sync = antiEntropy(part)
        let name = KeyReference(token: part.token(part.key("k")), key: part.key("k"))
        sync.receivePull(
            SessionID(initiator: NodeID("B"), number: 1), RequestID(1), [name], from: NodeID("B"), &part.base.context,
            &part.base.keys)
        let load = try #require(part.effects().commands.first)
        part.base.keys.complete(load.ticket, .failed(.failed("the disk is gone")), &part.base.context)
        guard case .gathered(let gather)? = part.base.keys.nextOutcome(&part.base.context),
            case .pulled(let session, let request, let peer) = gather.purpose
        else {
            Issue.record("no outcome")
            return
        }
        sync.sendPulled(session, request, gather, to: peer, &part.base.context, &part.base.keys)
        let effects = part.effects()
        #expect(effects.sent.count == 1 && isRefused(effects))
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
