internal import Analysis
internal import Composition

/// What a finished bundle says: statistics, tables, plots and the report, written beside its runs.
struct Conclusion {
    let folder: String
    let manifest: Manifest
    let runs: [RunRecord]
    /// How somebody else makes the same, as a command.
    let reproduction: String

    /// - Returns: the statistics, and why there are no plots, or `nil`.
    func write(plots wantsPlots: Bool) throws(BenchError) -> (report: ComparisonReport, plotProblem: String?) {
        let comparisons = Comparer(manifest.design, runs).report()
        let input = ReportInput(
            design: manifest.design, runs: runs, comparisons: comparisons,
            configuration: manifest.matrix.text(pretty: true), provenance: manifest.provenance,
            reproduction: reproduction)
        try write(SummaryCSV.runs(input), to: "summary.csv")
        try write(SummaryCSV.comparisons(input), to: "comparisons.csv")
        let plots = Plots.all(input)
        let specifications = JSONValue.array(
            plots.map { plot in
                .object([JSONMember("name", .text(plot.name)), JSONMember("specification", plot.specification)])
            })
        try write(specifications.text(pretty: false), to: "plots.json")
        let rendering = wantsPlots ? PlotRendering(folder: folder).render(plots.map(\.name)) : .none
        let page = ReportHTML.page(input, plots: plots, bundle: rendering.script, svgs: rendering.pictures)
        try write(page, to: "report.html")
        return (comparisons, rendering.problem)
    }

    private func write(_ text: String, to name: String) throws(BenchError) {
        try TextFile.write(Array(text.utf8), to: "\(folder)/\(name)")
    }
}
