/// What the comparisons say, in words.
struct ReportSummary: Sendable {
    /// What one level of a factor changed against the first.
    struct Change: Sendable {
        let opening: Prose
        /// One for each metric with a credible difference, and one for all others.
        let findings: [Prose]
    }

    struct Factor: Sendable {
        let name: String
        let changes: [Change]
    }

    let factors: [Factor]
    /// Whether the tests themselves hold.
    let sameAgain: Prose
    let warnings: [Prose]

    /// O(comparisons x metrics).
    init(_ input: ReportInput) {
        factors = input.design.factors.indices.compactMap { Self.factor($0, input) }
        sameAgain = Self.sameAgain(input.comparisons)
        warnings = ReportWarnings.all(input)
    }

    private static func factor(_ place: Int, _ input: ReportInput) -> Factor? {
        let design = input.design
        let comparisons = input.comparisons.comparisons.filter { $0.factor == place }
        guard !comparisons.isEmpty else { return nil }
        var pairs: [(from: Int, to: Int)] = []
        for comparison in comparisons {
            let from = design.cells[comparison.baseline].levels[place]
            let to = design.cells[comparison.cell].levels[place]
            if !pairs.contains(where: { $0 == (from, to) }) { pairs.append((from, to)) }
        }
        let changes = pairs.map { from, to in
            let part = comparisons.filter {
                design.cells[$0.baseline].levels[place] == from && design.cells[$0.cell].levels[place] == to
            }
            let levels = design.factors[place].levels
            return Change(
                opening: "Against \(name: levels[from]), \(name: levels[to]):", findings: findings(part, design))
        }
        return Factor(name: design.factors[place].name, changes: changes)
    }

    private static func findings(_ comparisons: [Comparison], _ design: Design) -> [Prose] {
        var findings: [Prose] = []
        var equal: [Prose] = []
        var equalCount = 0
        for metric in design.metrics {
            let part = comparisons.filter { $0.metric == metric.name }
            let credible = part.filter(\.isCredible)
            if credible.isEmpty {
                if !part.isEmpty { equal.append("\(metric.title)") }
                equalCount += part.count
            } else {
                findings.append(finding(metric, credible, of: part.count, design))
            }
        }
        if !equal.isEmpty {
            findings.append(
                "No credible difference in \(Prose.list(equal)) (\(Figures.counted(equalCount, "comparison")))."
            )
        }
        return findings
    }

    /// - Parameter credible: not empty.
    private static func finding(
        _ metric: MetricDescription, _ credible: [Comparison], of count: Int, _ design: Design
    ) -> Prose {
        let largest = credible.sorted { size($0, metric) > size($1, metric) }[0]
        let phrase = ComparisonPhrase(largest, design)
        let medians =
            "median \(Figures.text(largest.baselineMedian, of: metric)) → \(Figures.text(largest.median, of: metric))"
        if count == 1 {
            let reading = phrase.reading.map { ": " + $0 } ?? ""
            return "\(metric.title): \(phrase.effect) \(phrase.interval), \(medians)\(reading)."
        }
        let phrases = credible.map { ComparisonPhrase($0, design) }
        let tallies = ["better", "worse"].compactMap { reading -> String? in
            let count = phrases.filter { $0.reading == reading }.count
            return count > 0 ? "\(reading) in \(count)" : nil
        }
        let tally = tallies.isEmpty ? "changed in \(credible.count)" : tallies.joined(separator: " and ")
        let place: Prose = phrase.context.isEmpty ? "" : " with \(name: phrase.context)"
        return """
            \(metric.title): \(tally) of \(count) settings of the other factors; most\(place): \(phrase.effect) \
            \(phrase.interval), \(medians).
            """
    }

    private static func size(_ comparison: Comparison, _ metric: MetricDescription) -> Double {
        metric.scale == .ratio ? max(comparison.effect, 1 / comparison.effect) : comparison.effect.magnitude
    }

    private static func sameAgain(_ report: ComparisonReport) -> Prose {
        guard !report.sameAgain.isEmpty else {
            return "No cell was compared with itself, so nothing shows that the tests hold their level here."
        }
        let expected = report.expectedFalsePositives
        if expected.upperBound == 0, report.falsePositives == 0 {
            return """
                Of \(report.sameAgain.count) comparisons of a cell with itself none could come out significant at 5%, as \
                there are too few pairs: nothing shows that the tests hold their level here.
                """
        }
        let verdict =
            expected.contains(report.falsePositives)
            ? "The tests hold their level."
            : report.falsePositives > expected.upperBound
                ? "That is more than chance makes: something besides the factors differs between runs, and credible "
                    + "differences may be none."
                : "That is fewer than chance makes: the tests are too strict, or the runs are not independent."
        return """
            \(report.falsePositives) of \(report.sameAgainTrials) comparisons of a cell with itself came out significant \
            at 5%; \(expected.lowerBound) to \(expected.upperBound) are expected with 99% probability. \(verdict)
            """
    }
}
