extension Plots {
    /// What rate was achieved at which tail latency; saturated runs have a shape of their own.
    static func throughputLatency(_ runs: CellRuns, _ grouping: CellGrouping) -> Plot? {
        guard let rate = runs.design.metric(Names.throughput) else { return nil }
        var rows: [Vega] = []
        for group in grouping.groups {
            var points: [(rate: Double, tail: Double, isSaturated: Bool)] = []
            for run in group.cells.flatMap({ runs.runs[$0] }) {
                guard let rate = run.figure(rate.name), let tail = LatencyCurve.tail(of: run) else { continue }
                points.append((rate, max(LatencyCurve.least, tail), run.isSaturated))
                rows.append(row(points[points.count - 1], "run \(run.number)", "run", in: group))
            }
            guard let rate = CellSpread(points.map(\.rate)), let tail = CellSpread(points.map(\.tail)) else { continue }
            let isSaturated = 2 * points.filter(\.isSaturated).count > points.count
            rows.append(row((rate.median, tail.median, isSaturated), "\(points.count) runs", "median", in: group))
        }
        guard !rows.isEmpty else { return nil }
        let title = "Achieved rate and tail latency"
        let specification = PlotStyle.document(
            title, data: rows,
            [
                "params": PlotStyle.pick, "width": PlotStyle.panelWidth(grouping), "height": 300,
                "mark": ["type": "point", "filled": true, "stroke": "white", "strokeWidth": 0.6],
                "encoding": encoding(rate, grouping).with(PlotStyle.panels(grouping)),
            ])
        return Plot(
            name: "throughput-latency", title: title,
            caption: caption(
                "Small: one run each, at the 99th percentile of all its operations. Large: the medians of a cell's runs. "
                    + "A saturated run could not keep up with the rate that was asked of it; a median counts as "
                    + "saturated if most of its runs were.",
                grouping.note),
            specification: specification)
    }

    private static func row(
        _ point: (rate: Double, tail: Double, isSaturated: Bool), _ source: String, _ kind: String,
        in group: CellGrouping.Group
    ) -> Vega {
        group.row([
            "of": Vega(source), "point": Vega(kind), "rate": Vega(point.rate), "tail": Vega(point.tail),
            "load": point.isSaturated ? "saturated" : "kept up",
        ])
    }

    private static func encoding(_ rate: MetricDescription, _ grouping: CellGrouping) -> Vega {
        [
            "x": PlotStyle.field("rate", "achieved rate (\(rate.unit))").with(["scale": ["zero": false, "padding": 12]]
            ),
            "y": PlotStyle.field("tail", "99th percentile of latency (ms)").with([
                "scale": PlotStyle.log, "axis": ["format": "~r"],
            ]),
            "color": PlotStyle.color(grouping),
            "shape": [
                "field": "load", "type": "nominal", "title": "load",
                "scale": ["domain": ["kept up", "saturated"], "range": ["circle", "triangle-up"]],
            ],
            "size": [
                "field": "point", "type": "ordinal", "title": "point", "sort": ["run", "median"],
                "scale": ["domain": ["run", "median"], "range": [28, 170]],
            ],
            "opacity": PlotStyle.opacity(0.85),
            "tooltip": [
                PlotStyle.field("cell", "cell", type: "nominal"), PlotStyle.field("of", "of", type: "nominal"),
                PlotStyle.field("rate", rate.title, format: ".4~r"),
                PlotStyle.field("tail", "p99 (ms)", format: ".3~r"), PlotStyle.field("load", "load", type: "nominal"),
            ],
        ]
    }
}
