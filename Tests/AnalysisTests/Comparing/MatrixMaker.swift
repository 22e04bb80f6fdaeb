import StatorCore
import Testing

@testable import Analysis

/// Makes designs and runs for the tests of comparisons.
struct MatrixMaker {
    static let latency = MetricDescription("latencyMs", "Latency", unit: "ms", .lowerIsBetter, .ratio, group: "Speed")
    static let rate = MetricDescription(
        "rate", "Throughput", unit: "operations/s", .higherIsBetter, .ratio, group: "Speed")
    static let stale = MetricDescription(
        "staleShare", "Stale reads", unit: "", .lowerIsBetter, .difference, group: "Consistency")

    var design: Design
    var runs: [RunRecord] = []

    /// - Parameter cells: all combinations where none are given.
    init(
        _ factors: [Design.Factor], cells: [[Int]]? = nil, metrics: [MetricDescription] = [MatrixMaker.latency],
        environment: String = "simulated", seed: UInt64 = 1
    ) {
        let all = factors.reduce([[]] as [[Int]]) { levels, factor in
            levels.flatMap { level in factor.levels.indices.map { level + [$0] } }
        }
        design = Design(
            name: "test", question: "Does it?", environment: environment, factors: factors,
            cells: (cells ?? all).map { Design.Cell(levels: $0) }, repetitions: 0, sameAgainCells: 0,
            primaryMetrics: metrics.map(\.name), metrics: metrics, seed: seed)
    }

    /// Adds one run for each figure, with repetitions and seeds from 0 on.
    mutating func add(
        _ figures: [Double], cell: Int, arm: RunRecord.Arm = .main, metric: MetricDescription = MatrixMaker.latency
    ) {
        for (repetition, figure) in figures.enumerated() {
            var run = RunRecord(
                number: runs.count, cell: cell, arm: arm, repetition: repetition, seed: 1000 + UInt64(repetition))
            run.metrics[metric.name] = figure
            runs.append(run)
        }
    }

    func report() -> ComparisonReport { Comparer(design, runs).report() }
}

extension ComparisonReport {
    /// Everything in it, for comparing two of them.
    var text: String { "\(self)" }
}
