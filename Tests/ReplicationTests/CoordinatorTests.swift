import ConflictResolution
import StatorCore
import Testing

@testable import Replication

/// The coordinator by itself, over stores in memory: the test is the other nodes.
@Suite struct CoordinatorTests {
    private let client = RequestOrigin.client(ClientTicket(1))

    @Test func aWriteIsAnsweredAfterWAndSentWholeToEveryOwner() throws {
        var part = try PartUnderTest(isOnDisk: false)
        var coordinator = Coordinator()
        coordinator.begin(part.put("k", "v"), from: client, &part.base)
        let asked = part.effects()
        #expect(asked.writes.map(\.to.name).sorted() == ["B", "C"] && asked.responses.isEmpty)
        let id = try #require(asked.writes.first).write.request
        let isTaken = coordinator.receiveWriteReply(id, .stored(hadLive: false), from: NodeID("B"), &part.base)
        #expect(isTaken)
        guard case .stored(let stored)? = part.effects().responses.first else {
            Issue.record("W is met and nobody was told")
            return
        }
        #expect(stored.node == NodeID("A") && stored.isFirst)
    }

    @Test func anAnswerToNobodysWriteIsNotTheCoordinators() throws {
        var part = try PartUnderTest(isOnDisk: false)
        var coordinator = Coordinator()
        let isTaken = coordinator.receiveWriteReply(
            RequestID(5), .stored(hadLive: false), from: NodeID("B"), &part.base)
        #expect(!isTaken)
    }

    @Test func aForwardToALostNodeIsNeverSentAgain() throws {
        var part = try PartUnderTest(isOnDisk: false)
        _ = part.base.context.adopt(part.state(epoch: 2, owners: ["B", "C", "D"]))
        var coordinator = Coordinator()
        coordinator.begin(part.put("k", "v"), from: client, &part.base)
        let forwarded = part.effects().forwards
        #expect(forwarded.count == 1)
        coordinator.lose(try #require(forwarded.first).to, &part.base)
        let after = part.effects()
        #expect(after.forwards.isEmpty && after.responses == [.failed(.outcomeUnknown)])
        #expect(coordinator.isIdle)
    }

    @Test func aForwardThatDidNothingGoesToTheNextOwner() throws {
        var part = try PartUnderTest(isOnDisk: false)
        _ = part.base.context.adopt(part.state(epoch: 2, owners: ["B", "C", "D"]))
        var coordinator = Coordinator()
        coordinator.begin(part.put("k", "v"), from: client, &part.base)
        let first = try #require(part.effects().forwards.first)
        coordinator.finishForward(first.id, .failed(.overloaded), from: first.to, &part.base)
        let second = try #require(part.effects().forwards.first)
        #expect(second.to != first.to)
        coordinator.finishForward(second.id, .failed(.preconditionFailed), from: second.to, &part.base)
        #expect(part.effects().responses == [.failed(.preconditionFailed)])
    }

    /// Views change at one node after the other: who forwards may know of owners that do not know it of themselves yet.
    @Test func aForwardToANodeThatKnowsItselfAsNoOwnerIsDeclined() throws {
        var part = try PartUnderTest()
        var coordinator = Coordinator()
        _ = part.base.context.adopt(part.state(epoch: 2, owners: ["B", "C", "D"]))
        coordinator.begin(part.put("k", "v"), from: .peer(NodeID("B"), RequestID(9)), &part.base)
        guard case .forwardReply(_, .failed(.unavailable))? = part.effects().sent.first?.message else {
            Issue.record("who forwarded it is not told that nothing was done")
            return
        }
    }

    @Test func aWriteThatEndedWhileItWaitedForItsKeyStoresNothing() throws {
        var part = try PartUnderTest()
        var coordinator = Coordinator()
        coordinator.begin(part.put("k", "v"), from: client, &part.base)
        let load = try #require(part.effects().commands.first)
        part.pass(part.blueprint.replication.requestTimeout)
        coordinator.sweep(&part.base)
        #expect(part.effects().responses == [.failed(.timedOut(answered: 0, needed: 2))])
        part.base.keys.complete(load.ticket, .loaded(nil), &part.base.context)
        guard case .turn(let id, let key, let found)? = part.base.keys.nextOutcome(&part.base.context) else {
            Issue.record("the turn has not come")
            return
        }
        coordinator.takeTurn(id, found, key, &part.base)
        let further = part.base.keys.nextOutcome(&part.base.context)
        #expect(further == nil)
        #expect(part.effects().commands.isEmpty && part.base.keys.isIdle)
        #expect(part.base.context.probes[.turnOfEndedWrite] == 1)
    }

    @Test func aPreconditionThatDoesNotHoldStoresNothing() throws {
        var part = try PartUnderTest(isOnDisk: false)
        var coordinator = Coordinator()
        let name = part.name(ownedFirstBy: "A")
        let record = try part.record(name, "v", dot: 1)
        _ = part.base.keys.merge(record, on: part.storeKey(name), for: .repaired, &part.base.context)
        coordinator.begin(part.put(name, "w", RequestOptions(precondition: .absent)), from: client, &part.base)
        let asked = part.effects()
        let id = try #require(
            asked.sent.compactMap { if case .read(let read) = $0.message { read.request } else { nil } }.first)
        coordinator.receiveReadReply(id, .same(record.digest, counts: true), from: NodeID("B"), &part.base)
        let answered = part.effects()
        #expect(answered.responses == [.failed(.preconditionFailed)] && answered.writes.isEmpty)
        #expect(part.base.context.dotsIssued == 0)
    }

