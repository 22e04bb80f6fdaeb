public import Partitioning
import StatorCore

/// The laws that hold for every partitioner.
extension PartitionerLaws {
    /// Ranges join without gap or overlap from the least to the greatest token, and a look-up finds the range that a
    /// linear search finds.
    public static func coversAndFinds(_ partitioner: any Partitioner, kind: String, seed: UInt64) throws(LawViolation) {
        var generator = RandomGenerator(seed: seed)
        for shape in PartitionerCase.shapes(seed: seed) {
            let placement = shape.placement(by: partitioner)
            func violation(_ finding: String) -> LawViolation {
                LawViolation(kind: kind, law: "coverage", finding: "\(shape): \(finding)", seed: seed)
            }
            guard placement.nodes == shape.members.map(\.node) else {
                throw violation("the placement is not over the members given")
            }
            guard placement.range(at: 0).first == .minimum else { throw violation("the least token is not covered") }
            guard placement.range(at: placement.rangeCount - 1).last == .maximum else {
                throw violation("the greatest token is not covered")
            }
            for index in 0..<placement.rangeCount {
                let range = placement.range(at: index)
                let inside = Token(range.first.value + (range.last.value - range.first.value) / 2)
                for token in [range.first, inside, range.last] where placement.rangeIndex(of: token) != index {
                    throw violation("token \(token) of range \(index) is found in \(placement.rangeIndex(of: token))")
                }
            }
            for _ in 0..<8 {
                let token = Token(generator.next())
                let linear = (0..<placement.rangeCount).first { placement.range(at: $0).contains(token) }
                guard linear == placement.rangeIndex(of: token) else {
                    throw violation("token \(token) is found in another range than by linear search")
                }
            }
        }
    }

    /// Every preference list holds min(nodes, N + F) distinct nodes, the first min(nodes, N) of them the replicas.
    public static func namesDistinctNodes(
        _ partitioner: any Partitioner, kind: String, seed: UInt64
    ) throws(LawViolation) {
        for shape in PartitionerCase.shapes(seed: seed) {
            let placement = shape.placement(by: partitioner)
            let expectedLength = min(shape.members.count, shape.replicas + shape.fallbacks)
            let expectedReplicas = min(shape.members.count, shape.replicas)
            for index in 0..<placement.rangeCount {
                let list = placement.preferenceList(at: index)
                guard list.count == expectedLength, list.replicas.count == expectedReplicas,
                    Set(list).count == expectedLength
                else {
                    throw LawViolation(
                        kind: kind, law: "distinct nodes",
                        finding: """
                            \(shape): the list of range \(index) is \(Array(list)) with \(list.replicas.count) replicas, \
                            expected \(expectedLength) distinct nodes and \(expectedReplicas) replicas
                            """, seed: seed)
                }
            }
        }
    }

    /// The same members give the same placement: asked twice, listed in another order before sorting, in another
    /// status, at other addresses.
    public static func isDeterministic(_ partitioner: any Partitioner, kind: String, seed: UInt64) throws(LawViolation)
    {
        var generator = RandomGenerator(seed: seed)
        for shape in PartitionerCase.shapes(seed: seed) {
            let placement = shape.placement(by: partitioner)
            var other = shape
            other.members = shape.members.shuffled(using: &generator).sorted { $0.node < $1.node }
            for index in other.members.indices {
                other.members[index].status = MemberStatus.allCases[generator.below(MemberStatus.allCases.count)]
                other.members[index].peerEndpoint = Endpoint(host: "::1", port: 1 + generator.below(65_535))
            }
            guard shape.placement(by: partitioner) == placement, other.placement(by: partitioner) == placement else {
                throw LawViolation(
                    kind: kind, law: "determinism", finding: "\(shape): two compilations differ", seed: seed)
            }
        }
    }

    /// The replicas of every range lie in min(N, zones) zones.
    public static func spreadsOverZones(_ partitioner: any Partitioner, kind: String, seed: UInt64) throws(LawViolation)
    {
        for shape in PartitionerCase.shapes(seed: seed) {
            let placement = shape.placement(by: partitioner)
            let expected = min(placement.replicaCount, shape.zoneCount)
            for index in 0..<placement.rangeCount {
                let list = placement.preferenceList(at: index)
                let zones = Set((0..<placement.replicaCount).map { list.zone(at: $0) })
                guard zones.count == expected else {
                    throw LawViolation(
                        kind: kind, law: "zones",
                        finding: """
                            \(shape): the replicas \(Array(list.replicas)) of range \(index) lie in \(zones.count) \
                            zones, \(expected) are possible
                            """, seed: seed)
                }
            }
        }
    }

    /// No node is left without ranges: each one is a replica somewhere.
    public static func usesEveryNode(_ partitioner: any Partitioner, kind: String, seed: UInt64) throws(LawViolation) {
        for shape in PartitionerCase.shapes(seed: seed) {
            let shares = shape.placement(by: partitioner).replicaShares()
            guard let idle = shares.firstIndex(of: 0) else { continue }
            throw LawViolation(
                kind: kind, law: "use of every node",
                finding: "\(shape): \(shape.members[idle].node) is a replica of nothing", seed: seed)
        }
    }
}
