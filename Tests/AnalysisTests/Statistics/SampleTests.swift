import StatorCore
import Testing

@testable import Analysis

@Suite struct SampleTests {
    /// By numpy.quantile, which is of type 7 too.
    @Test func quantilesAreThoseOfNumPy() {
        let values: [Double] = [3, 1, 4, 1, 5, 9, 2, 6]
        let expected = [(0, 1), (0.1, 1), (0.25, 1.75), (0.5, 3.5), (0.9, 6.9), (1, 9)]
        for (share, value) in expected { #expect(abs(Sample.quantile(values, share) - value) < 1e-12) }
        #expect(Sample.median(values) == 3.5)
        #expect(Sample.median([7]) == 7)
        #expect(Sample.median([9, 1, 5]) == 5)
    }

    @Test func theGeometricMeanIsTheRootOfTheProduct() {
        #expect(abs(Sample.geometricMean([1, 2, 4, 9.5]) - 2.9525917237371893) < 1e-12)
        #expect(abs(Sample.geometricMean([0.5, 2]) - 1) < 1e-12)
    }

    @Test func numbersOutOfReachAreNoFigures() {
        #expect(![.nan, .infinity, -.infinity, 1e101].contains { Sample.isFigure($0) })
        #expect([0, -5, 1e100].allSatisfy { Sample.isFigure($0) })
    }

    @Test func cliffsDeltaCountsThePairsAboveAndBelow() {
        #expect(cliffsDelta([1, 2, 2, 3, 5, 8], [2, 3, 3, 4, 9]) == -8 / 30.0)
        #expect(cliffsDelta([4, 5], [1, 2, 3]) == 1)
        #expect(cliffsDelta([1, 2, 3], [4, 5]) == -1)
        #expect(cliffsDelta([2, 2], [2]) == 0)
        var random = RandomGenerator(seed: 5)
        for _ in 0..<20 {
            let one = (0..<(1 + random.below(20))).map { _ in Double(random.below(8)) }
            let other = (0..<(1 + random.below(20))).map { _ in Double(random.below(8)) }
            let balance = one.reduce(0) { sum, value in
                sum + other.count { value > $0 } - other.count { value < $0 }
            }
            #expect(cliffsDelta(one, other) == Double(balance) / Double(one.count * other.count))
        }
    }
}
