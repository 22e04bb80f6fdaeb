import StatorCore
import Testing

@testable import Membership

@Suite struct ArrivalWindowTests {
    @Test func startsFromTheEstimate() {
        let window = ArrivalWindow(capacity: 10, estimate: .milliseconds(1000))
        #expect(window.count == 2)
        #expect(window.mean == 1000)
        #expect(window.deviation == 250)
    }

    @Test func forgetsTheOldestSamples() {
        var window = ArrivalWindow(capacity: 4, estimate: .milliseconds(9999))
        for milliseconds in [1, 2, 10, 20, 30, 40] { window.record(.milliseconds(milliseconds)) }
        #expect(window.count == 4)
        #expect(window.mean == 25)
        #expect(abs(window.deviation * window.deviation - 125) < 1e-9)
    }

    @Test func agreesWithADirectComputation() {
        let seed: UInt64 = 77
        var random = RandomGenerator(seed: seed)
        var window = ArrivalWindow(capacity: 64, estimate: .milliseconds(500))
        var kept: [Double] = []
        for _ in 0..<500 {
            let milliseconds = random.below(5000)
            window.record(.milliseconds(milliseconds))
            kept.append(Double(milliseconds))
        }
        kept = kept.suffix(64)
        let mean = kept.reduce(0, +) / 64
        let variance = kept.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 64
        #expect(abs(window.mean - mean) < 1e-6, "seed \(seed)")
        #expect(abs(window.deviation - variance.squareRoot()) < 1e-6, "seed \(seed)")
    }

    @Test func takesExtremeIntervalsWithoutOverflow() {
        var window = ArrivalWindow(capacity: 1000, estimate: .seconds(1_000_000_000))
        for step in 0..<2500 { window.record(step % 2 == 0 ? .seconds(Int64.max / 4) : .seconds(-5)) }
        #expect(window.mean == Double(ArrivalWindow.longestInterval) / 2)
        #expect(window.deviation == Double(ArrivalWindow.longestInterval) / 2)
        for _ in 0..<1000 { window.record(.seconds(1_000_000)) }
        #expect(window.deviation == 0)
    }

    @Test func roundsToTheNearestMillisecond() {
        var window = ArrivalWindow(capacity: 2, estimate: .zero)
        window.record(.microseconds(1499))
        window.record(.microseconds(1500))
        #expect(window.mean == 1.5)
    }
}
