public import Partitioning
import StatorCore

/// The laws that a partitioner may deny.
extension PartitionerLaws {
    /// `balanced`: the busiest of 10, 30 and 100 equal nodes is the first replica of less than 1.5 times the mean share.
    public static func isBalanced(_ partitioner: any Partitioner, kind: String, seed: UInt64) throws(LawViolation) {
        var generator = RandomGenerator(seed: seed)
        for count in [10, 30, 100] {
            let shape = PartitionerCase(
                members: PartitionerCase.members(count, zones: 1, &generator), replicas: 3, fallbacks: 3)
            let shares = shape.placement(by: partitioner).primaryShares()
            let busiest = (shares.max() ?? 0) * Double(count)
            guard busiest < 1.5 else {
                throw LawViolation(
                    kind: kind, law: PartitionerGuarantees.balanced.name,
                    finding: "\(shape): the busiest node has \(busiest) times the mean share, expected less than 1.5",
                    seed: seed)
            }
        }
    }

    /// `minimal-movement`: over joins and leaves, with one zone and with several, with a new zone and a vanishing one.
    public static func movesMinimally(_ partitioner: any Partitioner, kind: String, seed: UInt64) throws(LawViolation) {
        var generator = RandomGenerator(seed: seed)
        for (count, zones) in [(1, 1), (2, 1), (3, 2), (8, 1), (12, 3), (6, 6), (12, 5)] {
            let small = PartitionerCase(
                members: PartitionerCase.members(count, zones: zones, &generator), replicas: 3, fallbacks: 3)
            for zone in [0, zones - 1, zones] {
                let newcomer = PartitionerCase.member("n\(generator.below(1 << 40))-new", zone: "zone-\(zone)")
                var large = small
                large.members = (small.members + [newcomer]).sorted { $0.node < $1.node }
                let without = small.placement(by: partitioner)
                let with = large.placement(by: partitioner, previous: without)
                try compare(
                    without, with, changed: newcomer.node, what: "\(small), \(newcomer.node) joins", kind: kind,
                    seed: seed)
                let after = small.placement(by: partitioner, previous: with)
                try compare(
                    after, with, changed: newcomer.node, what: "\(large), \(newcomer.node) leaves", kind: kind,
                    seed: seed)
            }
        }
    }

    /// Whether the replica sets with and without one member differ only where it is a replica, by one node at most.
    private static func compare(
        _ without: Placement, _ with: Placement, changed: NodeID, what: String, kind: String, seed: UInt64
    ) throws(LawViolation) {
        for token in lastTokens(of: without, with) {
            let (listBefore, listAfter) = (without.preferenceList(for: token), with.preferenceList(for: token))
            if listBefore.replicas.elementsEqual(listAfter.replicas) { continue }
            let (before, after) = (Set(listBefore.replicas), Set(listAfter.replicas))
            if before == after { continue }
            let onlyBefore = before.subtracting(after)
            guard after.subtracting(before) == [changed], onlyBefore.count <= 1 else {
                throw LawViolation(
                    kind: kind, law: PartitionerGuarantees.minimalMovement.name,
                    finding: """
                        \(what): the replicas of token \(token) are \(after.sorted()) with it and \(before.sorted()) \
                        without it
                        """, seed: seed)
            }
        }
    }

    /// `weighted`: where half of the nodes weigh twice as much, they have 1.7 to 2.3 times the others' share.
    public static func honoursWeights(_ partitioner: any Partitioner, kind: String, seed: UInt64) throws(LawViolation) {
        var generator = RandomGenerator(seed: seed)
        for count in [10, 20, 40] {
            var members = PartitionerCase.members(count, zones: 1, &generator)
            for index in members.indices { members[index].weight = index % 2 == 0 ? 2 : 1 }
            let shape = PartitionerCase(members: members, replicas: 3, fallbacks: 3)
            let shares = shape.placement(by: partitioner).primaryShares()
            let heavy = members.indices.filter { members[$0].weight == 2 }.reduce(0) { $0 + shares[$1] }
            let ratio = heavy / (1 - heavy)
            guard ratio > 1.7, ratio < 2.3 else {
                throw LawViolation(
                    kind: kind, law: PartitionerGuarantees.weighted.name,
                    finding: "\(shape): nodes of weight 2 have \(ratio) times the share of those of weight 1",
                    seed: seed)
            }
        }
    }
}
