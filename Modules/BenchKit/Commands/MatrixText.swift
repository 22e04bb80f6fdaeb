internal import Analysis

/// A matrix before it is run, for people.
enum MatrixText {
    static func cells(_ plan: MatrixPlan, runs: Int) -> String {
        let design = plan.design
        var lines = ["\(design.name) (\(design.environment)): \(design.question)", ""]
        for factor in design.factors {
            lines.append("\(factor.name): \(factor.levels.joined(separator: ", "))")
        }
        lines.append("")
        lines.append(
            "\(design.cells.count) cells, \(design.repetitions) runs of each, \(design.sameAgainCells) of them twice more "
                + "with other seeds: \(runs) runs here")
        lines += design.cells.map { "  \(design.name(of: $0))" }
        guard !design.pruned.isEmpty else { return lines.joined(separator: "\n") + "\n" }
        lines.append("\(design.pruned.count) combinations are left out, as they cannot be configured:")
        lines += design.pruned.map { "  \(design.name(of: Design.Cell(levels: $0.levels))): \($0.reason)" }
        return lines.joined(separator: "\n") + "\n"
    }
}
