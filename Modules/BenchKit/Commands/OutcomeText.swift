internal import Analysis

/// A matrix' outcome in a few lines, for the terminal; the report says it all.
enum OutcomeText {
    private static let shown = 12

    static func text(
        _ manifest: Manifest, _ runs: [RunRecord], _ report: ComparisonReport, folder: String
    ) -> String {
        let design = manifest.design
        let failed = runs.count { !$0.failures.isEmpty }
        var lines = [
            "\(design.name): \(runs.count) runs of \(design.cells.count) cells"
                + (design.pruned.isEmpty ? "" : ", \(design.pruned.count) combinations left out")
                + (failed > 0 ? ", \(failed) RUNS FAILED" : "")
        ]
        let credible = report.comparisons.filter(\.isCredible)
        lines.append(
            "\(report.comparisons.count) comparisons, \(credible.count) credible differences; against themselves "
                + "\(report.falsePositives) of \(report.sameAgainTrials) came out significant, "
                + "\(report.expectedFalsePositives.lowerBound) to \(report.expectedFalsePositives.upperBound) are expected"
        )
        let strongest = credible.sorted { abs($0.strength(design)) > abs($1.strength(design)) }
        lines += strongest.prefix(shown).map { "  " + line($0, design) }
        if strongest.count > shown { lines.append("  and \(strongest.count - shown) more") }
        for run in runs.filter({ !$0.failures.isEmpty }).prefix(5) {
            lines.append("  run \(run.number), \(design.name(of: design.cells[run.cell])): \(run.failures[0])")
        }
        lines.append("report: \(folder)/report.html")
        return lines.joined(separator: "\n") + "\n"
    }

    private static func line(_ comparison: Comparison, _ design: Design) -> String {
        let metric = design.metric(comparison.metric)
        let isRatio = metric?.scale == .ratio
        let interval = "\(figure(comparison.interval.lowerBound)) to \(figure(comparison.interval.upperBound))"
        let effect =
            isRatio
            ? "x\(figure(comparison.effect))" : "\(comparison.effect >= 0 ? "+" : "")\(figure(comparison.effect))"
        return "\(metric?.title ?? comparison.metric): \(effect) (\(interval)) with "
            + "\(design.name(of: design.cells[comparison.cell])) "
            + "against \(design.name(of: design.cells[comparison.baseline]))"
    }

    /// Three significant digits.
    static func figure(_ value: Double) -> String {
        guard value.isFinite else { return "-" }
        let magnitude = value.magnitude
        let scale: Double =
            magnitude >= 100 ? 1 : magnitude >= 10 ? 10 : magnitude >= 1 ? 100 : magnitude >= 0.1 ? 1000 : 100_000
        let rounded = (value * scale).rounded() / scale
        if scale == 1, rounded.magnitude < 1e15 { return "\(Int(rounded))" }
        return "\(rounded)"
    }
}

extension Comparison {
    /// How far an effect is from none, on a scale on which both directions count alike.
    func strength(_ design: Design) -> Double {
        guard design.metric(metric)?.scale == .ratio else { return effect }
        return effect > 1 ? effect - 1 : 1 / max(effect, 1e-9) - 1
    }
}
