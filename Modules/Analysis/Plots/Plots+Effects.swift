extension Plots {
    /// All comparisons at a glance: effects with their intervals, ratios on one axis, each metric of differences on its
    /// own.
    static func effects(_ report: ComparisonReport, _ design: Design) -> Plot? {
        let places = EffectRanking.places(report.comparisons, design)
        guard !places.isEmpty else { return nil }
        var panels: [(metric: MetricDescription?, rows: [Vega])] = []
        for place in places {
            let comparison = report.comparisons[place]
            guard let metric = design.metric(comparison.metric) else { continue }
            let shared = metric.scale == .ratio ? nil : metric
            let row = row(comparison, metric, design)
            if let known = panels.firstIndex(where: { $0.metric == shared }) {
                panels[known].rows.append(row)
            } else {
                panels.append((shared, [row]))
            }
        }
        // Ratios first.
        panels = panels.filter { $0.metric == nil } + panels.filter { $0.metric != nil }
        let title = "Effects"
        let views = panels.enumerated().map { view($1.metric, $1.rows, number: $0) }
        let omitted = report.comparisons.count - places.count
        let names = views.indices.map { "effects\($0)" }
        return Plot(
            name: "effects", title: title,
            caption: caption(
                "Each row compares two cells that differ in one factor: the effect with its 95% bootstrap interval. Filled: "
                    + "credible after Holm's correction; hollow: chance would often make as much.",
                omitted > 0
                    ? "\(omitted) of \(report.comparisons.count) comparisons are left out here: those in which nothing "
                        + "differed, then what is not credible, then small effects; the table has all of them."
                    : nil),
            specification: PlotStyle.document(
                title,
                [
                    "params": [
                        [
                            "name": "pick", "select": ["type": "point", "fields": ["group"]], "bind": "legend",
                            "views": Vega(names),
                        ]
                    ],
                    "vconcat": Vega(views), "resolve": ["scale": ["color": "shared"]],
                ]))
    }

    private static func row(_ comparison: Comparison, _ metric: MetricDescription, _ design: Design) -> Vega {
        let phrase = ComparisonPhrase(comparison, design)
        let label = metric.scale == .ratio ? metric.title + ": " + phrase.change : phrase.change
        let factor = metric.scale == .difference && metric.unit.isEmpty ? 100.0 : 1
        let reading =
            phrase.reading.map { comparison.isCredible ? $0 : "not credible" }
            ?? (comparison.isCredible ? "neither good nor bad" : "not credible")
        return [
            "label": Vega(phrase.context.isEmpty ? label : label + " (" + phrase.context + ")"),
            "effect": Vega(factor * comparison.effect), "low": Vega(factor * comparison.interval.lowerBound),
            "high": Vega(factor * comparison.interval.upperBound), "group": Vega(reading),
            "credible": Vega(comparison.isCredible), "pairs": Vega(comparison.pairs),
            "p": Vega(comparison.adjustedPValue), "text": Vega(phrase.effect + " " + phrase.interval),
            "from": Vega(Figures.text(comparison.baselineMedian, of: metric)),
            "to": Vega(Figures.text(comparison.median, of: metric)),
        ]
    }

    private static func view(_ metric: MetricDescription?, _ rows: [Vega], number: Int) -> Vega {
        let isRatio = metric == nil
        let unit = metric.map { $0.unit.isEmpty ? "percentage points" : $0.unit } ?? ""
        let title = metric.map { "difference in \($0.title) (\(unit))" } ?? "ratio to what is compared with"
        let scale: Vega = isRatio ? ["type": "log", "nice": false] : ["zero": true]
        let axis: Vega = ["format": "~r", "tickCount": 6, "labelOverlap": true]
        // The same in all panels, so that they line up.
        let y: Vega = [
            "field": "label", "type": "nominal", "sort": nil, "title": nil,
            "axis": ["labelLimit": 520, "minExtent": 400, "grid": true],
        ]
        let tooltip: Vega = [
            PlotStyle.field("label", "compared", type: "nominal"), PlotStyle.field("text", "effect", type: "nominal"),
            PlotStyle.field("from", "median before", type: "nominal"),
            PlotStyle.field("to", "median after", type: "nominal"),
            PlotStyle.field("p", "p, corrected", format: ".3~g"), PlotStyle.field("pairs", "pairs"),
        ]
        let scheme: Vega = [
            "domain": ["better", "worse", "neither good nor bad", "not credible"],
            "range": [Vega(PlotStyle.better), Vega(PlotStyle.worse), "#CC79A7", Vega(PlotStyle.neutral)],
        ]
        let color: Vega = ["field": "group", "type": "nominal", "title": "the change is", "scale": scheme]
        let shared: Vega = ["y": y, "color": color, "opacity": PlotStyle.opacity(1), "tooltip": tooltip]
        let x = PlotStyle.field("low", title).with(["scale": scale, "axis": axis])
        return [
            "data": ["values": Vega(rows)], "width": Vega(PlotStyle.width / 2), "height": ["step": 18],
            "layer": [
                rule(x: isRatio ? 1 : 0),
                [
                    "name": Vega("effects\(number)"), "mark": ["type": "rule", "strokeWidth": 1.6],
                    "encoding": shared.with(["x": x, "x2": ["field": "high"]]),
                ],
                points(shared, title, isCredible: true), points(shared, title, isCredible: false),
            ],
        ]
    }

    private static func points(_ shared: Vega, _ title: String, isCredible: Bool) -> Vega {
        [
            "transform": [["filter": Vega(isCredible ? "datum.credible" : "!datum.credible")]],
            "mark": ["type": "point", "size": 55, "strokeWidth": 1.6, "filled": Vega(isCredible)],
            "encoding": shared.with(["x": PlotStyle.field("effect", title)]),
        ]
    }
}
