/// What a reader must know before believing a figure.
enum ReportWarnings {
    /// Numbers listed before `...`.
    private static let listed = 20

    static func all(_ input: ReportInput) -> [Prose] {
        let runs = CellRuns(input)
        return leftOut(input) + brokenPromises(input) + missing(runs) + saturated(runs) + flagged(input)
            + fewPairs(input) + leastProbability(input)
    }

    private static func leftOut(_ input: ReportInput) -> [Prose] {
        input.comparisons.leftOut.sorted().map { number in
            guard let run = input.runs.first(where: { $0.number == number }) else {
                return "Run \(name: "\(number)") is left out of all comparisons."
            }
            let reasons = run.failures + (run.failures.isEmpty ? run.flags : [])
            let why = reasons.isEmpty ? "no reason is recorded" : reasons.joined(separator: "; ")
            return "Run \(name: "\(number)") (\(cellName(run, input.design))) is left out of all comparisons: \(why)"
        }
    }

    private static func cellName(_ run: RunRecord, _ design: Design) -> String {
        design.cells.indices.contains(run.cell) ? design.name(of: design.cells[run.cell]) : "cell \(run.cell)"
    }

    private static func brokenPromises(_ input: ReportInput) -> [Prose] {
        input.runs.filter { !$0.failures.isEmpty && !input.comparisons.leftOut.contains($0.number) }.map { run in
            "Run \(name: "\(run.number)") (\(cellName(run, input.design))) failed: \(run.failures.joined(separator: "; "))"
        }
    }

    private static func missing(_ runs: CellRuns) -> [Prose] {
        runs.runs.enumerated().filter { $1.count < runs.design.repetitions }.map { cell, records in
            let name = runs.design.name(of: runs.design.cells[cell])
            return "Cell \(name: name) has \(records.count) of \(runs.design.repetitions) runs that count."
        }
    }

    private static func saturated(_ runs: CellRuns) -> [Prose] {
        let cells = runs.runs.enumerated().compactMap { cell, records -> Prose? in
            let count = records.filter(\.isSaturated).count
            guard count > 0 else { return nil }
            return "\(name: runs.design.name(of: runs.design.cells[cell])) (\(count) of \(records.count) runs)"
        }
        if cells.isEmpty { return [] }
        return ["Saturated, so that their latencies tell of the queue before them: \(Prose.list(cells))."]
    }

    /// Every other flag that a counted run has.
    private static func flagged(_ input: ReportInput) -> [Prose] {
        let counted = input.runs.filter { !input.comparisons.leftOut.contains($0.number) }
        let flags = Set(counted.flatMap(\.flags)).subtracting(["saturated"]).sorted()
        return flags.map { flag in
            let numbers = counted.filter { $0.flags.contains(flag) }.map(\.number)
            let shown = numbers.prefix(listed).map(String.init).joined(separator: ", ")
            let rest = numbers.count > listed ? ", ..." : ""
            let isOne = numbers.count == 1
            if flag == "not-stationary" {
                let (run, rate) = isOne ? ("run was", "its rate") : ("runs were", "their rate")
                return
                    "\(numbers.count) \(run) not stationary, \(rate) moved while it was measured: \(shown)\(rest)."
            }
            return "\(numbers.count) \(isOne ? "run is" : "runs are") flagged \(name: flag): \(shown)\(rest)."
        }
    }

    private static func fewPairs(_ input: ReportInput) -> [Prose] {
        let few = input.comparisons.comparisons.filter(\.isIndicative)
        guard let least = few.map(\.pairs).min() else { return [] }
        return [
            """
            \(few.count) of \(input.comparisons.comparisons.count) comparisons have fewer than \(Comparison.fewPairs) pairs \
            of runs (the least \(least)): their intervals are indicative only.
            """
        ]
    }

    /// With n pairs there are 2^n ways to flip signs, and two of them are the most extreme: no p-value is below 2^(1-n).
    /// Holm's correction multiplies it by how many comparisons cannot have a smaller one. Where that is above 5%, the
    /// comparison cannot come out credible, whatever the effect.
    private static func leastProbability(_ input: ReportInput) -> [Prose] {
        let pairs = input.comparisons.comparisons.map(\.pairs)
        let hopeless = Set(pairs).sorted().filter { count in
            let others = pairs.filter { $0 <= count }.count
            return SignFlipTest.leastPValue(pairs: count) * Double(others) > Comparison.significance
        }
        guard let most = hopeless.last else { return [] }
        let least = SignFlipTest.leastPValue(pairs: most)
        let corrected = min(1, least * Double(pairs.filter { $0 <= most }.count))
        return [
            """
            \(pairs.filter(hopeless.contains).count) of \(pairs.count) comparisons cannot come out credible, however \
            large the difference: with \(most) pairs no p-value is below \(Figures.probability(least)), which Holm's \
            correction raises to at least \(Figures.probability(corrected)). More repetitions, fewer cells or fewer \
            primary metrics would change that.
            """
        ]
    }
}
