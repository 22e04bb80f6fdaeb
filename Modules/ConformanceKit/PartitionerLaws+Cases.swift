import Partitioning
import StatorCore

/// One cluster that a law is tried on.
struct PartitionerCase: CustomStringConvertible {
    var members: [Member]
    var replicas: Int
    var fallbacks: Int

    var zoneCount: Int { Set(members.map(\.zone)).count }

    var description: String {
        "\(members.count) nodes in \(zoneCount) zones with N=\(replicas) F=\(fallbacks)"
    }

    func placement(by partitioner: any Partitioner, previous: Placement? = nil) -> Placement {
        partitioner.placement(members: members, replicas: replicas, fallbacks: fallbacks, previous: previous)
    }

    /// The sizes that matter: one node, fewer than N, N exactly, fewer zones than N, many.
    static func shapes(seed: UInt64) -> [PartitionerCase] {
        var generator = RandomGenerator(seed: seed)
        let sizes: [(nodes: Int, zones: Int, replicas: Int, fallbacks: Int)] = [
            (1, 1, 3, 3), (2, 1, 3, 3), (3, 3, 3, 0), (4, 1, 1, 0), (5, 2, 3, 3), (7, 1, 3, 3), (12, 4, 3, 3),
            (24, 7, 2, 5), (40, 1, 3, 3), (33, 33, 5, 5),
        ]
        return sizes.map { size in
            PartitionerCase(
                members: members(size.nodes, zones: size.zones, &generator),
                replicas: size.replicas, fallbacks: size.fallbacks)
        }
    }

    /// Members with drawn names, sorted; every zone has at least one, and their sizes differ.
    static func members(_ count: Int, zones: Int, _ generator: inout RandomGenerator) -> [Member] {
        var members: [Member] = []
        for index in 0..<count {
            let zone = index < zones ? index : generator.below(zones)
            members.append(member("n\(generator.below(1 << 40))-\(index)", zone: "zone-\(zone)"))
        }
        return members.sorted { $0.node < $1.node }
    }

    static func member(_ name: String, zone: String, weight: Int = 1) -> Member {
        let endpoint = Endpoint(host: "127.0.0.1", port: 1)
        return Member(
            node: NodeID(name), status: .active, zone: zone, weight: weight, peerEndpoint: endpoint,
            httpEndpoint: endpoint)
    }
}

extension PartitionerLaws {
    /// The last token of every range of both: within what lies between two of them, neither placement changes.
    static func lastTokens(of one: Placement, _ other: Placement) -> [Token] {
        [one, other].flatMap { placement in
            (0..<placement.rangeCount).map { placement.range(at: $0).last }
        }
    }
}
