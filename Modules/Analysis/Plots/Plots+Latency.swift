internal import Workload

extension Plots {
    /// Latency by percentile, the axis stretched towards 100%: the plot of HdrHistogram (Tene, "How NOT to Measure
    /// Latency", 2013), which shows the tail that a mean hides.
    static func latencies(_ runs: CellRuns, _ grouping: CellGrouping) -> Plot? {
        let kinds = kinds(of: runs)
        var rows: [Vega] = []
        for kind in kinds {
            for group in grouping.groups {
                guard let histogram = runs.merged(kind, of: group.cells) else { continue }
                rows += LatencyCurve.points(of: histogram).map { point in
                    group.row([
                        "kind": Vega(kind), "rest": Vega(point.oneIn), "percent": Vega(100 * point.share),
                        "latency": Vega(point.milliseconds),
                    ])
                }
            }
        }
        guard !rows.isEmpty else { return nil }
        let title = "Latency by percentile"
        let labels = "format(round(1e7 * (100 - 100 / datum.value)) / 1e7, '~r') + '%'"
        let x: Vega = [
            "field": "rest", "type": "quantitative", "title": "share of operations answered within",
            "scale": ["type": "log", "nice": false],
            "axis": [
                "values": [1, 10, 100, 1000, 10_000, 100_000, 1_000_000], "labelExpr": Vega(labels),
                "labelOverlap": "greedy",
            ],
        ]
        let encoding: Vega = [
            "x": x,
            "y": [
                "field": "latency", "type": "quantitative", "title": "latency (ms)", "scale": PlotStyle.log,
                "axis": ["format": "~r"],
            ],
            "row": ["field": "kind", "type": "nominal", "title": nil, "sort": Vega(kinds)],
            "color": PlotStyle.color(grouping),
            "opacity": PlotStyle.opacity(1),
            "tooltip": [
                PlotStyle.field("cell", "cell", type: "nominal"), PlotStyle.field("kind", "operation", type: "nominal"),
                PlotStyle.field("percent", "percentile", format: ".7~r"),
                PlotStyle.field("latency", "latency (ms)", format: ".3~r"),
            ],
        ]
        let specification = PlotStyle.document(
            title, data: rows,
            [
                "params": PlotStyle.pick, "width": PlotStyle.panelWidth(grouping), "height": 200,
                "mark": ["type": "line", "strokeWidth": 1.8, "point": ["size": 8]],
                "encoding": encoding.with(PlotStyle.panels(grouping)),
            ])
        return Plot(
            name: "latency-cdf", title: title,
            caption: caption(
                "How long the slowest share of operations took. The histograms of a cell's runs are merged before "
                    + "percentiles are read off; percentiles are never averaged. A line ends at its slowest operation.",
                grouping.note),
            specification: specification)
    }

    /// Reads and writes where there are any, otherwise all kinds of operations, by name.
    private static func kinds(of runs: CellRuns) -> [String] {
        var found: Set<String> = []
        for run in runs.runs.joined() {
            found.formUnion(run.histograms.keys.sorted())
        }
        let usual = ["read", "write"].filter(found.contains)
        return usual.isEmpty ? found.sorted() : usual
    }

    static func caption(_ sentences: String?...) -> String { sentences.compactMap { $0 }.joined(separator: " ") }
}

/// Where a latency distribution is drawn.
enum LatencyCurve {
    struct Point: Hashable, Sendable {
        /// 1 of so many operations took longer: 1 / (1 - share).
        let oneIn: Double
        let share: Double
        let milliseconds: Double
    }

    /// Points between one halving of the rest and the next.
    static let steps = 4
    /// Shorter latencies than this, in milliseconds, are drawn as this: the axis is logarithmic.
    static let least = 0.001

    /// Percentiles that halve the rest again and again, until less than one operation is left; the maximum ends them.
    static func points(of histogram: LatencyHistogram) -> [Point] {
        let count = Double(histogram.count)
        var points: [Point] = []
        var octave = 1.0
        while octave < count {
            for step in 0..<steps {
                let oneIn = octave * (1 + Double(step) / Double(steps))
                let share = 1 - 1 / oneIn
                guard oneIn < count, let milliseconds = histogram.percentile(100 * share) else { break }
                points.append(Point(oneIn: oneIn, share: share, milliseconds: max(least, milliseconds)))
            }
            octave *= 2
        }
        let maximum = max(least, histogram.maximumMilliseconds ?? 0)
        points.append(Point(oneIn: max(1, count), share: 1 - 1 / max(1, count), milliseconds: maximum))
        return points
    }

    /// The 99th percentile of all operations of a run together, in milliseconds.
    static func tail(of run: RunRecord) -> Double? {
        var merged = LatencyHistogram()
        for kind in run.histograms.keys.sorted() {
            if let stored = run.histograms[kind] { merged.merge(stored.histogram) }
        }
        return merged.percentile(99)
    }
}
