internal import Checking
internal import StatorCore
internal import Workload

/// Makes a failing run smaller while it still fails in the same way: shorter, fewer faults, fewer clients.
///
/// Faults are reduced by delta debugging (Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input",
/// IEEE TSE 28(2), 2002). As leaving a fault out changes all that follows, a smaller run fails by luck as much as by
/// reason: what comes out is small, not minimal.
package struct Minimizer {
    /// A run that fails, and what is left of it.
    package struct Reduced: Sendable {
        package let overrides: [String]
        /// `nil` where all faults are needed.
        package let faults: [Int]?
        package let result: RunResult
        package let runs: Int
    }

    private var file: SimulationFile
    private let seed: UInt64
    private let base: RunOptions
    private let wanted: Set<String>
    private var kept: [Int]
    private var best: RunResult
    private var runs = 0
    private let maximumRuns: Int
    private let originalClients: Int
    private let originalLength: Duration

    /// - Parameter failing: the outcome of the whole run.
    package init(_ asked: SimulationFile, options: RunOptions, failing: RunResult, maximumRuns: Int = 150) {
        // What is changed of it must not be drawn anew.
        let file = asked.drawn(for: failing.seed)
        self.file = file
        seed = failing.seed
        base = options
        best = failing
        wanted = failing.failingCheckers
        self.maximumRuns = maximumRuns
        originalClients = file.workload.clients
        originalLength = file.phases.faults
        let plan = FaultPlan(file, seed: failing.seed)
        kept = plan.faults.map(\.number).filter { options.keptFaults?.contains($0) ?? true }
    }

    package mutating func reduce() -> Reduced {
        shorten()
        dropFaults()
        dropClients()
        shorten()
        var overrides: [String] = []
        if file.phases.faults != originalLength {
            overrides.append("phases.faultsMilliseconds=\(file.phases.faults.nanoseconds / 1_000_000)")
        }
        if file.workload.clients != originalClients { overrides.append("workload.clients=\(file.workload.clients)") }
        return Reduced(overrides: overrides, faults: kept, result: best, runs: runs)
    }

    private mutating func fails(_ file: SimulationFile, _ faults: [Int]) -> Bool {
        guard runs < maximumRuns else { return false }
        runs += 1
        var options = base
        options.keptFaults = Set(faults)
        let result = SimulationRun(file, seed: seed, options: options).run()
        guard !result.failingCheckers.isDisjoint(with: wanted) else { return false }
        best = result
        return true
    }

    private mutating func shorten() {
        for _ in 0..<8 {
            var shorter = file
            shorter.phases.faults = .milliseconds(file.phases.faults.nanoseconds / 1_000_000 * 2 / 3)
            guard shorter.phases.faults > .milliseconds(500) else { return }
            let end = shorter.phases.faults.nanoseconds
            let plan = FaultPlan(file, seed: seed)
            let rest = kept.filter { plan.faults[$0].begin < end }
            guard fails(shorter, rest) else { return }
            file = shorter
            kept = rest
        }
    }

    private mutating func dropFaults() {
        var parts = 2
        while kept.count >= 2, runs < maximumRuns {
            let size = max(1, kept.count / parts)
            var isReduced = false
            for start in stride(from: 0, to: kept.count, by: size) {
                let rest = Array(kept[..<start] + kept[min(start + size, kept.count)...])
                if fails(file, rest) {
                    kept = rest
                    parts = max(parts - 1, 2)
                    isReduced = true
                    break
                }
            }
            if !isReduced {
                guard size > 1 else { break }
                parts = min(parts * 2, kept.count)
            }
        }
        if kept.count == 1, fails(file, []) { kept = [] }
    }

    private mutating func dropClients() {
        for clients in [1, 2, 4, 8, 16, 64] where clients < file.workload.clients {
            var fewer = file
            fewer.workload.clients = clients
            if fails(fewer, kept) {
                file = fewer
                return
            }
        }
    }
}

extension RunResult {
    /// The checkers that found a promise broken; `run` where the run did not come to its end.
    package var failingCheckers: Set<String> {
        Set(report.verdicts.filter(\.fails).map(\.checker) + (failures.isEmpty ? [] : ["run"]))
    }
}
