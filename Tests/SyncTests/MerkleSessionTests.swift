import StatorCore
import Sync
import Testing

@Suite struct MerkleSessionTests {
    /// The figure of the design: 100 of 100,000 keys changed, leaves of 16 bits.
    @Test func hundredChangesAmongHundredThousandKeysListFewerKeysThanDirtyLeavesHold() throws {
        var random = RandomGenerator(seed: 7)
        let pair = TestPair(left: merkle(), right: merkle())
        var positions: [TestPair.Position] = []
        for number in 0..<100_000 {
            let position = TestPair.Position.random(number, &random)
            positions.append(position)
            pair.left.merge(position, 1)
            pair.right.merge(position, 1)
        }
        for number in 0..<100 {
            let position = positions[random.below(positions.count / 100) + number * 1000]
            (number.isMultiple(of: 2) ? pair.left : pair.right).merge(position, 2)
        }
        pair.synchronize()
        #expect(pair.left.records == pair.right.records)
        #expect(pair.recordsSent <= 200)
        let statistics = pair.left.synchronizer.indexStatistics
        let meanLeaf = try #require(statistics.first { $0.name == "meanKeysPerLeaf" }?.value)
        for node in [pair.left.node, pair.right.node] {
            let report = try #require(pair.reports[node]?.first)
            #expect(pair.reports[node]?.count == 1)
            #expect(report.keysDiffering == 100)
            #expect(report.dirtyLeaves <= 100)
            #expect(Double(report.keysListed) <= Double(report.dirtyLeaves) * meanLeaf)
        }
        #expect(pair.messages <= 20)
    }

    @Test func equalReplicasExchangeTwoSmallMessages() {
        var random = RandomGenerator(seed: 8)
        let range = TokenRange(first: Token(0x1234_5678_9ABC_DEF0), last: Token(0xEDCB_A987_6543_2100))
        let pair = TestPair(left: merkle(), right: merkle())
        for number in 0..<20_000 {
            let position = TestPair.Position.random(number, &random)
            pair.left.merge(position, 1)
            if range.contains(position.token) { pair.right.merge(position, 1) }
        }
        pair.synchronize(range)
        #expect(pair.messages == 2)
        #expect(pair.bytes < 64)
        #expect(pair.recordsSent == 0)
        #expect(pair.reports[pair.left.node]?.map(\.keysListed) == [0])
        #expect(pair.reports[pair.right.node]?.map(\.keysListed) == [0])
    }

    @Test(arguments: [4, 7, 12, 16, 24], [2, 4, 16, 256])
    func everyShapeOfTreeFindsEveryDifferenceInTheRangeAndTouchesNothingOutside(depth: Int, fanOut: Int) {
        var random = RandomGenerator(seed: UInt64(depth * 1000 + fanOut))
        for round in 0..<6 {
            let pair = TestPair(left: merkle(depth: depth, fanOut: fanOut), right: merkle(depth: depth, fanOut: fanOut))
            fill(pair, keys: 600, &random)
            let range = randomRange(&random, round)
            let outside = pair.right.records.filter { !range.contains($0.key.token) }
            pair.synchronize(range)
            #expect(pair.left.records(in: range) == pair.right.records(in: range), "\(range)")
            #expect(pair.right.records.filter { !range.contains($0.key.token) } == outside)
            #expect(pair.pushesOf.values.allSatisfy { $0 == 1 })
            #expect(pair.reports.values.allSatisfy { $0.count == 1 } && pair.reports.count == 2)
        }
    }

    @Test(arguments: [(16, 16, 12, 16), (12, 16, 16, 4), (24, 256, 4, 2), (5, 2, 23, 256)])
    func endsOfDifferentSettingsAgreeOnTheCoarserDepth(settings: (Int, Int, Int, Int)) {
        var random = RandomGenerator(seed: 9)
        let (leftDepth, leftFanOut, rightDepth, rightFanOut) = settings
        for round in 0..<4 {
            let pair = TestPair(
                left: merkle(depth: leftDepth, fanOut: leftFanOut),
                right: merkle(depth: rightDepth, fanOut: rightFanOut))
            fill(pair, keys: 600, &random)
            let range = randomRange(&random, round)
            pair.synchronize(range)
            #expect(pair.left.records(in: range) == pair.right.records(in: range))
            #expect(pair.reports.values.allSatisfy { $0.count == 1 } && pair.reports.count == 2)
        }
    }

    @Test(arguments: [true, false]) func wipedReplicaGetsEverythingBack(isLeftWiped: Bool) {
        var random = RandomGenerator(seed: 10)
        let pair = TestPair(left: merkle(depth: 12), right: merkle(depth: 12))
        let whole = isLeftWiped ? pair.right : pair.left
        for number in 0..<9000 { whole.merge(.random(number, &random), 1) }
        pair.synchronize()
        #expect(pair.left.records == pair.right.records)
        #expect(pair.recordsSent == 9000)
        #expect(pair.largestMessage <= SyncLimits.maximumMessage)
    }

    @Test func longKeysInOneLeafAreSplitOverMessages() {
        let pair = TestPair(left: merkle(depth: 4), right: merkle(depth: 4))
        let tail = String(repeating: "x", count: 1000)
        for number in 0..<3000 {
            pair.left.merge(TestPair.Position(77, "\(number)-\(tail)"), 1)
            pair.right.merge(TestPair.Position(77, "\(number)-\(tail)"), number.isMultiple(of: 500) ? 2 : 1)
        }
        pair.synchronize()
        #expect(pair.left.records == pair.right.records)
        #expect(pair.largestMessage <= SyncLimits.maximumMessage)
        #expect(pair.recordsSent == 6)
    }

    @Test func droppedKeysLeaveTheIndex() {
        var random = RandomGenerator(seed: 11)
        let pair = TestPair(left: merkle(), right: merkle())
        fill(pair, keys: 300, &random)
        for position in pair.left.positions { pair.left.drop(position) }
        for position in pair.right.positions { pair.right.drop(position) }
        pair.synchronize()
        #expect(pair.messages == 2)
        let statistics = pair.left.synchronizer.indexStatistics
        #expect(statistics.first { $0.name == "keys" }?.value == 0)
        #expect(statistics.first { $0.name == "occupiedLeaves" }?.value == 0)
    }

    /// Keys of both ends, most equal, some at one end only, some differing.
    private func fill(_ pair: TestPair, keys: Int, _ random: inout RandomGenerator) {
        // Half of the tokens crowd together, so that some leaves are full and most are empty.
        let centre = random.next()
        for number in 0..<keys {
            let token = random.chance(0.5) ? random.next() : centre &+ random.next() >> 40
            let position = TestPair.Position(token, "key-\(number)")
            if random.chance(0.95) { pair.left.merge(position, random.chance(0.95) ? 1 : 2) }
            if random.chance(0.95) { pair.right.merge(position, random.chance(0.95) ? 1 : 2) }
        }
    }

    private func randomRange(_ random: inout RandomGenerator, _ round: Int) -> TokenRange {
        if round == 0 { return .full }
        let width = random.next() >> UInt64([0, 4, 30, 50, 63][round % 5])
        let first = random.next()
        return TokenRange(
            first: Token(first), last: Token(first.addingReportingOverflow(width).overflow ? .max : first + width))
    }
}

extension TestPair.Replica {
    func records(in range: TokenRange) -> [TestPair.Position: UInt64] {
        records.filter { range.contains($0.key.token) }
    }
}
