extension Plots {
    /// What anti-entropy sends against what there was to repair: cost that grows with the difference, or with the data.
    static func bytesAgainstDifference(_ runs: CellRuns) -> Plot? {
        let factor = syncFactor(runs.design)
        var rows: [Vega] = []
        var labels: [String] = []
        var zeros = 0
        for (cell, records) in runs.runs.enumerated() {
            let label = factor.map { runs.design.levelName(of: cell, in: $0) } ?? runs.label(of: cell)
            for run in records {
                guard let keys = run.figure(Names.keysDiffering), let bytes = run.figure(Names.syncBytes) else {
                    continue
                }
                guard keys > 0, bytes > 0 else {
                    zeros += 1
                    continue
                }
                if !labels.contains(label) { labels.append(label) }
                rows.append([
                    "group": Vega(label), "cell": Vega(runs.design.name(of: runs.design.cells[cell])),
                    "run": Vega(run.number), "keys": Vega(keys), "bytes": Vega(bytes),
                ])
            }
        }
        guard !rows.isEmpty else { return nil }
        let title = "Bytes of anti-entropy against difference"
        let encoding: Vega = [
            "x": PlotStyle.field("keys", "keys that differed when the faults ended").with([
                "scale": PlotStyle.log, "axis": ["format": "~r", "labelOverlap": "greedy"],
            ]),
            "y": PlotStyle.field("bytes", "sent by anti-entropy until all was equal (bytes)").with([
                "scale": PlotStyle.log, "axis": ["format": "~s", "labelOverlap": "greedy"],
            ]),
            "color": PlotStyle.color(labels: labels, title: factor.map { runs.design.factors[$0].name } ?? "cell"),
            "opacity": PlotStyle.opacity(0.75),
            "tooltip": [
                PlotStyle.field("cell", "cell", type: "nominal"), PlotStyle.field("run", "run"),
                PlotStyle.field("keys", "keys that differed", format: ",.0f"),
                PlotStyle.field("bytes", "bytes", format: ".4~s"),
            ],
        ]
        return Plot(
            name: "bytes-against-difference", title: title,
            caption: caption(
                "One point a run; both axes are logarithmic, so a cost in proportion to the difference is a line of "
                    + "slope 1 and one that does not depend on it is level.",
                zeros > 0 ? "\(zeros) runs with nothing to repair or nothing sent have no place here." : nil),
            specification: PlotStyle.document(
                title, data: rows,
                [
                    "params": PlotStyle.pick, "width": Vega(PlotStyle.width), "height": 320,
                    "mark": ["type": "point", "filled": true, "size": 45], "encoding": encoding,
                ]))
    }

    /// The factor that varies anti-entropy, or the first that varies at all.
    static func syncFactor(_ design: Design) -> Int? {
        let kinds = ["merkle", "full-scan"]
        let varied = design.variedFactors
        return varied.first { place in
            let factor = design.factors[place]
            return factor.name == "sync" || factor.name.hasPrefix("sync.")
                || factor.levels.contains(where: kinds.contains)
        } ?? varied.first
    }
}
