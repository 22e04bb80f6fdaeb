package import Checking
package import Simulation
package import Workload

/// What one run measured in its safety phase and after: figures only, the verdicts are in the report.
package struct RunMeasurements: Sendable {
    /// How long the measured span was.
    package var span: Duration = .zero
    /// Requests that were meant to be sent in the span, and what became of them.
    package var offered = 0
    package var succeeded = 0
    package var failed = 0
    package var unknown = 0
    /// Operations of an open loop for which no session became free.
    package var neverSent = 0
    /// Reads in the span, and how many versions they showed.
    package var reads = 0
    package var readsOfSiblings = 0
    package var versionsShown = 0
    /// Of reads that started in the span; `nil` without checkers.
    package var staleness: StalenessFigures?
    /// Latencies from the intended time of sending, of what succeeded, by kind: `read`, `write`, `delete`, `batch`.
    package var histograms: [(kind: String, histogram: LatencyHistogram)] = []
    /// Requests that succeeded, by tenth of the span.
    package var slices: [Int] = []
    /// What went over the network in the span.
    package var traffic = SimulatedTraffic()
    /// What went over the network from the end of the faults until the replicas were equal.
    package var trafficAfterFaults = SimulatedTraffic()
    /// Keys on which owners differ, by the time since the faults ended.
    package var divergence: [(after: Duration, keys: Int)] = []
    /// When the last look that found a difference was over; `nil` where the replicas were never equal.
    package var convergence: Duration?
    /// What each node carried out for clients and as a replica, in the order of their names.
    package var loads: [Int] = []
    /// The share of the token space of which each member is a replica, in the order of their names.
    package var ownership: [Double] = []
    /// Mean bytes of a record besides its values.
    package var metadataBytes: Double?
    /// For each change of the ring, the copies that moved as a share of all, and the least that had to.
    package var moves: [(moved: Double, least: Double)] = []
    /// From the time that a node was gone until another took it for dead, for each pair of them.
    package var detections: [Duration] = []
    /// Pairs in which the node was back before the other noticed.
    package var undetected = 0
    /// How often a node was taken for dead that was not gone.
    package var falseSuspicions = 0
    /// For how long nodes were watched, times their number.
    package var watchedHours = 0.0

    package init() {}
}
