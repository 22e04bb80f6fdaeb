import StatorCore
import Sync
import Testing

@Suite struct FullScanTests {
    @Test(arguments: [16, 100, 1024]) func everyDifferenceIsFoundAtAnyPageSize(pageKeys: Int) throws {
        var random = RandomGenerator(seed: UInt64(pageKeys))
        let pair = TestPair(left: fullScan(pageKeys: pageKeys), right: fullScan(pageKeys: 1024))
        for number in 0..<3000 {
            let position = TestPair.Position.random(number, &random)
            if random.chance(0.9) { pair.left.merge(position, random.chance(0.9) ? 1 : 2) }
            if random.chance(0.9) { pair.right.merge(position, random.chance(0.9) ? 1 : 2) }
        }
        let stored = pair.left.records.count
        pair.synchronize()
        #expect(pair.left.records == pair.right.records)
        let report = try #require(pair.reports[pair.left.node]?.first)
        #expect(report.keysListed == stored)
        #expect(pair.pushesOf.values.allSatisfy { $0 == 1 })
        #expect(pair.reports[pair.right.node]?.count == 1)
        #expect(pair.largestMessage <= SyncLimits.maximumMessage)
    }

    @Test func emptyReplicasFinish() {
        let pair = TestPair(left: fullScan(), right: fullScan())
        pair.synchronize()
        #expect(pair.reports.count == 2)
    }
}
