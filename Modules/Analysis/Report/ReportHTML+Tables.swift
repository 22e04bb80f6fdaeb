extension ReportHTML {
    /// One table for each group of metrics: of each cell the median and the quartiles.
    static func metricTables(_ runs: CellRuns) -> String {
        var groups: [String] = []
        for metric in runs.design.metrics where !groups.contains(metric.group) { groups.append(metric.group) }
        let tables = groups.compactMap { group -> String? in
            let metrics = runs.design.metrics.filter { metric in
                metric.group == group && runs.runs.indices.contains { !runs.figures(metric.name, of: $0).isEmpty }
            }
            if metrics.isEmpty { return nil }
            return "<h3>\(HTMLText.escaped(group))</h3>\n" + metricTable(group, metrics, runs).html
        }
        if tables.isEmpty { return "" }
        return """
            <section id="tables">
            <h2>Tables</h2>
            <p class="hint">Median and quartiles over the runs of a cell. A click on a header sorts.</p>
            \(tables.joined(separator: "\n"))
            </section>
            """
    }

    private static func metricTable(_ group: String, _ metrics: [MetricDescription], _ runs: CellRuns) -> ReportTable {
        let design = runs.design
        let factors = design.factors.isEmpty ? ["cell"] : design.factors.map(\.name)
        let titles = metrics.map { ($0.title + (showsUnit($0) ? " (\($0.unit))" : ""), true) }
        var table = ReportTable(label: group, columns: factors.map { ($0, false) } + [("runs", true)] + titles)
        for cell in design.cells.indices {
            let names =
                design.factors.isEmpty
                ? [design.name(of: design.cells[cell])]
                : design.factors.indices.map { design.levelName(of: cell, in: $0) }
            let count = runs.runs[cell].count
            table.rows.append(
                names.map { .text($0) } + [.number(Double(count), String(count))]
                    + metrics.map { field($0, CellSpread(runs.figures($0.name, of: cell))) })
        }
        return table
    }

    /// Percentages and multiples of bytes carry their units themselves.
    private static func showsUnit(_ metric: MetricDescription) -> Bool { !["", "bytes"].contains(metric.unit) }

    private static func field(_ metric: MetricDescription, _ spread: CellSpread?) -> ReportTable.Field {
        guard let spread else { return .number(nil, "–") }
        func text(_ figure: Double) -> String {
            HTMLText.escaped(showsUnit(metric) ? Figures.plain(figure) : Figures.text(figure, of: metric))
        }
        let quartiles = "<small>\(text(spread.lower)) to \(text(spread.upper))</small>"
        return ReportTable.Field(html: "\(text(spread.median)) \(quartiles)", key: spread.median, isNumber: true)
    }

    static func comparisonTable(_ input: ReportInput) -> String {
        let design = input.design
        if input.comparisons.comparisons.isEmpty { return "" }
        var table = ReportTable(
            label: "Comparisons",
            columns: [
                ("metric", false), ("factor", false), ("levels", false), ("with", false), ("effect", true),
                ("verdict", false), ("median before", true), ("median after", true), ("p, corrected", true),
                ("p", true), ("Cliff's delta", true), ("pairs", true),
            ])
        table.rows = input.comparisons.comparisons.compactMap { row($0, design) }
        return """
            <section id="comparisons">
            <h2>Comparisons</h2>
            <p class="hint">Pairs of runs with the same seed in two cells that differ in one factor. Ratios: the geometric \
            mean; differences: the mean, of shares in percentage points (pp). Below an effect is its 95% bootstrap interval. p of the sign-flip test, corrected after Holm over all rows; credible at 0.05.</p>
            \(table.html)
            </section>
            """
    }

    private static func row(_ comparison: Comparison, _ design: Design) -> [ReportTable.Field]? {
        guard let factor = comparison.factor else { return nil }
        let metric = design.metric(comparison.metric)
        let phrase = ComparisonPhrase(comparison, design)
        let style = ComparisonPhrase.Style(metric, around: comparison.effect)
        let from = design.levelName(of: comparison.baseline, in: factor)
        let (low, high) = (style.text(comparison.interval.lowerBound), style.text(comparison.interval.upperBound))
        let effect = HTMLText.escaped(style.text(comparison.effect) + style.shortUnit)
        let verdict = comparison.isCredible ? phrase.reading ?? "changed" : "not credible"
        func median(_ figure: Double) -> ReportTable.Field {
            .number(figure, metric.map { Figures.text(figure, of: $0) } ?? Figures.plain(figure))
        }
        return [
            .text(metric?.title ?? comparison.metric), .text(design.factors[factor].name),
            .text("\(from) → \(design.levelName(of: comparison.cell, in: factor))"), .text(phrase.context),
            ReportTable.Field(
                html: "\(effect) <small>\(HTMLText.escaped("\(low) to \(high)"))</small>", key: comparison.effect,
                isNumber: true),
            .text(comparison.isIndicative ? verdict + ", indicative" : verdict),
            median(comparison.baselineMedian), median(comparison.median),
            .number(comparison.adjustedPValue, Figures.probability(comparison.adjustedPValue)),
            .number(comparison.pValue, Figures.probability(comparison.pValue)),
            .number(comparison.cliffsDelta, Figures.plain(comparison.cliffsDelta)),
            .number(Double(comparison.pairs), String(comparison.pairs)),
        ]
    }

    static func runTable(_ input: ReportInput) -> String {
        let design = input.design
        var table = ReportTable(
            label: "Runs",
            columns: [
                ("run", true), ("cell", false), ("arm", false), ("repetition", true), ("seed", true), ("hash", false),
                ("flags", false), ("failures", false),
            ])
        for run in input.runs {
            let cell = design.cells.indices.contains(run.cell) ? design.name(of: design.cells[run.cell]) : "\(run.cell)"
            let hash = ReportTable.Field(html: "<code>\(HTMLText.escaped(run.hash ?? ""))</code>")
            table.rows.append([
                .number(Double(run.number), String(run.number)), .text(cell), .text(SummaryCSV.name(of: run.arm)),
                .number(Double(run.repetition), String(run.repetition)), .number(Double(run.seed), String(run.seed)),
                hash, .text(run.flags.joined(separator: ", ")), .text(run.failures.joined(separator: " ")),
            ])
        }
        return """
            <section id="runs">
            <h2>Runs</h2>
            <details><summary>\(Figures.counted(input.runs.count, "run"))</summary>
            \(table.html)
            </details>
            </section>
            """
    }
}
