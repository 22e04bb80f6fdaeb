import Testing

@testable import Replication

@Suite struct ReachTests {
    @Test func everyProbeHasAPlaceAndIsCountedByItself() {
        #expect(ReachProbe.allCases.count <= ReachCounts.capacity)
        var counts = ReachCounts()
        for probe in ReachProbe.allCases { for _ in 0...Int(probe.rawValue) { counts.note(probe) } }
        var sum = counts
        sum.add(counts)
        for probe in ReachProbe.allCases {
            #expect(counts[probe] == Int(probe.rawValue) + 1)
            #expect(sum[probe] == 2 * (Int(probe.rawValue) + 1))
        }
    }
}
