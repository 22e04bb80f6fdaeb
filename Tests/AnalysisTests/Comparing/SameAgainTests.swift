import StatorCore
import Testing

@testable import Analysis

@Suite struct SameAgainTests {
    private func matrix(cells: Int, arms: Int, repetitions: Int, drift: Double = 1) -> MatrixMaker {
        let levels = (0..<cells).map { "level \($0)" }
        var matrix = MatrixMaker([Design.Factor(name: "factor", levels: levels)])
        matrix.design.sameAgainCells = arms
        var random = RandomGenerator(seed: 17)
        for cell in 0..<cells {
            for arm in -1..<(2 * arms) {
                let figures = (0..<repetitions).map { _ in
                    random.normal(mean: arm.isMultiple(of: 2) ? 10 : 10 * drift, deviation: 1)
                }
                matrix.add(figures, cell: cell, arm: arm < 0 ? .main : .sameAgain(arm))
            }
        }
        return matrix
    }

    @Test func chanceIsSignificantAsOftenAsItShould() {
        let report = matrix(cells: 20, arms: 2, repetitions: 8).report()
        #expect(report.sameAgain.count == 40)
        #expect(
            report.expectedFalsePositives == BinomialInterval.central(trials: 40, probability: 0.05, confidence: 0.99))
        #expect(report.expectedFalsePositives.contains(report.falsePositives))
        #expect(report.sameAgain.allSatisfy { $0.factor == nil && $0.baseline == $0.cell && $0.pairs == 8 })
        #expect(report.sameAgain.allSatisfy { $0.adjustedPValue == $0.pValue })
    }

    @Test func armsThatDifferAreSeenAsAnError() {
        let report = matrix(cells: 10, arms: 1, repetitions: 8, drift: 1.5).report()
        #expect(report.falsePositives > report.expectedFalsePositives.upperBound)
    }

    @Test func fewerThanSixPairsAreListedButNotCounted() {
        let report = matrix(cells: 10, arms: 1, repetitions: 5, drift: 10).report()
        #expect(report.sameAgain.count == 10)
        #expect(report.falsePositives == 0)
        #expect(report.expectedFalsePositives == 0...0)
    }

    @Test func pairsWithoutADifferenceAreNoTrials() {
        var constant = matrix(cells: 10, arms: 1, repetitions: 8)
        for place in constant.runs.indices { constant.runs[place].metrics[MatrixMaker.latency.name] = 3 }
        let report = constant.report()
        #expect(report.sameAgain.count == 10)
        #expect(report.expectedFalsePositives == 0...0)
    }

    @Test func armsOfDifferentPlacesDrawDifferently() {
        var matrix = matrix(cells: 1, arms: 2, repetitions: 8)
        // The runs of arms 2 and 3 are those of arms 0 and 1.
        for place in 24..<40 { matrix.runs[place].metrics = matrix.runs[place - 16].metrics }
        let report = matrix.report()
        #expect(report.sameAgain[0].effect == report.sameAgain[1].effect)
        #expect(report.sameAgain[0].interval != report.sameAgain[1].interval)
    }
}
