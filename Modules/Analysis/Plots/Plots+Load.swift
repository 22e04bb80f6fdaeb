extension Plots {
    /// Strips of more cells than this are too many; groups are drawn then.
    private static let maximumStrips = 40
    /// Marks of one strip at most.
    private static let maximumNodes = 400

    /// How evenly nodes are loaded: one mark a node, at its share over the even share.
    static func load(_ runs: CellRuns, _ grouping: CellGrouping) -> Plot? {
        let cells = runs.runs.indices.filter { !runs.runs[$0].isEmpty }
        let areCells = cells.count <= maximumStrips
        let strips: [(label: String, cells: [Int])] =
            areCells
            ? cells.map { (runs.label(of: $0), [$0]) }
            : grouping.groups.map { ([$0.panel, $0.label].compactMap { $0 }.joined(separator: " · "), $0.cells) }
        var rows: [Vega] = []
        var isThinned = false
        for strip in strips {
            var points = PooledSeries.relative("load", of: strip.cells.flatMap { runs.runs[$0] })
            points.sort { ($0.y, $0.x) < ($1.y, $1.x) }
            let stride = max(1, points.count / maximumNodes)
            isThinned = isThinned || stride > 1
            // The least and the most loaded stay.
            for (place, point) in points.enumerated() where place % stride == 0 || place == points.count - 1 {
                rows.append(["strip": Vega(strip.label), "node": Vega(point.x), "share": Vega(point.y)])
            }
        }
        guard !rows.isEmpty else { return nil }
        let title = "Load of each node"
        let strip: Vega = [
            "field": "strip", "type": "nominal", "sort": nil,
            "title": areCells ? Vega(rowTitle(runs.design)) : nil,
        ]
        let marks: Vega = [
            "mark": ["type": "tick", "thickness": 2, "size": 14, "color": Vega(PlotStyle.better), "opacity": 0.75],
            "encoding": [
                "y": strip,
                "x": PlotStyle.field("share", "load over the even share").with(["scale": ["zero": false]]),
                "tooltip": [
                    PlotStyle.field("strip", "cell", type: "nominal"), PlotStyle.field("node", "node"),
                    PlotStyle.field("share", "load over the even share", format: ".3f"),
                ],
            ],
        ]
        return Plot(
            name: "load", title: title,
            caption: caption(
                "One mark a node: the operations that it carried out over those of an even share, the mean over the "
                    + "runs. At 1 a node carries its part.",
                areCells ? nil : grouping.note, isThinned ? "Of many nodes only some are drawn." : nil),
            specification: PlotStyle.document(
                title, data: rows,
                [
                    "width": Vega(PlotStyle.width * 3 / 4), "height": ["step": 22],
                    "layer": [rule(x: 1), marks],
                ]))
    }

    /// A dashed line across a plot.
    static func rule(x: Double) -> Vega {
        [
            "mark": ["type": "rule", "strokeDash": [4, 3], "color": Vega(PlotStyle.neutral)],
            "encoding": ["x": ["datum": Vega(x)]],
        ]
    }

    private static func rowTitle(_ design: Design) -> String {
        let varied = design.variedFactors.map { design.factors[$0].name }
        return varied.isEmpty ? "cell" : varied.joined(separator: " · ")
    }
}
