/// What one run of a matrix brought: a line of runs.jsonl.
package struct RunRecord: Sendable {
    /// Which part of the design a run belongs to.
    package enum Arm: Hashable, Sendable {
        /// One of the compared cells.
        case main
        /// The same cell again with seeds of its own. Arms 2k and 2k + 1 are of one cell and compared with one another:
        /// any difference is chance.
        case sameAgain(Int)
    }

    /// Its place in the design, from 0 on: unique in a matrix.
    package var number: Int
    /// The place of its cell in ``Design/cells``.
    package var cell: Int
    package var arm: Arm
    /// From 0 on. Runs of the same repetition share their seed across cells: they meet the same workload and faults.
    package var repetition: Int
    package var seed: UInt64
    /// The event log's hash, of simulated runs.
    package var hash: String?
    /// By ``MetricDescription/name``; what does not apply to a run is not there.
    package var metrics: [String: Double] = [:]
    /// Latencies by kind of operation: `read`, `write`, ...
    package var histograms: [String: StoredHistogram] = [:]
    package var series: [RunSeries] = []
    /// What has to be known to read its figures: `saturated`, `not-stationary`, `node-died`, ...
    package var flags: [String] = []
    /// Why it did not come to its end, and which promises it broke; one sentence each.
    package var failures: [String] = []

    package init(number: Int, cell: Int, arm: Arm, repetition: Int, seed: UInt64) {
        self.number = number
        self.cell = cell
        self.arm = arm
        self.repetition = repetition
        self.seed = seed
    }

    package func series(_ name: String) -> RunSeries? { series.first { $0.name == name } }
}

/// Figures of one run along an axis.
package struct RunSeries: Hashable, Sendable {
    package struct Point: Hashable, Sendable {
        package var x: Double
        package var y: Double
        /// How many observations `y` stands for, where that counts.
        package var weight: Double

        package init(x: Double, y: Double, weight: Double = 1) {
            self.x = x
            self.y = y
            self.weight = weight
        }
    }

    /// - `freshness`: x milliseconds since the latest acknowledged write, y share of reads that reflect it, weight reads.
    /// - `divergence`: x seconds after the faults ended, y keys on which owners differ.
    /// - `load`: x the node's number, y operations that it carried out as a replica or for clients.
    /// - `throughput`: x seconds since the measured span began, y operations answered per second in that slice.
    package var name: String
    package var points: [Point]

    package init(name: String, points: [Point]) {
        self.name = name
        self.points = points
    }
}
