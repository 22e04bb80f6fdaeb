import Partitioning
import SimulationKit
import StatorCore

/// Ranges have fewer owners than they should.
enum RangeLacksAReplica: Plant {
    static let name = "range-lacks-a-replica"
    static let wrong = "Ranges are given N-1 owners."
    static let caughtBy = ["ring-safety"]
    static let scenario = Scenario.calm
    static let seeds: UInt64 = 1

    static func plant(in options: inout RunOptions) {
        options.wrapPartitioners { base, _ in StingyPartitioner(base: base) }
    }
}

private struct StingyPartitioner: PassingPartitioner {
    let base: any Partitioner

    func placement(members: [Member], replicas: Int, fallbacks: Int, previous: Placement?) -> Placement {
        base.placement(members: members, replicas: max(1, replicas - 1), fallbacks: fallbacks, previous: previous)
    }
}

/// One node compiles another placement from the same view.
enum PlacementDiffers: Plant {
    static let name = "placement-differs-between-nodes"
    static let wrong = "One node gives the ranges of the same view to other owners than the rest do."
    static let caughtBy = ["ring-safety"]
    static let scenario = Scenario.calm
    static let seeds: UInt64 = 1

    static func plant(in options: inout RunOptions) {
        options.wrapPartitioners { base, node in node.name == "B" ? TurningPartitioner(base: base) : base }
    }
}

private struct TurningPartitioner: PassingPartitioner {
    let base: any Partitioner

    func placement(members: [Member], replicas: Int, fallbacks: Int, previous: Placement?) -> Placement {
        let right = base.placement(members: members, replicas: replicas, fallbacks: fallbacks, previous: previous)
        let assignments = (0..<right.rangeCount).map { index in
            let list = right.preferenceList(at: index)
            let owners = list.map { node in UInt16(right.nodes.firstIndex(of: node) ?? 0) }
            return Placement.Assignment(
                last: right.range(at: index).last, owners: Array(owners.dropFirst()) + owners.prefix(1))
        }
        return Placement(members: members, replicas: replicas, assignments: assignments)
    }
}

/// One node goes on with the placement of its first view.
enum NewRingIgnored: Plant {
    static let name = "new-ring-ignored"
    static let wrong = "One node goes on with the placement of its first view whoever joins or leaves."
    static let caughtBy = ["ring-safety"]
    static let scenario = Scenario.membership
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        let first = Shared<Placement?>(nil)
        options.wrapPartitioners { base, node in
            node.name == "C" ? StayingPartitioner(base: base, first: first) : base
        }
    }
}

private struct StayingPartitioner: PassingPartitioner {
    let base: any Partitioner
    let first: Shared<Placement?>

    func placement(members: [Member], replicas: Int, fallbacks: Int, previous: Placement?) -> Placement {
        if let known = first.value { return known }
        let made = base.placement(members: members, replicas: replicas, fallbacks: fallbacks, previous: previous)
        first.value = made
        return made
    }
}
