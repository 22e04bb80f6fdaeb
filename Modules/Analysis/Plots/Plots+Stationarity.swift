extension Plots {
    private static let maximumPanels = 24
    private static let maximumRuns = 10
    private static let maximumSlices = 80

    /// The rate of each run second by second: a warm-up that was too short and stalls are seen here.
    static func stationarity(_ runs: CellRuns, _ grouping: CellGrouping) -> Plot? {
        let cells = runs.runs.indices.filter { !runs.runs[$0].isEmpty }
        let areCells = cells.count <= maximumPanels
        let panels: [(label: String, cells: [Int])] =
            areCells
            ? cells.map { (runs.label(of: $0), [$0]) }
            : grouping.groups.map { ([$0.panel, $0.label].compactMap { $0 }.joined(separator: " · "), $0.cells) }
        var rows: [Vega] = []
        var isCut = false
        for panel in panels {
            let all = panel.cells.flatMap { runs.runs[$0] }.filter { $0.series("throughput") != nil }
            isCut = isCut || all.count > maximumRuns
            // What is not stationary is drawn last, over the others.
            let drawn = Array(all.prefix(maximumRuns))
            for run in drawn.filter({ !isMoving($0) }) + drawn.filter(isMoving) {
                let points = run.series("throughput")?.points.filter { $0.x.isFinite && $0.y.isFinite } ?? []
                let state = isMoving(run) ? "not stationary" : "stationary"
                rows += PooledSeries.thinned(points, to: maximumSlices).map { point in
                    [
                        "panel": Vega(panel.label), "run": Vega(run.number), "group": Vega(state), "x": Vega(point.x),
                        "y": Vega(point.y),
                    ]
                }
            }
        }
        guard !rows.isEmpty else { return nil }
        let title = "Rate over time"
        return Plot(
            name: "stationarity", title: title,
            caption: caption(
                "Each line is a run. A level line is what the comparisons take for granted.",
                isCut ? "Of each panel's runs the first \(maximumRuns) are drawn." : nil,
                areCells ? nil : grouping.note),
            specification: PlotStyle.document(title, data: rows, view(panels.map(\.label))))
    }

    private static func isMoving(_ run: RunRecord) -> Bool { run.flags.contains("not-stationary") }

    private static func view(_ panels: [String]) -> Vega {
        let columns = min(4, panels.count)
        return [
            "params": PlotStyle.pick, "width": Vega(PlotStyle.width / max(2, columns) - 10), "height": 90,
            "columns": Vega(columns), "mark": ["type": "line", "strokeWidth": 0.8],
            "encoding": [
                "facet": [
                    "field": "panel", "type": "nominal", "title": nil, "sort": Vega(panels),
                    "columns": Vega(columns), "header": ["labelFontSize": 10, "labelLimit": 200], "spacing": 14,
                ],
                "x": PlotStyle.field("x", "measured for (s)"),
                "y": PlotStyle.field("y", "operations/s"),
                "detail": ["field": "run", "type": "nominal"],
                "color": [
                    "field": "group", "type": "nominal", "title": "run is",
                    "scale": [
                        "domain": ["stationary", "not stationary"],
                        "range": [Vega(PlotStyle.better), Vega(PlotStyle.worse)],
                    ],
                ],
                "opacity": PlotStyle.opacity(0.7),
                "tooltip": [
                    PlotStyle.field("panel", "cell", type: "nominal"), PlotStyle.field("run", "run"),
                    PlotStyle.field("x", "at (s)"), PlotStyle.field("y", "operations/s", format: ".4~r"),
                ],
            ],
        ]
    }
}
