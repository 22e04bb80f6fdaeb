internal import Analysis
internal import StatorCore
internal import Workload

/// What has to be known to read a run's figures.
enum RunFlag {
    /// It did not come to its end: its figures are of what there was.
    static let brokeOff = "broke-off"
    static let brokenPromise = "broken-promise"
    /// A node ended that was not told to.
    static let nodeDied = "node-died"
    /// More was asked for than was carried out: latencies say how long the run was.
    static let saturated = "saturated"
    /// The bench was told to stop while it was under way.
    static let interrupted = "interrupted"
    /// The rate of answers rose or fell throughout the measured span.
    static let notStationary = "not-stationary"
}

/// Speed as every environment measures it.
struct SpeedFigures {
    var span: Duration
    var offered: Int
    var succeeded: Int
    var unknown: Int
    var histograms: [(kind: String, histogram: LatencyHistogram)]
    var reads: Int
    var readsOfSiblings: Int
    var versionsShown: Int
    var slices: [Int]

    /// Operations that succeeded and were answered in the span, whenever they were due.
    var answered: Int { slices.reduce(0, +) }
}

extension RunRecord {
    mutating func set(_ metric: String, _ value: Double) {
        if value.isFinite { metrics[metric] = value }
    }

    mutating func set(_ metric: String, _ value: Double, over count: Int) {
        if count > 0 { set(metric, value / Double(count)) }
    }

    mutating func add(_ name: String, _ points: [RunSeries.Point]) {
        if !points.isEmpty { series.append(RunSeries(name: name, points: points)) }
    }

    mutating func noteSpeed(_ speed: SpeedFigures) {
        set("throughputPerSecond", Double(speed.answered) / speed.span.seconds)
        set("offeredPerSecond", Double(speed.offered) / speed.span.seconds)
        set("unavailableShare", Double(speed.offered - speed.succeeded), over: speed.offered)
        set("unknownShare", Double(speed.unknown), over: speed.offered)
        for (kind, histogram) in speed.histograms {
            histograms[kind] = StoredHistogram(histogram)
            for percentile in MetricCatalogue.percentiles {
                // Where no answer lies beyond it, a high percentile is only the slowest answer under another name.
                guard Double(histogram.count) * (100 - percentile.value) / 100 >= 1 || percentile.value <= 95,
                    let value = histogram.percentile(percentile.value)
                else { continue }
                set("\(kind)\(percentile.name)Milliseconds", value)
            }
        }
        set("siblingReadShare", Double(speed.readsOfSiblings), over: speed.reads)
        set("siblingsMean", Double(speed.versionsShown), over: speed.reads)
        guard !speed.slices.isEmpty else { return }
        let slice = speed.span.seconds / Double(speed.slices.count)
        add(
            "throughput",
            speed.slices.enumerated().map { index, count in
                .init(x: (Double(index) + 0.5) * slice, y: Double(count) / slice)
            })
    }

    mutating func noteLoads(_ loads: [Double], members: Int) {
        let mean = loads.reduce(0, +) / Double(max(1, members))
        if mean > 0, let most = loads.max() { set("loadImbalance", most / mean) }
        add("load", loads.enumerated().map { .init(x: Double($0), y: $1) })
    }

    /// The rate has no trend once a system is warm: Mann and Kendall's test over the parts of the span, at 1%.
    mutating func judgeStationarity(_ slices: [Int]) {
        guard slices.count >= 5, slices.contains(where: { $0 > 0 }) else { return }
        if TrendTest(slices.map(Double.init)).pValue < 0.01 { flags.append(RunFlag.notStationary) }
    }
}
