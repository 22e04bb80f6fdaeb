internal import Composition

/// The report of a matrix as one page that needs nothing from elsewhere.
///
/// A policy in its head forbids the page to load anything. Every text from outside is escaped; scripts hold data only
/// as JSON without `<`. Without scripts, or without the renderer's bundle, it shows the plots as pictures, and without
/// those it says how to get them; tables can then not be sorted, but all of them are there.
package enum ReportHTML {
    /// - Parameters:
    ///   - plots: in the order of the page; usually ``Plots/all(_:)``.
    ///   - bundle: the text of `vega-bundle.js`, which defines `vegaEmbed`; `nil` where the renderer did not run.
    ///   - svgs: pictures by the plots' names.
    /// - Complexity: O(size of the page).
    package static func page(
        _ input: ReportInput, plots: [Plot], bundle: String?, svgs: [String: String]
    ) -> String {
        let title = HTMLText.escaped(input.design.name)
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta http-equiv="Content-Security-Policy" content="\(policy)">
            <title>\(title)</title>
            <style>
            \(style)
            </style>
            </head>
            <body>
            \(header(input, hasPlots: !plots.isEmpty))
            <main>
            \(body(input, plots, isLive: bundle != nil, svgs))
            </main>
            <script type="application/json" id="plots">\(plotData(plots))</script>
            \(bundle.map { "<script>\(HTMLText.script($0))</script>\n" } ?? "")<script>
            \(script)
            </script>
            </body>
            </html>

            """
    }

    /// Nothing may be loaded; the renderer compiles expressions, which needs `unsafe-eval`.
    private static let policy =
        "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:"

    private static func plotData(_ plots: [Plot]) -> String {
        let values = plots.map { plot in
            JSONValue.object([
                JSONMember("name", .text(plot.name)), JSONMember("specification", plot.specification),
            ])
        }
        return HTMLText.scriptData(JSONValue.array(values).text(pretty: false))
    }

    private static func header(_ input: ReportInput, hasPlots: Bool) -> String {
        let design = input.design
        let facts = [
            design.environment, Figures.counted(design.cells.count, "cell"),
            Figures.counted(design.repetitions, "repetition"), Figures.counted(input.runs.count, "run"),
            Figures.counted(input.comparisons.comparisons.count, "comparison"),
        ]
        let links =
            [("summary", "Summary")] + (hasPlots ? [("plots-section", "Plots")] : [])
            + [("tables", "Tables"), ("comparisons", "Comparisons"), ("runs", "Runs"), ("provenance", "Provenance")]
        return """
            <header>
            <h1>\(HTMLText.escaped(design.name))</h1>
            <p class="question">\(HTMLText.escaped(design.question))</p>
            <p class="facts">\(HTMLText.escaped(facts.joined(separator: " · ")))</p>
            <nav aria-label="Sections">\(links.map { "<a href=\"#\($0.0)\">\($0.1)</a>" }.joined(separator: " "))</nav>
            </header>
            """
    }

    private static func body(
        _ input: ReportInput, _ plots: [Plot], isLive: Bool, _ svgs: [String: String]
    ) -> String {
        let runs = CellRuns(input)
        return [
            summary(ReportSummary(input)),
            figures(plots, isLive: isLive, svgs),
            metricTables(runs),
            comparisonTable(input),
            runTable(input),
            pruned(input.design),
            provenance(input),
        ].filter { !$0.isEmpty }.joined(separator: "\n")
    }
}
