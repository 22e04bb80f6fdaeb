import Partitioning
import Replication
import StatorCore
import Testing

@Suite("Quorum slots")
struct QuorumSlotsTests {
    private func member(_ name: String, zone: String = "z") -> Member {
        let endpoint = Endpoint(host: "127.0.0.1", port: 1)
        return Member(
            node: NodeID(name), status: .active, zone: zone, weight: 1, peerEndpoint: endpoint, httpEndpoint: endpoint)
    }

    private func list(_ names: [String], replicas: Int) -> PreferenceList {
        let members = names.sorted().map { member($0) }
        let owners = names.map { name in UInt16(members.firstIndex { $0.node.name == name }!) }
        let placement = Placement(
            members: members, replicas: replicas,
            assignments: [Placement.Assignment(last: .maximum, owners: owners)])
        return placement.preferenceList(for: Token(7))
    }

    private let a = NodeID("A")
    private let b = NodeID("B")
    private let c = NodeID("C")
    private let d = NodeID("D")
    private let e = NodeID("E")

    @Test func anOwnerAndItsStandInFillOneSlotOnce() {
        var slots = QuorumSlots(current: list(["A", "B", "C", "D"], replicas: 3), next: nil)
        slots.noteAsked(a, slot: 0, isStandIn: false)
        slots.noteAsked(d, slot: 0, isStandIn: true)
        #expect(slots.noteAnswer(of: d) == 0)
        #expect(slots.noteAnswer(of: a) == nil)
        #expect(slots.answered == 1)
    }

    @Test func anAnswerFromSomebodyWhoWasNotAskedDoesNotCount() {
        var slots = QuorumSlots(current: list(["A", "B", "C", "D"], replicas: 3), next: nil)
        #expect(slots.noteAnswer(of: d) == nil)
        #expect(slots.answered == 0)
    }

    @Test func noNodeStandsInForTwoSlots() {
        var slots = QuorumSlots(current: list(["A", "B", "C", "D"], replicas: 3), next: nil)
        #expect(slots.nextStandIn(slot: 0) { _ in true } == d)
        slots.noteAsked(d, slot: 0, isStandIn: true)
        #expect(slots.nextStandIn(slot: 1) { _ in true } == nil)
    }

    @Test func aFailedOwnerLeavesItsSlotToSomebodyElse() {
        var slots = QuorumSlots(current: list(["A", "B", "C", "D"], replicas: 3), next: nil)
        slots.noteAsked(a, slot: 0, isStandIn: false)
        #expect(slots.noteFailure(of: a) == 0)
        #expect(slots.noteFailure(of: a) == nil)
        #expect(!slots.isAnybodyWaiting)
    }

    @Test func whileARingChangesAWriteNeedsItsQuorumInBothEpochs() {
        var slots = QuorumSlots(
            current: list(["A", "B", "C", "E"], replicas: 3), next: list(["E", "A", "B", "C"], replicas: 3))
        #expect(slots.slots.map(\.owner) == [a, b, c, e])
        for (index, owner) in [a, b, c, e].enumerated() { slots.noteAsked(owner, slot: index, isStandIn: false) }
        _ = slots.noteAnswer(of: b)
        _ = slots.noteAnswer(of: c)
        #expect(slots.filledNow == 2)
        #expect(slots.filledNext == 1)
        #expect(!slots.isMet(2))
        _ = slots.noteAnswer(of: e)
        #expect(slots.isMet(2))
    }

    @Test func anOwnerOfTheNextEpochIsNoStandInOfThisOne() {
        let slots = QuorumSlots(
            current: list(["A", "B", "C", "E"], replicas: 3), next: list(["E", "A", "B", "C"], replicas: 3))
        #expect(slots.nextStandIn(slot: 1) { _ in true } == nil)
    }

    @Test func quorumSizesAreCountedFromTheReplicas() {
        #expect(QuorumSize.quorum.count(replicas: 3) == 2)
        #expect(QuorumSize.quorum.count(replicas: 4) == 3)
        #expect(QuorumSize.all.count(replicas: 5) == 5)
        #expect(QuorumSize.number(1).count(replicas: 5) == 1)
    }
}
