import StatorCore
import Testing

@testable import Replication

/// The replica's side by itself, over stores in memory: the test is the coordinators.
@Suite struct ReplicaTests {
    private func write(_ record: StoredRecord, epoch: UInt64 = 1, hintFor: String? = nil) -> ReplicaWrite {
        ReplicaWrite(
            request: RequestID(1), epoch: Epoch(epoch), purpose: .write, record: record,
            hintFor: hintFor.map { NodeID($0) })
    }

    @Test func aWriteIsConfirmedWhenItIsApplied() throws {
        var part = try PartUnderTest()
        Replica().receive(write(try part.record("k", "v", dot: 1)), from: NodeID("B"), &part.base)
        let load = part.effects()
        #expect(load.sent.isEmpty)
        part.base.keys.complete(load.commands[0].ticket, .loaded(nil), &part.base.context)
        let apply = part.effects()
        #expect(apply.sent.isEmpty && apply.applies == 1)
        part.base.keys.complete(apply.commands[0].ticket, .applied, &part.base.context)
        guard
            case .merged(_, _, .replica(let peer, let id), let outcome)? = part.base.keys.nextOutcome(
                &part.base.context)
        else {
            Issue.record("the write has not ended")
            return
        }
        Replica().finishMerge(peer, id, outcome, &part.base)
        #expect(part.reply() == .stored(hadLive: false))
    }

    @Test func aRequestOfAnEpochWithOtherOwnersIsRefused() throws {
        var part = try PartUnderTest(isOnDisk: false)
        let record = try part.record("k", "v", dot: 1)
        _ = part.base.context.adopt(part.state(epoch: 2, owners: ["A", "B", "C"]))
        Replica().receive(write(record), from: NodeID("B"), &part.base)
        #expect(part.reply() == .stored(hadLive: false), "the owners are the same")
        _ = part.base.context.adopt(part.state(epoch: 3, owners: ["A", "B", "D"]))
        Replica().receive(write(record, epoch: 2), from: NodeID("B"), &part.base)
        #expect(part.reply() == .refused(.staleEpoch(Epoch(3))))
    }

    @Test func aFullFallbackRefusesAHintAndStoresNothing() throws {
        var part = try PartUnderTest(isOnDisk: false, #", "hints": {"maximumBytes": 1024}"#)
        part.base.context.peers.noteLink(NodeID("D"), isUp: false)
        let large = String(repeating: "v", count: 1024)
        Replica().receive(write(try part.record("k", large, dot: 1), hintFor: "D"), from: NodeID("B"), &part.base)
        #expect(part.reply() == .stored(hadLive: false))
        Replica().receive(write(try part.record("l", "v", dot: 2), hintFor: "D"), from: NodeID("B"), &part.base)
        #expect(part.reply() == .refused(.hintsFull))
        #expect(part.base.hints.summary.map(\.count) == [1])
    }

    @Test func aFallbackAnswersFromItsHints() throws {
        var part = try PartUnderTest(isOnDisk: false)
        part.base.context.peers.noteLink(NodeID("D"), isUp: false)
        let record = try part.record("k", "v", dot: 1)
        Replica().receive(write(record, hintFor: "D"), from: NodeID("B"), &part.base)
        _ = part.effects()
        let read = ReplicaRead(
            request: RequestID(2), epoch: Epoch(1), token: record.token, key: record.key, isStandIn: true)
        Replica().receive(read, from: NodeID("B"), &part.base)
        guard case .readReply(_, .held(let held?, counts: true))? = part.effects().sent.first?.message else {
            Issue.record("no answer")
            return
        }
        #expect(held.digest == record.digest && held.key == record.key)
    }

    @Test func anAnswerAboutARangeThatIsRecoveredDoesNotCount() throws {
        var part = try PartUnderTest(isOnDisk: false)
        part.base.context.recovering = RecoveringRanges([part.base.context.shardRange])
        let key = part.key("k")
        let read = ReplicaRead(
            request: RequestID(2), epoch: Epoch(1), token: part.token(key), key: key, isStandIn: false)
        Replica().receive(read, from: NodeID("B"), &part.base)
        guard case .readReply(_, .held(nil, counts: false))? = part.effects().sent.first?.message else {
            Issue.record("it counts")
            return
        }
    }
}

extension PartUnderTest {
    fileprivate mutating func reply() -> WriteOutcome? {
        guard case .writeReply(_, let outcome)? = effects().sent.first?.message else { return nil }
        return outcome
    }
}
