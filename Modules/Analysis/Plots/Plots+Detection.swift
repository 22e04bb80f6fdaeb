extension Plots {
    /// How fast failures are found against how often nodes are suspected wrongly: the two figures that a failure
    /// detector trades (Chen, Toueg and Aguilera, "On the quality of service of failure detectors", DSN 2000).
    static func detectionPareto(_ runs: CellRuns) -> Plot? {
        let varied = runs.design.variedFactors
        var medians: [(x: Double, y: Double)] = []
        var medianRows: [Vega] = []
        var runRows: [Vega] = []
        var labels: [String] = []
        for (cell, records) in runs.runs.enumerated() {
            let points = records.compactMap { run -> (x: Double, y: Double)? in
                guard let x = run.figure(Names.falseSuspicions), let y = run.figure(Names.detection) else { return nil }
                return (x, y)
            }
            guard let x = CellSpread(points.map(\.x)), let y = CellSpread(points.map(\.y)) else { continue }
            let label = varied.first.map { runs.design.levelName(of: cell, in: $0) } ?? runs.label(of: cell)
            if !labels.contains(label) { labels.append(label) }
            let name: Vega = [
                "group": Vega(label), "cell": Vega(runs.design.name(of: runs.design.cells[cell])),
                "label": Vega(
                    varied.dropFirst().map { runs.design.levelName(of: cell, in: $0) }.joined(separator: " · ")),
            ]
            medians.append((x.median, y.median))
            medianRows.append(name.with(["x": Vega(x.median), "y": Vega(y.median)]))
            runRows += points.map { name.with(["x": Vega($0.x), "y": Vega($0.y)]) }
        }
        guard !medians.isEmpty else { return nil }
        let frontier = ParetoFrontier.places(of: medians).map { medianRows[$0] }
        let title = "Detection time against false suspicions"
        let color = PlotStyle.color(
            labels: labels, title: varied.first.map { runs.design.factors[$0].name } ?? "cell")
        return Plot(
            name: "detection-pareto", title: title,
            caption:
                "Large: the medians of a cell's runs; small: its runs. The line is the Pareto frontier of the medians: "
                + "no cell is better than one on it in both figures.",
            specification: PlotStyle.document(
                title,
                [
                    "width": Vega(PlotStyle.width * 3 / 4), "height": 340,
                    "layer": layers(runs: runRows, medians: medianRows, frontier: frontier, color),
                ]))
    }

    private static func layers(runs: [Vega], medians: [Vega], frontier: [Vega], _ color: Vega) -> Vega {
        let place: Vega = [
            "x": PlotStyle.field("x", "false suspicions (per node and hour)"),
            "y": PlotStyle.field("y", "time to detect a failure (ms)").with(["scale": ["zero": false]]),
        ]
        let points = place.with([
            "color": color,
            "tooltip": [
                PlotStyle.field("cell", "cell", type: "nominal"),
                PlotStyle.field("x", "false suspicions", format: ".3~r"),
                PlotStyle.field("y", "detection (ms)", format: ".4~r"),
            ],
        ])
        return [
            [
                "data": ["values": Vega(frontier)], "encoding": place,
                "mark": [
                    "type": "line", "interpolate": "step-after", "color": Vega(PlotStyle.neutral), "strokeWidth": 1.5,
                ],
            ],
            [
                "data": ["values": Vega(runs)], "encoding": points.with(["opacity": PlotStyle.opacity(0.3)]),
                "mark": ["type": "point", "filled": true, "size": 22], "params": PlotStyle.pick,
            ],
            [
                "data": ["values": Vega(medians)], "encoding": points.with(["opacity": PlotStyle.opacity(1)]),
                "mark": ["type": "point", "filled": true, "size": 100, "stroke": "white", "strokeWidth": 0.6],
            ],
            labels(frontier.indices.filter { $0 % 2 == 0 }.map { frontier[$0] }, place, isAbove: true),
            labels(frontier.indices.filter { $0 % 2 == 1 }.map { frontier[$0] }, place, isAbove: false),
        ]
    }

    /// Names next to the frontier, in turn above and below it: neighbours are often close. Colour tells the first
    /// factor, they tell the others.
    private static func labels(_ rows: [Vega], _ place: Vega, isAbove: Bool) -> Vega {
        [
            "data": ["values": Vega(rows)],
            "encoding": place.with(["text": ["field": "label", "type": "nominal"]]),
            "mark": [
                "type": "text", "align": Vega(isAbove ? "left" : "right"), "dx": Vega(isAbove ? 8 : -8),
                "dy": Vega(isAbove ? -10 : 12), "fontSize": 10, "limit": 220,
            ],
        ]
    }
}
