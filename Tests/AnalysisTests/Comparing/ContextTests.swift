import StatorCore
import Testing

@testable import Analysis

/// Which cells are compared with which.
@Suite struct ContextTests {
    private static let factors = [
        Design.Factor(name: "resolver", levels: ["lww", "vector", "dvv"]),
        Design.Factor(name: "skew", levels: ["0", "0.99"]),
    ]

    /// As factor, baseline levels and levels of each comparison.
    private func compared(_ cells: [[Int]]?) -> [[[Int]]] {
        var matrix = MatrixMaker(Self.factors, cells: cells)
        for cell in matrix.design.cells.indices { matrix.add([1, 2, 3], cell: cell) }
        return matrix.report().comparisons.map { comparison in
            [
                [comparison.factor ?? -1], matrix.design.cells[comparison.baseline].levels,
                matrix.design.cells[comparison.cell].levels,
            ]
        }
    }

    @Test func everyLevelIsComparedWithTheFirstInEveryContext() {
        #expect(
            compared(nil) == [
                [[0], [0, 0], [1, 0]], [[0], [0, 1], [1, 1]], [[0], [0, 0], [2, 0]], [[0], [0, 1], [2, 1]],
                [[1], [0, 0], [0, 1]], [[1], [1, 0], [1, 1]], [[1], [2, 0], [2, 1]],
            ])
    }

    @Test func aPrunedBaselineIsReplacedByTheNextLevel() {
        #expect(
            compared([[2, 1], [0, 0], [1, 0], [1, 1]]) == [
                [[0], [1, 1], [2, 1]], [[0], [0, 0], [1, 0]], [[1], [1, 0], [1, 1]],
            ])
    }

    @Test func aCellThatIsAloneInItsContextsIsNotCompared() {
        #expect(compared([[0, 0], [1, 1]]).isEmpty)
    }

    @Test func correctionIsOverAllComparisons() {
        var random = RandomGenerator(seed: 1)
        var matrix = MatrixMaker(Self.factors)
        for cell in matrix.design.cells.indices {
            matrix.add((0..<8).map { _ in random.normal(mean: 10 + Double(cell), deviation: 1) }, cell: cell)
        }
        let comparisons = matrix.report().comparisons
        #expect(comparisons.count == 7)
        #expect(comparisons.map(\.adjustedPValue) == Holm.adjusted(comparisons.map(\.pValue)))
        #expect(comparisons.contains { $0.adjustedPValue != $0.pValue })
    }
}
