import StatorCore
import Testing

@Suite struct ViewTests {
    private func member(_ name: String, _ status: MemberStatus = .active) -> Member {
        let endpoint = Endpoint(host: "h", port: 1)
        return Member(
            node: NodeID(name), status: status, zone: "", weight: 1, peerEndpoint: endpoint, httpEndpoint: endpoint)
    }

    @Test func membersAreSortedAndFound() {
        let names = ["b", "a", "B", "a-1", "z", "0"]
        let view = View(epoch: Epoch(1), members: names.map { member($0) })
        #expect(view.members.map(\.node.name) == ["0", "B", "a", "a-1", "b", "z"])
        for name in names { #expect(view.member(NodeID(name))?.node.name == name) }
        for name in ["", "A", "a-", "zz", "1"].filter(NodeID.isValid) { #expect(!view.contains(NodeID(name))) }
        #expect(View(epoch: Epoch(0), members: []).member(NodeID("a")) == nil)
    }

    @Test func ownersFollowStatus() {
        let view = View(epoch: Epoch(1), members: [member("a"), member("j", .joining), member("l", .leaving)])
        #expect(view.owners.map(\.node.name) == ["a", "l"])
        #expect(view.nextOwners.map(\.node.name) == ["a", "j"])
        #expect(view.isChanging)
        #expect(!View(epoch: Epoch(1), members: [member("a")]).isChanging)
    }

    @Test func aMemberTwiceIsRefused() async {
        await #expect(processExitsWith: .failure) {
            let endpoint = Endpoint(host: "h", port: 1)
            let member = Member(
                node: NodeID("a"), status: .active, zone: "", weight: 1, peerEndpoint: endpoint, httpEndpoint: endpoint)
            _ = View(epoch: Epoch(1), members: [member, member])
        }
    }

    @Test func nodeNamesAreChecked() {
        for name in ["a", "A.b_c-9", String(repeating: "x", count: 64)] { #expect(NodeID.isValid(name)) }
        for name in ["", "a b", "a/b", "é", "a\n", String(repeating: "x", count: 65)] { #expect(!NodeID.isValid(name)) }
    }

    @Test func identifiersAreOrderedByTheirParts() {
        let a = Actor(node: NodeID("a"), shard: 9, incarnation: 9)
        let sorted = [
            a, Actor(node: NodeID("b"), shard: 1, incarnation: 5), Actor(node: NodeID("b"), shard: 2, incarnation: 1),
            Actor(node: NodeID("b"), shard: 2, incarnation: 2),
        ]
        #expect(sorted.reversed().sorted() == sorted)
        #expect(Dot(actor: a, counter: 1) < Dot(actor: a, counter: 2))
        #expect(Dot(actor: sorted[0], counter: 9) < Dot(actor: sorted[1], counter: 1))
        #expect(Epoch(1).next == Epoch(2))
        #expect(Endpoint(host: "::1", port: 80).description == "[::1]:80")
        #expect(Endpoint(host: "h", port: 80).description == "h:80")
    }
}
