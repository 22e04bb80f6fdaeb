import Analysis
import StatorCore
import Workload

/// A matrix as it could have been measured: three factors, twelve cells, all series, with planted effects.
enum SampleReport {
    static let metrics = [
        MetricDescription(
            "throughputPerSecond", "rate", unit: "requests/s", .higherIsBetter, .ratio, group: "Speed"),
        MetricDescription("readP99Milliseconds", "read p99", unit: "ms", .lowerIsBetter, .ratio, group: "Speed"),
        MetricDescription("writeP99Milliseconds", "write p99", unit: "ms", .lowerIsBetter, .ratio, group: "Speed"),
        MetricDescription("lostShare", "lost updates", unit: "", .lowerIsBetter, .difference, group: "Consistency"),
        MetricDescription("siblings", "siblings", unit: "siblings", .neutral, .difference, group: "Consistency"),
        MetricDescription(
            "syncBytesAfterFaults", "sync bytes after faults", unit: "bytes", .lowerIsBetter, .ratio, group: "Traffic"),
        MetricDescription(
            "keysDifferingAtHeal", "keys differing at heal", unit: "keys", .neutral, .difference, group: "Traffic"),
        MetricDescription(
            "detectionMilliseconds", "detection", unit: "ms", .lowerIsBetter, .ratio, group: "Membership"),
        MetricDescription(
            "falseSuspicionsPerNodeHour", "false suspicions", unit: "per node and hour", .lowerIsBetter, .difference,
            group: "Membership"),
    ]

    static let factors = [
        Design.Factor(name: "resolver", levels: ["lww-hlc", "dotted-version-vector", "causal-siblings"]),
        Design.Factor(name: "sync", levels: ["full-scan", "merkle"]),
        Design.Factor(name: "skew", levels: ["0.5", "0.99"]),
    ]

    /// - Parameters:
    ///   - factors: three, of which the first has at most three levels.
    ///   - operations: that a run records of each kind; without any it has no histograms, which take long to make.
    static func input(
        factors: [Design.Factor] = factors, repetitions: Int = 10, operations: Int = 1500
    ) -> ReportInput {
        var cells: [Design.Cell] = []
        for first in factors[0].levels.indices {
            for second in factors[1].levels.indices {
                for third in factors[2].levels.indices { cells.append(Design.Cell(levels: [first, second, third])) }
            }
        }
        var design = Design(
            name: "Resolvers under partitions",
            question: "What do causal versions cost, and what do they save, when partitions split hot keys?",
            environment: "simulated", factors: factors, cells: cells, repetitions: repetitions, sameAgainCells: 2,
            primaryMetrics: ["readP99Milliseconds", "writeP99Milliseconds", "lostShare", "syncBytesAfterFaults"],
            metrics: metrics, seed: 7)
        design.pruned = [
            Design.Pruned(levels: [0, 0, 1], reason: "A scan of all keys needs a budget that this file does not set.")
        ]
        var random = RandomGenerator(seed: 2024)
        var runs: [RunRecord] = []
        for arm in [RunRecord.Arm.main, .sameAgain(0), .sameAgain(1)] {
            for repetition in 0..<repetitions {
                for cell in cells.indices {
                    let seed = UInt64(repetition) + (arm == .main ? 1000 : 9_007_199_254_740_993)
                    var run = RunRecord(number: runs.count, cell: cell, arm: arm, repetition: repetition, seed: seed)
                    fill(&run, cells[cell].levels, operations, &random)
                    runs.append(run)
                }
            }
        }
        return ReportInput(
            design: design, runs: runs, comparisons: Comparer(design, runs).report(),
            configuration: "{\n  \"matrix\": {\"repetitions\": \(repetitions)}\n}\n",
            provenance: [("commit", "0123abc"), ("Swift", "6.3.1"), ("processor", "2 x AMD EPYC"), ("kernel", "6.1")],
            reproduction: "stator-bench run configs/bench/resolvers.json --seed 7")
    }

