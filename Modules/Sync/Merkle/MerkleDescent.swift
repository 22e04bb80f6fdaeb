import StatorCore

/// What a session has still to look into, deepest first, so that it holds a bounded number of nodes whatever differs.
///
/// Batches are as large as a message allows, so a few differences anywhere in the range take one round trip a level:
/// O(depth / log2 fanOut) in all.
struct MerkleDescent {
    /// The most sums in one message: 32 KiB of them.
    static let maximumSums = 4096
    /// Leaves wait until so many are dirty, or until no inner node is left.
    private static let leavesWanted = MerklePlan.maximumLeavesSliced
    /// Segments to list wait likewise.
    private static let segmentsWanted = 512

    private let plan: MerklePlan
    private let step: Int
    /// Inner nodes known to differ, the next one last.
    private var nodes: [NodeRun] = []
    private var leaves: [Int] = []
    private var segments: [TokenRange] = []
    private var mayAskFrontier = false
    private(set) var dirtyLeaves = 0

    enum Step {
        case compare([NodeRun])
        case slice([ClosedRange<Int>])
        case list([TokenRange])
        case exhausted
    }

    init(plan: MerklePlan, step: Int) {
        self.plan = plan
        self.step = step
    }

    /// The leaves inside the range, taken together, differ.
    mutating func insideDiffers() {
        let frontier = plan.frontier(step: step)
        if frontier.count == 1, frontier[0].slices.count == 1 {
            differs(bits: frontier[0].bits, slice: frontier[0].slices.lowerBound)
        } else {
            mayAskFrontier = true
        }
    }

    mutating func differs(bits: Int, slice: Int) {
        if bits == plan.depth {
            leafDiffers(slice)
        } else {
            nodes.append(NodeRun(bits: bits, slices: slice...slice))
        }
    }

    mutating func leafDiffers(_ leaf: Int) {
        leaves.append(leaf)
        dirtyLeaves += 1
    }

    mutating func segmentDiffers(_ segment: TokenRange) {
        segments.append(segment)
    }

    /// - Parameter isSmall: whether a leaf holds so few keys here that summing it by fine slices saves nothing.
    mutating func next(isSmall: (Int) -> Bool) -> Step {
        let hasNodes = mayAskFrontier || !nodes.isEmpty
        if segments.count < MerkleDescent.segmentsWanted, !leaves.isEmpty,
            leaves.count >= MerkleDescent.leavesWanted || !hasNodes
        {
            let runs = takeLeaves(isSmall: isSmall)
            if !runs.isEmpty { return .slice(runs) }
        }
        if !segments.isEmpty, segments.count >= MerkleDescent.segmentsWanted || leaves.isEmpty && !hasNodes {
            defer { segments = [] }
            return .list(MerkleDescent.joined(segments))
        }
        return hasNodes ? .compare(takeNodes()) : .exhausted
    }

    private mutating func takeNodes() -> [NodeRun] {
        if mayAskFrontier {
            mayAskFrontier = false
            return plan.frontier(step: step)
        }
        var batch: [NodeRun] = []
        var sums = 0
        while let node = nodes.last {
            let bits = min(node.bits - node.bits % step + step, plan.depth)
            let shift = bits - node.bits
            let first = node.slices.lowerBound << shift
            guard sums + (1 << shift) <= MerkleDescent.maximumSums else { break }
            nodes.removeLast()
            batch.append(NodeRun(bits: bits, slices: first...first + (1 << shift) - 1))
            sums += 1 << shift
        }
        return batch
    }

    /// Takes a batch of leaves, neighbours joined; small ones become segments to list at once.
    private mutating func takeLeaves(isSmall: (Int) -> Bool) -> [ClosedRange<Int>] {
        leaves.sort()
        var runs: [ClosedRange<Int>] = []
        var taken = 0
        while taken < MerklePlan.maximumLeavesSliced, let leaf = leaves.popLast() {
            if isSmall(leaf) {
                if let tokens = plan.tokens(ofLeaves: leaf...leaf) { segments.append(tokens) }
                continue
            }
            taken += 1
            if let last = runs.last, last.lowerBound == leaf + 1 {
                runs[runs.count - 1] = leaf...last.upperBound
            } else {
                runs.append(leaf...leaf)
            }
        }
        return runs.reversed()
    }

    private static func joined(_ segments: [TokenRange]) -> [TokenRange] {
        var joined: [TokenRange] = []
        for segment in segments.sorted(by: { $0.first < $1.first }) {
            if let last = joined.last, last.last < .maximum, segment.first.value == last.last.value + 1 {
                joined[joined.count - 1] = TokenRange(first: last.first, last: segment.last)
            } else {
                joined.append(segment)
            }
        }
        return joined
    }
}
