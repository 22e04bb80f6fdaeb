import StatorCore

/// How a session's range lies on leaves of a certain depth: the leaves wholly inside it, and the one or two leaves that
/// a boundary of the range cuts, of which only the part inside counts.
///
/// Both ends compute it from the range and the depth, so no message describes it.
struct MerklePlan {
    /// A dirty leaf is cut into 2^fineBits fine slices, whose sums are computed from a listing, before keys are sent.
    static let fineBits = 5
    /// The most leaves summed by fine slices in one message: 512 x 32 sums always fit one.
    static let maximumLeavesSliced = 512
    /// The leaves inside, the leaf cut at the low end, the leaf cut at the high end.
    static let maximumParts = 3

    let range: TokenRange
    let depth: Int
    /// Leaves wholly inside the range.
    let inside: ClosedRange<Int>?
    /// The cut leaves and their tokens inside the range, rising: at most two.
    let cut: [(leaf: Int, range: TokenRange)]

    init(range: TokenRange, depth: Int) {
        self.range = range
        self.depth = depth
        var low = MerkleLevel.slice(range.first, bits: depth)
        var high = MerkleLevel.slice(range.last, bits: depth)
        var cut: [(leaf: Int, range: TokenRange)] = []
        for leaf in low == high ? [low] : [low, high] {
            let whole = MerklePlan.tokens(of: leaf, bits: depth)
            guard let part = whole.intersection(range), part != whole else { continue }
            cut.append((leaf, part))
        }
        if let first = cut.first, first.leaf == low { low += 1 }
        if let last = cut.last, last.leaf == high { high -= 1 }
        inside = low <= high ? low...high : nil
        self.cut = cut
    }

    /// How many sums an `open` carries: the leaves inside together, if any, then each cut leaf's part.
    var parts: Int { (inside == nil ? 0 : 1) + cut.count }

    /// The tokens that begin with the `bits` bits of `slice`.
    static func tokens(of slice: Int, bits: Int) -> TokenRange {
        tokens(of: slice...slice, bits: bits)
    }

    static func tokens(of slices: ClosedRange<Int>, bits: Int) -> TokenRange {
        let shift = UInt64(64 - bits)
        let first = UInt64(slices.lowerBound) << shift
        let last = (UInt64(slices.upperBound) << shift) | (UInt64.max >> UInt64(bits))
        return TokenRange(first: Token(first), last: Token(last))
    }

    /// The tokens of neighbouring leaves that lie in the range; `nil` where none do, or there are no such leaves.
    func tokens(ofLeaves leaves: ClosedRange<Int>) -> TokenRange? {
        guard leaves.upperBound < 1 << depth else { return nil }
        return MerklePlan.tokens(of: leaves, bits: depth).intersection(range)
    }

    var fineDepth: Int { depth + MerklePlan.fineBits }

    func fineSlice(_ token: Token) -> UInt64 {
        token.value >> UInt64(64 - fineDepth)
    }

    /// The tokens of fine slices that lie in the range.
    func tokens(ofFine slices: ClosedRange<UInt64>) -> TokenRange? {
        guard slices.upperBound < 1 << UInt64(fineDepth) else { return nil }
        let whole = MerklePlan.tokens(of: Int(slices.lowerBound)...Int(slices.upperBound), bits: fineDepth)
        return whole.intersection(range)
    }

    /// Whether the slice's leaves are all wholly inside the range.
    func isInside(bits: Int, slices: ClosedRange<Int>) -> Bool {
        guard let inside, bits <= depth else { return false }
        let shift = depth - bits
        return inside.lowerBound <= slices.lowerBound << shift
            && ((slices.upperBound + 1) << shift) - 1 <= inside.upperBound
    }
}

/// Neighbouring slices of one level.
struct NodeRun: Hashable {
    var bits: Int
    var slices: ClosedRange<Int>
}

extension MerklePlan {
    /// The fewest whole subtrees of a tree with levels every `step` bits that together are the leaves inside: at most
    /// two runs a level.
    func frontier(step: Int) -> [NodeRun] {
        guard let inside else { return [] }
        var runs: [NodeRun] = []
        var low = inside.lowerBound
        var high = inside.upperBound
        let levels = MerkleIndex.levelBits(depth: depth, step: step)
        for (parent, bits) in zip(levels.dropLast(), levels.dropFirst()).reversed() {
            let shift = bits - parent
            let parentLow = (low + (1 << shift) - 1) >> shift
            let parentHigh = ((high + 1) >> shift) - 1
            guard parentLow <= parentHigh else {
                runs.append(NodeRun(bits: bits, slices: low...high))
                return runs
            }
            if low < parentLow << shift { runs.append(NodeRun(bits: bits, slices: low...(parentLow << shift) - 1)) }
            if (parentHigh + 1) << shift <= high {
                runs.append(NodeRun(bits: bits, slices: (parentHigh + 1) << shift...high))
            }
            low = parentLow
            high = parentHigh
        }
        runs.append(NodeRun(bits: 0, slices: low...high))
        return runs
    }
}
