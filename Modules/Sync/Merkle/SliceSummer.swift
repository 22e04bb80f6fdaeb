import StatorCore

/// Sums the records of dirty leaves by fine slices, from listings, at both ends alike. Keeps sums only.
struct SliceSummer {
    private(set) var runs: [LeafRun]
    private let plan: MerklePlan
    private var current = 0
    private var after: ScanCursor?

    /// - Parameter leaves: runs of neighbouring leaves, rising.
    init(_ leaves: [ClosedRange<Int>], plan: MerklePlan) {
        runs = leaves.map { LeafRun(firstLeaf: $0.lowerBound, leafCount: $0.count, slices: []) }
        self.plan = plan
        skipOutside()
    }

    func next() -> (range: TokenRange, after: ScanCursor?)? {
        guard current < runs.count, let tokens = plan.tokens(ofLeaves: runs[current].leaves) else { return nil }
        return (tokens, after)
    }

    mutating func listed(_ entries: [RecordMetadata], next: ScanCursor?) {
        guard current < runs.count else { return }
        for entry in entries { add(RecordSum.of(entry), to: plan.fineSlice(entry.token)) }
        after = next
        guard next == nil else { return }
        current += 1
        skipOutside()
    }

    private mutating func add(_ sum: UInt64, to slice: UInt64) {
        let last = runs[current].slices.count - 1
        if last < 0 || runs[current].slices[last].index < slice {
            runs[current].slices.append(FineSum(index: slice, sum: sum))
        } else {
            runs[current].slices[last].sum &+= sum
        }
    }

    private mutating func skipOutside() {
        while current < runs.count, plan.tokens(ofLeaves: runs[current].leaves) == nil { current += 1 }
    }
}

extension LeafRun {
    var leaves: ClosedRange<Int> { firstLeaf...firstLeaf + leafCount - 1 }

    /// The fine slices whose sums differ, neighbours joined, appended in rising order. O(slices).
    func appendDifferences(from other: LeafRun, to ranges: inout [ClosedRange<UInt64>]) {
        var mine = slices[...]
        var theirs = other.slices[...]
        while let index = [mine.first?.index, theirs.first?.index].compactMap(\.self).min() {
            let own = mine.first?.index == index ? mine.removeFirst().sum : 0
            let foreign = theirs.first?.index == index ? theirs.removeFirst().sum : 0
            if own == foreign { continue }
            if let last = ranges.last, last.upperBound + 1 == index {
                ranges[ranges.count - 1] = last.lowerBound...index
            } else {
                ranges.append(index...index)
            }
        }
    }
}
