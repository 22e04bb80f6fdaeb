extension ReportHTML {
    static func summary(_ summary: ReportSummary) -> String {
        var html = "<section id=\"summary\">\n<h2>Summary</h2>\n"
        if summary.factors.isEmpty { html += "<p>Nothing was compared.</p>\n" }
        for factor in summary.factors {
            html += "<h3>\(HTMLText.escaped(factor.name))</h3>\n"
            for change in factor.changes {
                html += "<p>\(change.opening.html)</p>\n\(list(change.findings))\n"
            }
        }
        html += "<h3>Do the tests hold?</h3>\n<p>\(summary.sameAgain.html)</p>\n"
        if !summary.warnings.isEmpty {
            html += "<aside class=\"warnings\">\n<h3>Before believing this</h3>\n\(list(summary.warnings))\n</aside>\n"
        }
        return html + "</section>"
    }

    private static func list(_ items: [Prose]) -> String {
        "<ul>\n" + items.map { "<li>\($0.html)</li>\n" }.joined() + "</ul>"
    }

    static func figures(_ plots: [Plot], isLive: Bool, _ svgs: [String: String]) -> String {
        if plots.isEmpty { return "" }
        let figures = plots.map { figure($0, isLive: isLive, svg: svgs[$0.name]) }
        return """
            <section id="plots-section">
            <h2>Plots</h2>
            \(isLive ? "<p class=\"hint\">Point at a mark for its figures; click an entry of a legend to highlight it.</p>" : "")
            \(figures.joined(separator: "\n"))
            </section>
            """
    }

    private static func figure(_ plot: Plot, isLive: Bool, svg: String?) -> String {
        let name = HTMLText.escaped(plot.name)
        let title = HTMLText.escaped(plot.title)
        var content = ""
        if let svg {
            content = "<img class=\"picture\" alt=\"\(title)\" src=\"\(HTMLText.imageAddress(svg: svg))\">"
        } else if isLive {
            content = "<p class=\"picture hint\">This plot needs scripts.</p>"
        } else {
            content = """
                <p class="picture hint">No picture was made: plots need Python and the package \
                <code>\(PlotScript.package)==\(PlotScript.version)</code>. Install it and make the report again.</p>
                """
        }
        return """
            <figure id="plot-\(name)">
            <h3 class="unseen">\(title)</h3>
            <div class="wide">\(content)<div class="live"></div></div>
            <figcaption>\(HTMLText.escaped(plot.caption))</figcaption>
            </figure>
            """
    }

    static func pruned(_ design: Design) -> String {
        if design.pruned.isEmpty { return "" }
        let items = design.pruned.map { pruned in
            let name = design.name(of: Design.Cell(levels: pruned.levels))
            return Prose("\(name: name): \(pruned.reason)")
        }
        return """
            <section id="pruned">
            <h2>Combinations that were not run</h2>
            <details><summary>\(Figures.counted(design.pruned.count, "combination")) against the rules of \
            configurations</summary>
            \(list(items))
            </details>
            </section>
            """
    }

    static func provenance(_ input: ReportInput) -> String {
        let rows = input.provenance.map { row in
            "<tr><th scope=\"row\">\(HTMLText.escaped(row.name))</th><td>\(HTMLText.escaped(row.value))</td></tr>\n"
        }
        return """
            <section id="provenance">
            <h2>Provenance</h2>
            <div class="wide"><table class="facts">
            <tbody>
            \(rows.joined())</tbody>
            </table></div>
            <h3>How to reproduce</h3>
            <pre><code>\(HTMLText.escaped(input.reproduction))</code></pre>
            <details><summary>Configuration</summary>
            <pre><code>\(HTMLText.escaped(input.configuration))</code></pre>
            </details>
            </section>
            """
    }
}
