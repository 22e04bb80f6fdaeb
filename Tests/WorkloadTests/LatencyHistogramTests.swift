import StatorCore
import Testing

@testable import Workload

private func histogram(_ values: [(Int64, Int)]) -> LatencyHistogram {
    var histogram = LatencyHistogram()
    for (value, count) in values { histogram.record(value, count: count) }
    return histogram
}

/// From a tenth of a millisecond to five minutes.
private func latencies(_ count: Int, seed: UInt64) -> [Int64] {
    var random = RandomGenerator(seed: seed)
    return (0..<count).map { _ in 100_000 << Int64(random.below(12)) + Int64(random.below(1_000_000)) }
}

@Test func percentilesAreExactToThreeDigits() {
    let values = latencies(20_000, seed: 1)
    let recorded = histogram(values.map { ($0, 1) })
    let sorted = values.sorted()
    for percent in [0.01, 1, 25, 50, 90, 99, 99.9, 100] {
        let rank = max(1, Int((percent / 100 * 20_000).rounded(.up)))
        let exact = Double(sorted[rank - 1]) / 1e6
        let found = recorded.percentile(percent) ?? 0
        #expect(found >= exact * (1 - 1e-12) && found <= exact * 1.001 + 0.000512)
    }
    let mean = Double(values.reduce(0, +)) / 20_000 / 1e6
    #expect(abs((recorded.meanMilliseconds ?? 0) / mean - 1) < 0.0005)
    #expect(recorded.count == 20_000 && recorded.clipped == 0)
    #expect(recorded.maximumMilliseconds == recorded.percentile(100))
}

@Test func anEmptyHistogramHasNoPercentiles() {
    let empty = LatencyHistogram()
    #expect(empty.percentile(50) == nil && empty.meanMilliseconds == nil && empty.maximumMilliseconds == nil)
    #expect(empty.count == 0 && empty.clipped == 0 && empty.recorded.isEmpty)
}

@Test func recordedRangesAreInIncreasingOrderWithTheirUpperEnds() {
    let found = histogram([(2_000_000, 300), (100, 1), (1000, 2), (1_500_000, 3)]).recorded
    #expect(found.map(\.nanoseconds) == [511, 1023, 1_500_159, 2_000_895])
    #expect(found.map(\.count) == [1, 2, 3, 300])
}

@Test func whatIsOverAnHourIsClipped() {
    let long = histogram([(3_600_000_000_000, 1), (3_600_000_000_001, 2), (.max, 3), (3_590_000_000_000, 4), (-5, 1)])
    #expect(long.clipped == 6)
    #expect(long.count == 11)
    #expect(abs((long.maximumMilliseconds ?? 0) / 3_600_000 - 1) < 0.001)
    #expect(long.percentile(0) == 0.000511)
}

@Test func latenciesThatTakeAThousandYearsTogetherAreAveraged() {
    let many = histogram([(3_599_000_000_000, 10_000_000), (1000, 10_000_000)])
    #expect(abs((many.meanMilliseconds ?? 0) / 1_799_500 - 1) < 0.001)
    #expect(many.recorded.map(\.count) == [10_000_000, 10_000_000])
}

@Test func recordingNothingChangesNothing() {
    #expect(histogram([(5, 0)]) == LatencyHistogram())
}

@Test func mergingEqualsRecordingAllInOne() {
    var merged = LatencyHistogram()
    var all: [Int64] = []
    for seed in 0..<4 {
        let values = latencies(1000, seed: UInt64(seed)) + [.max]
        all += values
        merged.merge(histogram(values.map { ($0, 1) }))
    }
    let whole = histogram(all.map { ($0, 1) })
    #expect(merged == whole)
    #expect(merged.encoded == whole.encoded)
    #expect(merged.clipped == 4)
    #expect(merged != histogram(all.dropLast().map { ($0, 1) }))
}
