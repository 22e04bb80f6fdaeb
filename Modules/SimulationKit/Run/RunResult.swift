package import Checking
package import Replication
package import Simulation
internal import StatorCore

/// What one run did and what the checkers say of it.
package struct RunResult: Sendable {
    package let seed: UInt64
    /// What the seed drew of the file's settings, as `PATH=VALUE`.
    package let drawn: [String]
    /// Equal for the same binary, file, seed and options.
    package let hash: UInt64
    /// Inputs to machines.
    package let inputs: Int
    /// Virtual time.
    package let simulated: Duration
    package let reads: Int
    package let writes: Int
    /// Operations by outcome: done, certainly without effect, unknown.
    package let succeeded: Int
    package let failed: Int
    package let unknown: Int
    /// Faults that happened, by class, sorted by name.
    package let faults: [(faultClass: FaultClass, count: Int)]
    package let network: NetworkCounters
    package let disks: DiskFaultCounters
    package let traffic: SimulatedTraffic
    /// How often named branches of the machines were reached.
    package let reached: ReachCounts
    /// How long after the end of the faults all replicas were equal; `nil` where they never were.
    package let convergence: Duration?
    package let report: CheckReport
    /// What kept the run from its end, one sentence each.
    package let failures: [String]
    package let history: History?
    /// Where ``RunOptions/measures`` asked for them.
    package let measurements: RunMeasurements?

    package var isClean: Bool { failures.isEmpty && report.isClean }
}
