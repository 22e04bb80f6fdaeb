import Checking
import Testing
import Workload

@testable import BenchKit

/// What counts to the measured span.
@Suite struct LoadTallyTests {
    private func read(endingAt end: Int64) -> HistoryOperation {
        HistoryOperation(id: 1, client: 0, kind: .read, key: "k", start: 0, end: end)
    }

    /// A saturated store answers in the span what was due before it: that is its rate, and nobody's latency.
    @Test func theRateIsOfAnswersAndLatenciesOfWhatWasDue() {
        let second: Int64 = 1_000_000_000
        var tally = LoadTally(span: second..<2 * second, nodes: ["A"])
        tally.add([read(endingAt: second + 5)], isBatch: false, intended: 0, sent: second, node: 0, error: nil)
        tally.add([read(endingAt: 3 * second)], isBatch: false, intended: second, sent: second, node: 0, error: nil)
        #expect(tally.speed.answered == 1)
        #expect(tally.offered == 1 && tally.succeeded == 1)
        #expect(tally.namedHistograms.map(\.histogram.count) == [1])
    }
}
