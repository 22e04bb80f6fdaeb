extension Plots {
    private static let bins = 20

    /// The p-values of cells compared with themselves; a test that holds its level spreads them evenly.
    static func sameAgain(_ report: ComparisonReport) -> Plot? {
        // Where not one pair differs there is nothing to test.
        let tested = report.sameAgain.filter { $0.interval.lowerBound < $0.interval.upperBound || $0.pValue < 1 }
        let values = tested.map(\.pValue).filter { (0...1).contains($0) }
        guard !values.isEmpty else { return nil }
        let counts = counts(of: values)
        let width = 1 / Double(bins)
        let rows: [Vega] = counts.enumerated().map { place, count in
            [
                "from": Vega(Double(place) * width), "to": Vega(Double(place + 1) * width), "count": Vega(count),
                "group": place == 0 ? "significant at 5%" : "not significant",
            ]
        }
        let title = "Cells compared with themselves"
        let bars: Vega = [
            "mark": ["type": "rect", "stroke": "white", "strokeWidth": 1],
            "params": PlotStyle.pick,
            "encoding": [
                "x": PlotStyle.field("from", "p-value").with(["scale": ["domain": [0, 1]]]), "x2": ["field": "to"],
                "y": PlotStyle.field("count", "comparisons"), "y2": ["datum": 0],
                "color": [
                    "field": "group", "type": "nominal", "title": nil,
                    "scale": [
                        "domain": ["significant at 5%", "not significant"],
                        "range": [Vega(PlotStyle.worse), Vega(PlotStyle.better)],
                    ],
                ],
                "opacity": PlotStyle.opacity(0.9),
                "tooltip": [
                    PlotStyle.field("from", "p above", format: ".2f"), PlotStyle.field("to", "up to", format: ".2f"),
                    PlotStyle.field("count", "comparisons"),
                ],
            ],
        ]
        let even: Vega = [
            "mark": ["type": "rule", "strokeDash": [4, 3], "color": Vega(PlotStyle.neutral)],
            "encoding": ["y": ["datum": Vega(Double(values.count) * width)]],
        ]
        return Plot(
            name: "same-again", title: title,
            caption:
                "The p-values of \(values.count) comparisons in which nothing differs but the seeds. They should be spread "
                + "evenly (horizontal line), 5% of them below 0.05 (vertical line); few pairs make "
                + "them coarse, and fewer than six that differ can give none below 0.05.",
            specification: PlotStyle.document(
                title, data: rows,
                ["width": Vega(PlotStyle.width * 3 / 4), "height": 200, "layer": [bars, even, rule(x: 0.05)]]))
    }

    /// How many values are in (0, 0.05], (0.05, 0.1], ...: a p-value of exactly 0.05 is significant.
    static func counts(of values: [Double]) -> [Int] {
        var counts = [Int](repeating: 0, count: bins)
        for value in values {
            let place = Int((value * Double(bins)).rounded(.up)) - 1
            counts[min(max(0, place), bins - 1)] += 1
        }
        return counts
    }
}
