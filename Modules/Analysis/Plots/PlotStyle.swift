internal import Composition

/// What all plots share: the frame of a document, colours, and the legend that highlights.
enum PlotStyle {
    /// After Okabe and Ito, "Color Universal Design", 2008, without yellow and with grey for black: these seven can be
    /// told apart with any colour vision, and on light and dark ground.
    static let palette = ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#7F7F7F"]
    static let better = "#0072B2"
    static let worse = "#D55E00"
    static let neutral = "#7F7F7F"
    /// Of a plot without panels, and of all panels of a row together, in pixels.
    static let width = 800

    /// A whole specification.
    static func document(_ title: String, data: [Vega], _ rest: Vega) -> JSONValue {
        document(title, rest: ["data": ["values": Vega(data)]]).with(rest).json
    }

    /// One whose views bring their own data.
    static func document(_ title: String, _ rest: Vega) -> JSONValue { document(title, rest: [:]).with(rest).json }

    private static func document(_ title: String, rest: Vega) -> Vega {
        let frame: Vega = [
            "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
            "title": ["text": Vega(title), "anchor": "start", "fontSize": 15, "offset": 12],
            "background": "white",
            "padding": 8,
            "config": [
                "font": "sans-serif",
                "axis": [
                    "labelFontSize": 11, "titleFontSize": 12, "titleFontWeight": "normal", "gridOpacity": 0.4,
                    "labelLimit": 420, "titleLimit": 500,
                ],
                "legend": [
                    "labelFontSize": 11, "titleFontSize": 12, "titleFontWeight": "normal", "labelLimit": 320,
                    "symbolOpacity": 1, "symbolStrokeWidth": 2,
                ],
                "header": ["labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelLimit": 320],
                "view": ["stroke": "#8884"],
            ],
        ]
        return frame.with(rest)
    }

    /// Lets a click on a legend's entry highlight its group.
    static let pick: Vega = [
        ["name": "pick", "select": ["type": "point", "fields": ["group"]], "bind": "legend"]
    ]

    /// What is not picked fades.
    static func opacity(_ value: Double) -> Vega {
        ["condition": ["param": "pick", "value": Vega(value)], "value": 0.06]
    }

    static func color(_ grouping: CellGrouping) -> Vega {
        color(labels: grouping.labels, title: grouping.labelTitle)
    }

    static func color(labels: [String], title: String) -> Vega {
        let range = labels.indices.map { palette[$0 % palette.count] }
        return [
            "field": "group", "type": "nominal", "title": Vega(title),
            "scale": ["domain": Vega(labels), "range": Vega(range)],
        ]
    }

    /// The encoding of panels side by side; nothing where there is one panel.
    static func panels(_ grouping: CellGrouping) -> Vega {
        if grouping.panels.isEmpty { return [:] }
        return ["column": ["field": "panel", "type": "nominal", "title": nil, "sort": Vega(grouping.panels)]]
    }

    /// A logarithmic scale that ends where the data end.
    static let log: Vega = ["type": "log", "nice": false, "padding": 12]

    /// The width of a panel.
    static func panelWidth(_ grouping: CellGrouping) -> Vega {
        Vega(max(200, width / max(1, grouping.panels.count)))
    }

    static func field(_ name: String, _ title: String, format: String? = nil, type: String = "quantitative") -> Vega {
        let field: Vega = ["field": Vega(name), "type": Vega(type), "title": Vega(title)]
        return format.map { field.with(["format": Vega($0)]) } ?? field
    }
}