    private static func fill(
        _ run: inout RunRecord, _ levels: [Int], _ operations: Int, _ random: inout RandomGenerator
    ) {
        func noise(_ spread: Double) -> Double {
            1 + spread * (random.fraction() + random.fraction() + random.fraction() - 1.5)
        }
        let (resolver, sync, skew) = (levels[0], levels[1], levels[2])
        run.hash = "a0ffee\(run.number)"
        let rate = 900 * noise(0.06) * (skew == 1 ? 0.93 : 1)
        let slow = (resolver == 2 ? 1.25 : 1) * (skew == 1 ? 1.4 : 1)
        let keys = (400 * (0.1 + 4 * random.fraction() * random.fraction())).rounded()
        run.metrics["throughputPerSecond"] = rate
        run.metrics["lostShare"] = resolver == 0 ? 0.031 * noise(0.3) * (skew == 1 ? 2 : 1) : 0
        run.metrics["siblings"] = resolver == 0 ? 0 : (12 * noise(0.5)).rounded()
        run.metrics["keysDifferingAtHeal"] = keys
        run.metrics["syncBytesAfterFaults"] = (sync == 1 ? 9000 + 420 * keys : 2_400_000 + 300 * keys) * noise(0.2)
        run.metrics["detectionMilliseconds"] = (900 - 180 * Double(resolver) + 70 * Double(skew)) * noise(0.2)
        run.metrics["falseSuspicionsPerNodeHour"] = (0.2 + 0.5 * Double(resolver) + 0.2 * Double(sync)) * noise(0.6)
        for (kind, base) in [("read", 1.1), ("write", 2.3)] {
            run.metrics["\(kind)P99Milliseconds"] = 5 * base * slow * noise(0.2)
            if operations == 0 { continue }
            var histogram = LatencyHistogram()
            for _ in 0..<operations {
                let tail = 1 / (1 - min(0.9999, random.fraction()))
                let milliseconds = base * slow * (0.5 + random.fraction()) * (1 + 0.05 * tail)
                histogram.record(Int64(milliseconds * 1e6), count: 1)
            }
            run.metrics["\(kind)P99Milliseconds"] = histogram.percentile(99)
            run.histograms[kind] = StoredHistogram(histogram)
        }
        fillSeries(&run, levels, rate: rate, keys: keys, &random)
        if skew == 1, resolver == 2, run.repetition % 2 == 0 { run.flags.append("saturated") }
        if run.number % 37 == 5 { run.flags.append("not-stationary") }
        if run.number == 17 {
            run.flags.append("node-died")
            run.failures.append("Node 3 ended with signal 9 after 12 s.")
        }
        if run.number == 29 { run.failures.append("A deleted key came back: key 7 after its tombstone.") }
    }

    private static func fillSeries(
        _ run: inout RunRecord, _ levels: [Int], rate: Double, keys: Double, _ random: inout RandomGenerator
    ) {
        var freshness: [RunSeries.Point] = []
        var divergence: [RunSeries.Point] = []
        for (place, age) in [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].enumerated() {
            let stale = (0.2 + 0.1 * Double(levels[2]) - 0.03 * Double(levels[0])) / (1 + Double(place * place) / 8)
            freshness.append(.init(x: age, y: 1 - stale * (0.8 + 0.4 * random.fraction()), weight: 200))
        }
        var left = keys
        for second in 0..<30 {
            divergence.append(.init(x: Double(second), y: left.rounded()))
            left *= levels[1] == 1 ? 0.6 : 0.85
        }
        let load = (0..<8).map { RunSeries.Point(x: Double($0), y: 1000 * (0.85 + 0.3 * random.fraction())) }
        let seconds = (0..<60).map { second in
            RunSeries.Point(x: Double(second), y: rate * (0.93 + 0.14 * random.fraction()) * (second < 3 ? 0.8 : 1))
        }
        run.series = [
            RunSeries(name: "freshness", points: freshness), RunSeries(name: "divergence", points: divergence),
            RunSeries(name: "load", points: load), RunSeries(name: "throughput", points: seconds),
        ]
    }
}
