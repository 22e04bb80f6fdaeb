internal import Composition

extension Plots {
    /// Points of a line at most; more cannot be seen.
    private static let maximumPoints = 240

    /// The share of reads that reflect the latest acknowledged write, by the time since its acknowledgement: the
    /// t-visibility of Bailis et al., "Probabilistically bounded staleness", PVLDB 5(8), 2012.
    static func freshness(_ runs: CellRuns, _ grouping: CellGrouping) -> Plot? {
        var rows: [Vega] = []
        let pooled = grouping.groups.map { group in
            PooledSeries.weighted("freshness", of: group.cells.flatMap { runs.runs[$0] })
        }
        // The logarithm has no place for 0: what is there is drawn at half the next.
        let least = (pooled.joined().map(\.x).filter { $0 > 0 }.min() ?? 2) / 2
        for (group, points) in zip(grouping.groups, pooled) {
            rows += points.map { point in
                group.row(["x": Vega(max(least, point.x)), "y": Vega(point.y), "reads": Vega(point.weight)])
            }
        }
        guard !rows.isEmpty else { return nil }
        let title = "Fresh reads"
        let encoding: Vega = [
            "x": PlotStyle.field("x", "time since the latest acknowledged write (ms)").with([
                "scale": PlotStyle.log, "axis": ["format": "~r", "labelOverlap": "greedy"],
            ]),
            "y": PlotStyle.field("y", "share of reads that reflect it").with([
                "scale": ["zero": false], "axis": ["format": "~%"],
            ]),
            "tooltip": [
                PlotStyle.field("cell", "cell", type: "nominal"), PlotStyle.field("x", "since (ms)", format: ".4~r"),
                PlotStyle.field("y", "fresh", format: ".2%"), PlotStyle.field("reads", "reads", format: ",.0f"),
            ],
        ]
        return Plot(
            name: "freshness", title: title,
            caption: caption(
                "The share of reads that reflect the latest write acknowledged before they began, by how long ago that "
                    + "was. The reads of a cell's runs are counted together.", grouping.note),
            specification: lines(title, rows, encoding, grouping, ["point": ["size": 22]]))
    }

    /// How replicas come together after the faults.
    static func convergence(_ runs: CellRuns, _ grouping: CellGrouping) -> Plot? {
        var rows: [Vega] = []
        for group in grouping.groups {
            let points = PooledSeries.steps("divergence", of: group.cells.flatMap { runs.runs[$0] })
            rows += PooledSeries.thinned(points, to: maximumPoints).map { point in
                group.row(["x": Vega(point.x), "y": Vega(point.y)])
            }
        }
        guard !rows.isEmpty else { return nil }
        let title = "Convergence after the faults"
        let encoding: Vega = [
            "x": PlotStyle.field("x", "time since the faults ended (s)"),
            "y": PlotStyle.field("y", "keys on which owners differ"),
            "tooltip": [
                PlotStyle.field("cell", "cell", type: "nominal"), PlotStyle.field("x", "since (s)", format: ".4~r"),
                PlotStyle.field("y", "keys", format: ",.1f"),
            ],
        ]
        return Plot(
            name: "convergence", title: title,
            caption: caption("The mean over a cell's runs of how many keys differ among their owners.", grouping.note),
            specification: lines(title, rows, encoding, grouping, ["interpolate": "step-after"]))
    }

    private static func lines(
        _ title: String, _ rows: [Vega], _ encoding: Vega, _ grouping: CellGrouping, _ mark: Vega
    ) -> JSONValue {
        let common: Vega = ["color": PlotStyle.color(grouping), "opacity": PlotStyle.opacity(1)]
        let line: Vega = ["type": "line", "strokeWidth": 1.8]
        return PlotStyle.document(
            title, data: rows,
            [
                "params": PlotStyle.pick, "width": PlotStyle.panelWidth(grouping), "height": 260,
                "mark": line.with(mark),
                "encoding": encoding.with(common).with(PlotStyle.panels(grouping)),
            ])
    }
}
