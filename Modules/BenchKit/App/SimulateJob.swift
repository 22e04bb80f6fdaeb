internal import Checking
internal import Simulation
internal import SimulationKit
internal import StatorCore

/// One call of `simulate`: runs, shows, and makes a failing run smaller.
struct SimulateJob {
    let path: String
    let overrides: [String]
    let file: SimulationFile
    let options: RunOptions
    /// Whether the named branches are listed, and whether missing one is a failure.
    var showsProbes = false
    var requiresProbes = false
    /// Failures that are known.
    var expected: ExpectedFailures?

    func runOne(
        _ seed: UInt64, trace: StoryFilter?, history: String?, json: Bool, minimizes: Bool
    ) async throws -> Int32 {
        let clock = ContinuousClock()
        let begun = clock.now
        let run = SimulationRun(file, seed: seed, options: options)
        if let trace { run.tell(trace) { TextOutput.standard.write($0 + "\n") } }
        let result = run.run()
        let wall = begun.duration(to: clock.now)
        if let history, let operations = result.history {
            try TextFile.write(HistoryCodec.encode(operations), to: history)
        }
        if json {
            TextOutput.standard.write(ResultText.json(result, file, wall: wall) + "\n")
        } else {
            TextOutput.standard.write(ResultText.text(result, file, wall: wall))
        }
        var totals = CampaignTotals()
        totals.add(result)
        let hasMissed = reportReach(totals)
        let isExpected = expected?.contains(result, in: path) == true
        guard !result.isClean, !isExpected else { return hasMissed ? 1 : 0 }
        TextOutput.error.write(failure(result, minimizes: minimizes))
        return 1
    }

    func runMany(_ seeds: ClosedRange<UInt64>, jobs: Int, json: Bool, minimizes: Bool) async -> Int32 {
        let clock = ContinuousClock()
        let begun = clock.now
        var campaign = Campaign(file, seeds: seeds, jobs: jobs)
        campaign.options = options
        campaign.expected = expected.map { (failures: $0, path: path) }
        var bar = ProgressBar()
        let totals = await campaign.run { totals in
            bar.show(
                Double(totals.runs) / Double(seeds.count),
                "\(totals.runs)/\(seeds.count), \(totals.failedSeeds.count) failed")
        }
        bar.clear()
        let wall = begun.duration(to: clock.now)
        if json {
            TextOutput.standard.write(TotalsText.json(totals, file, wall: wall) + "\n")
        } else {
            TextOutput.standard.write(TotalsText.text(totals, file, wall: wall))
        }
        let hasMissed = reportReach(totals)
        guard let seed = totals.failedSeeds.min() else { return hasMissed ? 1 : 0 }
        let failing = SimulationRun(file, seed: seed, options: options).run()
        TextOutput.error.write(failure(failing, minimizes: minimizes))
        return 1
    }

    /// - Returns: whether a branch that had to be reached was not.
    private func reportReach(_ totals: CampaignTotals) -> Bool {
        let reach = CampaignReach(totals, file)
        if showsProbes { TextOutput.standard.write(ReachText.text(reach)) }
        guard requiresProbes, !reach.missing.isEmpty else { return false }
        TextOutput.error.write(ReachText.missing(reach))
        return true
    }

    /// The seed, what was broken, and the line that replays it, as small as it could be made.
    private func failure(_ result: RunResult, minimizes: Bool) -> String {
        var lines = ["seed \(result.seed) failed: \(result.failingCheckers.sorted().joined(separator: ", "))"]
        lines += result.failures.map { "  - \($0)" }
        lines += result.report.verdicts.filter(\.fails).flatMap(\.violations).prefix(5).map { "  - \($0)" }
        lines.append("commit \(BuildStamp.commit())")
        lines.append("replay: \(replay(seed: result.seed, overrides: overrides, faults: nil))")
        guard minimizes else { return lines.joined(separator: "\n") + "\n" }
        var minimizer = Minimizer(file, options: options, failing: result)
        let reduced = minimizer.reduce()
        lines.append(
            "smaller, after \(reduced.runs) runs (\(reduced.faults?.count ?? 0) faults, "
                + "\(reduced.result.reads + reduced.result.writes) operations): "
                + replay(seed: result.seed, overrides: overrides + reduced.overrides, faults: reduced.faults))
        lines += reduced.result.report.verdicts.filter(\.fails).flatMap(\.violations).prefix(2).map { "  - \($0)" }
        return lines.joined(separator: "\n") + "\n"
    }

    private func replay(seed: UInt64, overrides: [String], faults: [Int]?) -> String {
        var words = ["stator-bench", "simulate", path, "--seed", "\(seed)"]
        for text in overrides { words += ["--set", ResultText.quotedForShell(text)] }
        if let faults {
            words += ["--faults", faults.isEmpty ? "none" : faults.map(String.init).joined(separator: ",")]
        }
        return words.joined(separator: " ")
    }
}
