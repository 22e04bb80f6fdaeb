internal import StatorCore

/// Many seeds of one simulation, in parallel: each run is a thread's own, so runs share nothing.
package struct Campaign: Sendable {
    package let file: SimulationFile
    package let seeds: ClosedRange<UInt64>
    /// How many runs go on at once.
    package let jobs: Int
    package var options = RunOptions()
    /// Failures that are known, and the path by which they name the file.
    package var expected: (failures: ExpectedFailures, path: String)?

    package init(_ file: SimulationFile, seeds: ClosedRange<UInt64>, jobs: Int) {
        self.file = file
        self.seeds = seeds
        self.jobs = max(1, jobs)
    }

    /// - Parameter progress: called after each run with what there is so far.
    package func run(progress: (CampaignTotals) -> Void) async -> CampaignTotals {
        var totals = CampaignTotals()
        await withTaskGroup(of: RunResult.self) { group in
            var next: UInt64? = seeds.lowerBound
            func add() {
                guard let seed = next else { return }
                next = seed < seeds.upperBound ? seed + 1 : nil
                let (file, options) = (file, options)
                group.addTask { SimulationRun(file, seed: seed, options: options).run() }
            }
            for _ in 0..<jobs { add() }
            for await result in group {
                totals.add(result, isExpected: isExpected(result))
                progress(totals)
                add()
            }
        }
        return totals
    }

    private func isExpected(_ result: RunResult) -> Bool {
        guard let expected else { return false }
        return expected.failures.contains(result, in: expected.path)
    }
}
