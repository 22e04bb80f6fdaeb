internal import Analysis
internal import SimulationKit

/// Runs in virtual time: each is a thread's own, and the same whatever else goes on.
struct SimulatedExecutor: RunExecutor {
    let concurrency: Int

    func run(_ run: MatrixPlan.Run, in cell: MatrixPlan.Cell) async -> RunRecord {
        var options = RunOptions()
        options.measures = true
        let result = SimulationRun(cell.file, seed: run.seed, options: options).run()
        return RunRecord(run, result, cell.file)
    }
}
