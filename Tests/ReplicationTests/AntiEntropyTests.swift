import NIOCore
import StatorCore
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

    private func payload(_ part: PartUnderTest, strategy: String) -> SyncPayload {
        SyncPayload(
            session: SessionID(initiator: NodeID("B"), number: 1), epoch: Epoch(1), range: part.base.context.shardRange,
            strategy: strategy, bytes: ByteBuffer())
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