    @Test func aReplicaBehindThisViewIsAskedAgainOnceItIsNot() throws {
        var part = try PartUnderTest(isOnDisk: false)
        var coordinator = Coordinator()
        coordinator.begin(part.put("k", "v"), from: client, &part.base)
        let asked = try #require(part.effects().writes.first { $0.to == NodeID("B") })
        _ = part.base.context.adopt(part.state(epoch: 2, owners: ["A", "B", "C"]))
        _ = coordinator.receiveWriteReply(
            asked.write.request, .refused(.staleEpoch(Epoch(2))), from: NodeID("B"), &part.base)
        let again = part.effects().writes
        #expect(again.map(\.to) == [NodeID("B")] && again.first?.write.epoch == Epoch(2))
    }

    @Test func aCorruptRecordIsReplacedByWhatTheOthersHold() throws {
        var part = try PartUnderTest()
        var coordinator = Coordinator()
        let record = try part.record("k", "v", dot: 1)
        coordinator.heal(part.storeKey("k"), &part.base)
        coordinator.heal(part.storeKey("k"), &part.base)
        let asked = part.effects()
        let reads = asked.sent.compactMap { if case .read(let read) = $0.message { read.request } else { nil } }
        #expect(reads.count == 2 && Set(reads).count == 1)
        for name in ["B", "C"] {
            coordinator.receiveReadReply(reads[0], .held(record, counts: true), from: NodeID(name), &part.base)
        }
        #expect(part.base.context.probes[.healingMerged] == 1)
        #expect(part.effects().loads == 1)
    }

    /// Where each owner has told, what is left has to do; a disk that does not answer may still have it.
    @Test(arguments: [
        ("corrupt at B too", Refusal.corrupt, true, ReachProbe.healingMerged),
        ("unreadable at B", Refusal.storageFailed, true, ReachProbe.healingGivenUp),
        ("corrupt everywhere", Refusal.corrupt, false, ReachProbe.healingRemoved),
    ])
    func aRecordThatSeveralOwnersLostIsHealed(
        name: String, refusal: Refusal, isHeldAtC: Bool, end: ReachProbe
    ) throws {
        var part = try PartUnderTest()
        var coordinator = Coordinator()
        coordinator.heal(part.storeKey("k"), &part.base)
        let asked = part.effects()
        let id = try #require(
            asked.sent.compactMap { if case .read(let read) = $0.message { read.request } else { nil } }.first)
        coordinator.finishOwnRead(id, .corrupt, &part.base)
        coordinator.receiveReadReply(id, .refused(refusal), from: NodeID("B"), &part.base)
        let last: ReadOutcome =
            isHeldAtC ? .held(try part.record("k", "v", dot: 1), counts: true) : .refused(.corrupt)
        coordinator.receiveReadReply(id, last, from: NodeID("C"), &part.base)
        #expect(part.base.context.probes[end] == 1, "\(name)")
        #expect(part.base.context.probes[.healingOfMany] == (refusal == .corrupt ? 1 : 0), "\(name)")
        #expect(coordinator.healing.isEmpty)
    }

    /// Who does not own the key can show nothing of it to those who do: what the owners hold has to do, once all have told.
    @Test func aCorruptRecordOfAKeyOfOthersIsRemovedOnceAllItsOwnersHaveTold() throws {
        for isTold in [true, false] {
            var part = try PartUnderTest(isOnDisk: false)
            _ = part.base.context.adopt(part.state(epoch: 2, owners: ["B", "C", "D"]))
            var coordinator = Coordinator()
            coordinator.heal(part.storeKey("k"), &part.base)
            let asked = part.effects()
            let id = try #require(
                asked.sent.compactMap { if case .read(let read) = $0.message { read.request } else { nil } }.first)
            let record = try part.record("k", "v", dot: 1)
            for name in ["B", "C"] {
                coordinator.receiveReadReply(id, .held(record, counts: true), from: NodeID(name), &part.base)
            }
            #expect(coordinator.healing == [part.storeKey("k")], "the third one is still to tell")
            coordinator.receiveReadReply(
                id, isTold ? .held(record, counts: true) : .refused(.storageFailed), from: NodeID("D"), &part.base)
            #expect(part.base.context.probes[.healingLetGo] == (isTold ? 1 : 0))
            #expect(part.base.context.probes[.healingMerged] == 0)
            #expect(coordinator.healing.isEmpty)
        }
    }
}
