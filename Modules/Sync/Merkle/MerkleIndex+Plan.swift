import StatorCore

/// What both ends of a session ask of their index.
extension MerkleIndex {
    func sums(_ run: NodeRun) -> NodeSums {
        NodeSums(bits: run.bits, first: run.slices.lowerBound, sums: run.slices.map { sum(bits: run.bits, slice: $0) })
    }

    /// The parts of cut leaves that a listing has to sum: those of leaves that hold a key at all.
    func unsummed(_ plan: MerklePlan) -> [TokenRange] {
        plan.cut.filter { count(bits: plan.depth, slice: $0.leaf) > 0 }.map(\.range)
    }

    /// The sums of the plan's parts.
    /// - Parameter cut: those of what ``unsummed(_:)`` named, when it was asked; a leaf that has gained its first key
    ///   since counts as empty, which at worst takes one comparison more.
    func partSums(_ plan: MerklePlan, cut: [RangeSummer.Part]) -> [UInt64] {
        var sums: [UInt64] = []
        if plan.inside != nil {
            var total: UInt64 = 0
            for run in plan.frontier(step: step) {
                for slice in run.slices { total &+= sum(bits: run.bits, slice: slice) }
            }
            sums.append(total)
        }
        for part in plan.cut { sums.append(cut.first { $0.range == part.range }?.sum ?? 0) }
        return sums
    }
}
