import NodeCore
import StatorCore
import Testing
import Wire

/// Two nodes that begin with other members do not talk; see ``Founders``.
@Suite struct FoundersTests {
    private func member(_ name: String, zone: String = "", weight: Int = 1, port: Int = 7) -> Member {
        Member(
            node: NodeID(name), status: .active, zone: zone, weight: weight,
            peerEndpoint: Endpoint(host: "h", port: port), httpEndpoint: Endpoint(host: "h", port: 1))
    }

    private func card(_ node: String, _ members: [Member], epoch: UInt64 = 1) -> NodeCard {
        NodeCard(
            cluster: "demo", node: NodeID(node), peerEndpoint: Endpoint(host: "h", port: 7), generation: 1, shards: 1,
            agreement: ClusterAgreement(hash: "h", partitioner: "p", conflictResolver: "r", replicas: 3),
            founders: Founders(view: View(epoch: Epoch(epoch), members: members), node: NodeID(node)))
    }

    private func isLetIn(_ caller: NodeCard, by receiver: NodeCard) -> Bool {
        switch receiver.reply(to: .hello(caller.hello(shard: 0))) {
        case .accepted: true
        case .refused: false
        }
    }

    @Test func whatPlacesRecordsHasToBeEqual() {
        let ours = card("A", [member("A"), member("B")])
        #expect(isLetIn(card("B", [member("A"), member("B")]), by: ours))
        #expect(isLetIn(card("B", [member("A"), member("B", port: 9)]), by: ours))
        for others in [
            [member("A"), member("B", zone: "z")], [member("A"), member("B", weight: 2)],
            [member("A"), member("B"), member("C")],
        ] {
            #expect(!isLetIn(card("B", others), by: ours))
            #expect(!isLetIn(ours, by: card("B", others)))
        }
    }

    @Test func whoJoinsOrHasALaterViewTellsNothing() {
        let ours = card("A", [member("A"), member("B")])
        #expect(isLetIn(card("C", [member("A")]), by: ours))
        #expect(isLetIn(card("B", [member("A"), member("B"), member("C")], epoch: 2), by: ours))
        let replaced = card("B", [member("A"), member("B"), member("C")])
        #expect(!isLetIn(replaced, by: ours))
        ours.follow(View(epoch: Epoch(2), members: [member("A"), member("B"), member("C")]))
        #expect(isLetIn(replaced, by: ours))
    }
}
