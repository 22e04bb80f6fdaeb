/// The figures of a matrix for other programs, as RFC 4180 has it: CR LF, quotes where needed, numbers that read back
/// as they were.
package enum SummaryCSV {
    /// One row a run: run, cell, arm (`main` or `same-again-0`), repetition, seed, hash, the level of each factor,
    /// flags (with semicolons), then each metric of the design; empty where a run has none.
    ///
    /// A factor that is named as another column gets `factor:` before its name. O(runs x columns).
    package static func runs(_ input: ReportInput) -> String {
        let design = input.design
        let fixed = ["run", "cell", "arm", "repetition", "seed", "hash"]
        let taken = fixed + ["flags"] + design.metrics.map(\.name)
        let factors = design.factors.map { taken.contains($0.name) ? "factor:" + $0.name : $0.name }
        var text = line(fixed + factors + ["flags"] + design.metrics.map(\.name))
        for run in input.runs {
            let isKnown = design.cells.indices.contains(run.cell)
            var fields = [
                String(run.number), String(run.cell), name(of: run.arm), String(run.repetition), String(run.seed),
                run.hash ?? "",
            ]
            fields += design.factors.indices.map { isKnown ? design.levelName(of: run.cell, in: $0) : "" }
            fields.append(run.flags.joined(separator: ";"))
            fields += design.metrics.map { number(run.metrics[$0.name]) }
            text += line(fields)
        }
        return text
    }

    /// One row a comparison, those of cells with themselves last. O(comparisons).
    package static func comparisons(_ input: ReportInput) -> String {
        var text = line([
            "arm", "factor", "baselineLevel", "level", "baseline", "cell", "baselineName", "cellName", "metric",
            "scale",
            "pairs", "baselineMedian", "median", "effect", "intervalLow", "intervalHigh", "cliffsDelta", "pValue",
            "adjustedPValue", "credible", "indicative",
        ])
        for comparison in input.comparisons.comparisons { text += line(fields(comparison, "main", input.design)) }
        for comparison in input.comparisons.sameAgain { text += line(fields(comparison, "same-again", input.design)) }
        return text
    }

    private static func fields(_ comparison: Comparison, _ arm: String, _ design: Design) -> [String] {
        let levels = comparison.factor.map { factor in
            [comparison.baseline, comparison.cell].map { design.levelName(of: $0, in: factor) }
        }
        return [
            arm, comparison.factor.map { design.factors[$0].name } ?? "", levels?[0] ?? "", levels?[1] ?? "",
            String(comparison.baseline), String(comparison.cell), design.name(of: design.cells[comparison.baseline]),
            design.name(of: design.cells[comparison.cell]), comparison.metric,
            design.metric(comparison.metric)?.scale.rawValue ?? "", String(comparison.pairs),
            number(comparison.baselineMedian), number(comparison.median), number(comparison.effect),
            number(comparison.interval.lowerBound), number(comparison.interval.upperBound),
            number(comparison.cliffsDelta), number(comparison.pValue), number(comparison.adjustedPValue),
            String(comparison.isCredible), String(comparison.isIndicative),
        ]
    }

    static func name(of arm: RunRecord.Arm) -> String {
        switch arm {
        case .main: "main"
        case .sameAgain(let number): "same-again-\(number)"
        }
    }

    /// Swift's shortest form reads back as the same number.
    private static func number(_ figure: Double?) -> String {
        guard let figure, !figure.isNaN else { return "" }
        return figure.description
    }

    private static func line(_ fields: [String]) -> String {
        fields.map(field).joined(separator: ",") + "\r\n"
    }

    private static func field(_ text: String) -> String {
        let special = text.unicodeScalars.contains { $0 == "," || $0 == "\"" || $0 == "\r" || $0 == "\n" }
        guard special else { return text }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" { quoted += "\"" }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }
}
