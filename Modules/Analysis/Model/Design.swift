/// What was varied, and how its parts are compared.
package struct Design: Sendable {
    package struct Factor: Hashable, Sendable {
        package var name: String
        /// Names of its levels; the first is the one that the others are compared with.
        package var levels: [String]

        package init(name: String, levels: [String]) {
            self.name = name
            self.levels = levels
        }
    }

    /// One combination of levels that was run.
    package struct Cell: Hashable, Sendable {
        /// Places of its levels, in the order of the factors.
        package var levels: [Int]

        package init(levels: [Int]) {
            self.levels = levels
        }
    }

    /// A combination that the rules of configurations forbid.
    package struct Pruned: Hashable, Sendable {
        package var levels: [Int]
        /// One sentence.
        package var reason: String

        package init(levels: [Int], reason: String) {
            self.levels = levels
            self.reason = reason
        }
    }

    package var name: String
    /// What the matrix is to answer, in a paragraph.
    package var question: String
    /// `simulated`, `local` or `remote`.
    package var environment: String
    package var factors: [Factor]
    package var cells: [Cell]
    package var pruned: [Pruned] = []
    /// How often each cell is run.
    package var repetitions: Int
    /// How many cells are also compared with themselves, by two arms of their own each.
    package var sameAgainCells: Int
    /// The names of the metrics that are tested; the others are only shown.
    package var primaryMetrics: [String]
    /// All metrics that a run may have, in the order of tables.
    package var metrics: [MetricDescription]
    /// What the draws of resampling begin from.
    package var seed: UInt64

    package init(
        name: String, question: String, environment: String, factors: [Factor], cells: [Cell], repetitions: Int,
        sameAgainCells: Int, primaryMetrics: [String], metrics: [MetricDescription], seed: UInt64
    ) {
        self.name = name
        self.question = question
        self.environment = environment
        self.factors = factors
        self.cells = cells
        self.repetitions = repetitions
        self.sameAgainCells = sameAgainCells
        self.primaryMetrics = primaryMetrics
        self.metrics = metrics
        self.seed = seed
    }

    /// Such as `resolver=lww-hlc, skew=0.99`; `the only cell` where nothing is varied.
    package func name(of cell: Cell) -> String {
        if factors.isEmpty { return "the only cell" }
        return zip(factors, cell.levels).map { "\($0.name)=\($0.levels[$1])" }.joined(separator: ", ")
    }

    package func metric(_ name: String) -> MetricDescription? { metrics.first { $0.name == name } }
}
