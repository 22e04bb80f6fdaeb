internal import Analysis
internal import StatorCore

/// Carries out the runs of a matrix that are not done yet, and keeps each as it ends.
struct MatrixRunner {
    let plan: MatrixPlan
    /// Those of this part, in their order.
    let runs: [MatrixPlan.Run]
    let executor: any RunExecutor
    let folder: BundleFolder

    /// Ends early where the task is cancelled: runs under way are brought to their end and kept.
    /// - Parameter progress: called as runs end, with how many of all have and how many have not come to a good end.
    func run(progress: (_ done: Int, _ failed: Int) -> Void) async throws(BenchError) {
        let done = Set(folder.runs.map(\.number))
        var open = runs.filter { !done.contains($0.number) }[...]
        var failed = folder.runs.count { !$0.failures.isEmpty }
        progress(folder.runs.count, failed)
        var failure: BenchError?
        await withTaskGroup(of: RunRecord.self) { group in
            func add() {
                guard failure == nil, !Task.isCancelled, let run = open.popFirst() else { return }
                let (executor, cell) = (executor, plan.cells[run.cell])
                group.addTask { await executor.run(run, in: cell) }
            }
            for _ in 0..<executor.concurrency { add() }
            for await record in group {
                // One that was ended by an interrupt is no result.
                if record.flags.contains(RunFlag.interrupted) { continue }
                do throws(BenchError) {
                    if failure == nil { try folder.append(record) }
                } catch {
                    failure = error
                }
                if !record.failures.isEmpty { failed += 1 }
                progress(folder.runs.count, failed)
                add()
            }
        }
        if let failure { throw failure }
    }
}

/// Carries out single runs in one environment.
protocol RunExecutor: Sendable {
    /// How many runs may go on at once.
    var concurrency: Int { get }

    /// Never throws: what goes wrong is part of the run's record.
    func run(_ run: MatrixPlan.Run, in cell: MatrixPlan.Cell) async -> RunRecord
}
