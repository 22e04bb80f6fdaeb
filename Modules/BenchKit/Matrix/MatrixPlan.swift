package import Analysis
package import Composition
package import SimulationKit
internal import StatorCore

/// A matrix made ready: which cells there are, with what each is configured, and all runs in their order.
package struct MatrixPlan: Sendable {
    package struct Cell: Sendable {
        /// Places of its levels, in the order of the factors.
        package let levels: [Int]
        package let document: JSONValue
        package internal(set) var file: SimulationFile
    }

    package struct Run: Hashable, Sendable {
        /// Its place in the design.
        package let number: Int
        package let cell: Int
        package let arm: RunRecord.Arm
        package let repetition: Int
        package let seed: UInt64
    }

    package let matrix: MatrixFile
    package internal(set) var cells: [Cell]
    package let pruned: [Design.Pruned]
    /// In the order in which they are carried out: repetition by repetition, and within one in an order drawn from the
    /// seed, so that whatever drifts meets all cells alike.
    package let runs: [Run]
    package let design: Design

    private static let maximumCells = 100_000
    private static let maximumRuns = 1_000_000

    /// - Parameter registry: the strategies that may be selected.
    /// - Throws: `ConfigurationError` where a level is wrong wherever it stands, or nothing is left to run.
    package init(_ matrix: MatrixFile, registry: StrategyRegistry) throws(ConfigurationError) {
        self.matrix = matrix
        var search = CellSearch(matrix, registry: registry)
        let count = matrix.factors.reduce(1) { $0.multipliedReportingOverflow(by: $1.levels.count).partialValue }
        let perCell = matrix.settings.repetitions
        guard count <= Self.maximumCells, count * perCell <= Self.maximumRuns else {
            throw ConfigurationError([
                ConfigurationProblem(
                    path: "factors",
                    message: "make \(count) cells of \(perCell) runs, at most \(Self.maximumCells) cells and "
                        + "\(Self.maximumRuns) runs are carried out")
            ])
        }
        try search.findAll()
        cells = search.cells
        pruned = search.pruned
        let settings = matrix.settings
        let again =
            settings.sameAgainCells > 0 ? settings.sameAgainCells : Self.defaultSameAgainCells(cells: cells.count)
        let seed = UInt64(settings.seed)
        runs = Self.runs(cells: cells.count, again: min(again, cells.count), repetitions: perCell, seed: seed)
        var design = Design(
            name: settings.name, question: settings.question, environment: settings.environment.rawValue,
            factors: matrix.factors.map { Design.Factor(name: $0.name, levels: $0.levels.map(\.name)) },
            cells: cells.map { Design.Cell(levels: $0.levels) }, repetitions: perCell,
            sameAgainCells: min(again, cells.count), primaryMetrics: matrix.metrics, metrics: MetricCatalogue.all,
            seed: seed)
        design.pruned = pruned
        self.design = design
    }

    /// One in eight cells, and at least one: each costs two arms.
    package static func defaultSameAgainCells(cells: Int) -> Int { max(1, cells / 8) }

    private static func runs(cells: Int, again count: Int, repetitions: Int, seed: UInt64) -> [Run] {
        var random = RandomGenerator(seed: seed ^ 0x0D0E_0000_0000_0000)
        let again = Array(Array(0..<cells).shuffled(using: &random).prefix(count)).sorted()
        var all: [Run] = []
        for repetition in 0..<repetitions {
            var block: [Run] = []
            for cell in 0..<cells {
                block.append(
                    Run(
                        number: cell * repetitions + repetition, cell: cell, arm: .main, repetition: repetition,
                        seed: mixed(seed, 0, UInt64(repetition))))
            }
            for (arm, cell) in again.flatMap({ [$0, $0] }).enumerated() {
                block.append(
                    Run(
                        number: (cells + arm) * repetitions + repetition, cell: cell, arm: .sameAgain(arm),
                        repetition: repetition, seed: mixed(seed, UInt64(arm) + 1, UInt64(repetition))))
            }
            all += block.shuffled(using: &random)
        }
        return all
    }

    /// A seed of its own for every arm and repetition; cells share those of their repetition.
    private static func mixed(_ seed: UInt64, _ arm: UInt64, _ repetition: UInt64) -> UInt64 {
        var random = RandomGenerator(seed: seed &+ arm &* 0x9E37_79B9_7F4A_7C15)
        var own = RandomGenerator(seed: random.next() ^ repetition &* 0xD1B5_4A32_D192_ED03)
        // Within what JSON numbers of other tools hold exactly.
        return own.next() >> 11
    }

    /// The runs of one part of several that together make the matrix: all of a repetition are in the same part, so
    /// that what is compared was measured on one machine.
    /// - Precondition: 1 <= part <= parts.
    package func runs(ofPart part: Int, of parts: Int) -> [Run] {
        precondition(parts >= 1 && (1...parts).contains(part), "parts are counted from 1")
        return runs.filter { $0.repetition % parts == part - 1 }
    }
}
