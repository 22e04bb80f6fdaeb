internal import Analysis
internal import Composition

/// What a comparison of two folders found, for people and for programs.
enum CompareText {
    static func text(
        _ differences: [Difference], _ report: BundleReport, _ worse: [BundleComparison], threshold: Double
    ) -> String {
        var lines = [differences.isEmpty ? "settings: the same" : "settings that differ:"]
        lines += differences.map { "  \($0.path): \($0.before ?? "not set") -> \($0.after ?? "not set")" }
        lines +=
            report.onlyBefore.map { "only in the first: \($0)" } + report.onlyAfter.map { "only in the second: \($0)" }
        for (name, runs) in [("first", report.leftOutBefore), ("second", report.leftOutAfter)] where !runs.isEmpty {
            lines.append(
                "left out of the \(name), as they broke off: runs \(runs.map(String.init).joined(separator: ", "))")
        }
        let credible = report.comparisons.filter(\.isCredible)
        lines.append("\(report.comparisons.count) comparisons, \(credible.count) credible differences")
        lines += credible.map { "  " + line($0) }
        lines += tooFewRuns(report)
        if worse.isEmpty {
            lines.append("nothing is credibly worse by more than \(OutcomeText.figure(threshold))")
        } else {
            lines.append("WORSE by more than \(OutcomeText.figure(threshold)):")
            lines += worse.map { "  " + line($0) }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A gate that cannot close is no gate: says so where no difference, however large, would be credible.
    private static func tooFewRuns(_ report: BundleReport) -> [String] {
        let paired = report.comparisons.filter(\.isPaired)
        guard let most = paired.map(\.runsAfter).max(), paired.count == report.comparisons.count,
            let needed = SignFlipTest.pairsNeeded(comparisons: paired.count), most < needed
        else { return [] }
        return [
            "NOTE: \(most) runs a cell cannot make any of \(paired.count) comparisons credible; \(needed) can, or fewer "
                + "tested metrics"
        ]
    }

    private static func line(_ comparison: BundleComparison) -> String {
        let figure = OutcomeText.figure
        let interval = "\(figure(comparison.interval.lowerBound)) to \(figure(comparison.interval.upperBound))"
        let sign = comparison.metric.scale == .ratio ? "x" : comparison.effect >= 0 ? "+" : ""
        return "\(comparison.metric.title): \(sign)\(figure(comparison.effect)) (\(interval)), "
            + "\(figure(comparison.medianBefore)) -> \(figure(comparison.medianAfter)) \(comparison.metric.unit), "
            + "with \(comparison.cellName)"
    }

    static func json(
        _ differences: [Difference], _ report: BundleReport, _ worse: [BundleComparison]
    ) -> JSONValue {
        func array(_ comparisons: [BundleComparison]) -> JSONValue { .array(comparisons.map(object)) }
        return .object([
            JSONMember(
                "settings",
                .array(
                    differences.map { difference in
                        .object([
                            JSONMember("path", .text(difference.path)),
                            JSONMember("before", difference.before.map { .text($0) } ?? .null),
                            JSONMember("after", difference.after.map { .text($0) } ?? .null),
                        ])
                    })),
            JSONMember("onlyBefore", .array(report.onlyBefore.map { .text($0) })),
            JSONMember("onlyAfter", .array(report.onlyAfter.map { .text($0) })),
            JSONMember("comparisons", array(report.comparisons)),
            JSONMember("worse", array(worse)),
        ])
    }

    private static func object(_ comparison: BundleComparison) -> JSONValue {
        .object([
            JSONMember("cell", .text(comparison.cellName)),
            JSONMember("metric", .text(comparison.metric.name)),
            JSONMember("paired", .boolean(comparison.isPaired)),
            JSONMember("runsBefore", .integer(comparison.runsBefore)),
            JSONMember("runsAfter", .integer(comparison.runsAfter)),
            JSONMember("medianBefore", .number(comparison.medianBefore)),
            JSONMember("medianAfter", .number(comparison.medianAfter)),
            JSONMember("effect", .number(comparison.effect)),
            JSONMember("lower", .number(comparison.interval.lowerBound)),
            JSONMember("upper", .number(comparison.interval.upperBound)),
            JSONMember("cliffsDelta", .number(comparison.cliffsDelta)),
            JSONMember("p", .number(comparison.pValue)),
            JSONMember("adjustedP", .number(comparison.adjustedPValue)),
            JSONMember("credible", .boolean(comparison.isCredible)),
        ])
    }
}
