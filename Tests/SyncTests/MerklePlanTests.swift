import StatorCore
import Testing

@testable import Sync

@Suite struct MerklePlanTests {
    @Test func wholeSpaceIsTheRoot() {
        let plan = MerklePlan(range: .full, depth: 16)
        #expect(plan.inside == 0...65535)
        #expect(plan.cut.isEmpty)
        #expect(plan.frontier(step: 4) == [NodeRun(bits: 0, slices: 0...0)])
    }

    @Test func boundariesCutTheLeavesAtTheEnds() {
        let range = TokenRange(first: Token(0x1234_8000_0000_0000), last: Token(0x1300_0000_0000_0000))
        let plan = MerklePlan(range: range, depth: 16)
        #expect(plan.inside == 0x1235...0x12FF)
        #expect(plan.cut.map(\.leaf) == [0x1234, 0x1300])
        #expect(
            plan.cut.map(\.range) == [
                TokenRange(first: range.first, last: Token(0x1234_FFFF_FFFF_FFFF)),
                TokenRange(first: range.last, last: range.last),
            ])
        // 0x1235...0x123F are single leaves, 0x124...0x12F whole parents of them.
        #expect(
            plan.frontier(step: 4) == [
                NodeRun(bits: 16, slices: 0x1235...0x123F), NodeRun(bits: 12, slices: 0x124...0x12F),
            ])
    }

    @Test func rangeWithinOneLeafIsOnePart() {
        let range = TokenRange(first: Token(5), last: Token(9))
        let plan = MerklePlan(range: range, depth: 16)
        #expect(plan.inside == nil)
        #expect(plan.parts == 1)
        #expect(plan.cut.map(\.range) == [range])
        #expect(plan.frontier(step: 4).isEmpty)
    }

    @Test func oneWholeLeafIsNotCut() {
        let plan = MerklePlan(range: MerklePlan.tokens(of: 77, bits: 16), depth: 16)
        #expect(plan.inside == 77...77)
        #expect(plan.cut.isEmpty)
        #expect(plan.frontier(step: 4) == [NodeRun(bits: 16, slices: 77...77)])
    }

    /// The frontier covers each leaf inside once and no other, in at most two runs a level; with the cut parts it
    /// covers the range's tokens.
    @Test func partsAndFrontierTileTheRange() {
        var random = RandomGenerator(seed: 21)
        for _ in 0..<300 {
            let depth = 4 + random.below(7)
            let step = [1, 2, 4, 8][random.below(4)]
            let (first, last) = (random.next() >> UInt64(random.below(30)), random.next() >> UInt64(random.below(30)))
            let range = TokenRange(first: Token(min(first, last)), last: Token(max(first, last)))
            let plan = MerklePlan(range: range, depth: depth)
            let frontier = plan.frontier(step: step)
            var leaves: [Int] = []
            for run in frontier {
                #expect(plan.isInside(bits: run.bits, slices: run.slices))
                let shift = depth - run.bits
                leaves += (run.slices.lowerBound << shift)..<(run.slices.upperBound + 1) << shift
            }
            #expect(leaves.sorted() == plan.inside.map(Array.init) ?? [])
            for bits in 0...depth { #expect(frontier.filter { $0.bits == bits }.count <= 2) }
            var pieces = plan.cut.map(\.range)
            if let inside = plan.inside { pieces.append(MerklePlan.tokens(of: inside, bits: depth)) }
            pieces.sort { $0.first < $1.first }
            #expect(pieces.first?.first == range.first && pieces.last?.last == range.last)
            for (earlier, later) in zip(pieces, pieces.dropFirst()) {
                #expect(earlier.last.value + 1 == later.first.value)
            }
        }
    }

    @Test func sumOfAnyAlignedSliceIsTheSumOfItsLeaves() {
        var random = RandomGenerator(seed: 22)
        let shard = TokenRange.ofShard(1, count: 3)
        let index = MerkleIndex(range: shard, depth: 10, fanOut: 16)
        for number in 0..<3000 {
            let position = TestPair.Position.random(number, &random)
            index.apply(
                RecordChange(token: position.token, key: position.key, old: nil, new: Digest(random.next())))
        }
        for bits in 0...10 {
            for slice in 0..<1 << bits {
                let leaves = (slice << (10 - bits)..<(slice + 1) << (10 - bits))
                let sum = leaves.reduce(0 as UInt64) { $0 &+ index.sum(bits: 10, slice: $1) }
                let count = leaves.reduce(0) { $0 + index.count(bits: 10, slice: $1) }
                #expect(index.sum(bits: bits, slice: slice) == sum)
                #expect(index.count(bits: bits, slice: slice) == count)
            }
        }
        #expect(index.count(bits: 0, slice: 0) == index.keys)
        #expect(index.keys < 1200, "keys outside the shard are not counted")
        #expect(index.leaves == 342)
    }

    @Test func emptyTreeOfTheGreatestDepthTakesLittleMemory() {
        let index = MerkleIndex(range: .full, depth: 24, fanOut: 16)
        #expect(index.memoryBytes < 4 << 20)
    }
}
