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

/// A line on a terminal that shows how far a matrix is; nothing where nobody looks.
struct MatrixProgress {
    private let total: Int
    private let doneBefore: Int
    private let begun = ContinuousClock().now
    private var shownAt: ContinuousClock.Instant?

    init(total: Int, done: Int) {
        self.total = total
        doneBefore = done
    }

    mutating func show(_ done: Int, failed: Int) {
        let now = ContinuousClock().now
        guard TextOutput.error.isTerminal, shownAt.map({ now - $0 > .milliseconds(100) }) ?? true else { return }
        shownAt = now
        let filled = total > 0 ? 30 * done / total : 30
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 30 - filled)
        TextOutput.error.write(
            "\r[\(bar)] \(done)/\(total)\(failed > 0 ? ", \(failed) failed" : "")\(left(done, now))   ")
    }

    private func left(_ done: Int, _ now: ContinuousClock.Instant) -> String {
        guard done > doneBefore else { return "" }
        let perRun = (now - begun) / (done - doneBefore)
        let seconds = (perRun * (total - done)).components.seconds
        return seconds < 120 ? ", \(seconds) s left" : ", \(seconds / 60) min left"
    }

    func clear() {
        if shownAt != nil { TextOutput.error.write("\r" + String(repeating: " ", count: 79) + "\r") }
    }
}
