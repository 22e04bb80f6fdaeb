import Composition
import ConformanceKit
import Partitioning
import Rendezvous
import StatorCore
import Testing

@Suite struct RendezvousTests {
    /// The suite that Stator's own partitioners pass, for the default settings.
    @Test func itKeepsTheLawsOfPartitioners() throws {
        try PartitionerLaws.check(
            RendezvousPartitioner(settings: .init()), kind: RendezvousPartitioner.kind,
            guarantees: RendezvousPartitioner.guarantees, seed: 1)
    }

    @Test func theRegistryOffersItNextToTheOthers() {
        var registry = StrategyRegistry.standard
        registry.add(RendezvousPartitioner.self)
        #expect(registry.partitioners.map(\.kind).contains("rendezvous"))
        #expect(registry.partitioners.last?.fields.map(\.name) == ["slots", "hash"])
    }

    @Test func theNumberOfPartitionsDoesNotGrowWithTheCluster() {
        let partitioner = RendezvousPartitioner(settings: .init())
        for count in [1, 3, 50] {
            let placement = partitioner.placement(members: members(count), replicas: 3, fallbacks: 3, previous: nil)
            #expect(placement.rangeCount == 8192)
        }
    }

    private func members(_ count: Int) -> [Member] {
        (0..<count).map { index in
            let endpoint = Endpoint(host: "127.0.0.1", port: 5000 + index)
            return Member(
                node: NodeID("node-\(100 + index)"), status: .active, zone: "default", weight: 1,
                peerEndpoint: endpoint, httpEndpoint: endpoint)
        }
    }
}
