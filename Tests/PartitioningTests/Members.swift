import StatorCore

/// Members for tests, sorted by node.
func members(_ names: String...) -> [Member] {
    names.map { member($0) }.sorted { $0.node < $1.node }
}

func member(_ name: String, zone: String = "z", weight: Int = 1) -> Member {
    let endpoint = Endpoint(host: "127.0.0.1", port: 1)
    return Member(
        node: NodeID(name), status: .active, zone: zone, weight: weight, peerEndpoint: endpoint, httpEndpoint: endpoint)
}

/// `count` members in `zones` zones, drawn, sorted by node.
func drawnMembers(_ count: Int, zones: Int, _ generator: inout RandomGenerator) -> [Member] {
    (0..<count).map { index in
        member(
            "node-\(generator.below(1 << 40))-\(index)", zone: "zone-\(generator.below(zones))",
            weight: 1 + generator.below(3))
    }.sorted { $0.node < $1.node }
}
