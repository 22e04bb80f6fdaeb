import Foundation
import Simulation
import StatorCore
import Testing

/// Draws of a fixed seed against closed forms that are computed here, with libm.
@Suite struct LatencySamplerTests {
    private static let draws = 200_000

    private func samples(of distribution: LatencyDistribution) -> [Int64] {
        let sampler = LatencySampler(distribution)
        var random = RandomGenerator(seed: 7)
        return (0..<Self.draws).map { _ in sampler.sample(using: &random) }.sorted()
    }

    /// The share of samples up to each quantile is that quantile, within five standard errors.
    private func expectQuantiles(
        _ samples: [Int64], _ quantiles: [(share: Double, nanoseconds: Double)],
        location: SourceLocation = #_sourceLocation
    ) {
        for (share, nanoseconds) in quantiles {
            let found = Double(count(in: samples, upTo: nanoseconds)) / Double(samples.count)
            let tolerance = 5 * (share * (1 - share) / Double(samples.count)).squareRoot()
            #expect(
                abs(found - share) < tolerance, "\(found) of the samples are up to the quantile \(share)",
                sourceLocation: location)
        }
    }

    /// How many of the sorted samples are no longer than a bound.
    private func count(in samples: [Int64], upTo bound: Double) -> Int {
        var (low, high) = (0, samples.count)
        while low < high {
            let middle = (low + high) / 2
            if Double(samples[middle]) <= bound { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static let shares = [0.0005, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 0.9999]

    @Test func constantsAreConstantAndDrawNothing() {
        let sampler = LatencySampler(.constant(.milliseconds(3)))
        var random = RandomGenerator(seed: 1)
        var untouched = random
        #expect(
            (0..<5).map { _ in sampler.sample(using: &random) } == [
                3_000_000, 3_000_000, 3_000_000, 3_000_000, 3_000_000,
            ])
        #expect(random.next() == untouched.next())
    }

    @Test func uniformQuantilesAreThoseOfTheRange() {
        let samples = samples(of: .uniform(.milliseconds(2)...(.milliseconds(10))))
        expectQuantiles(samples, Self.shares.map { ($0, 2e6 + 8e6 * $0) })
        #expect(samples.first! >= 2_000_000 && samples.last! <= 10_000_000)
    }

    @Test func exponentialQuantilesAreLogarithmsAboveTheMinimum() {
        let samples = samples(of: .exponential(minimum: .milliseconds(1), mean: .milliseconds(5)))
        expectQuantiles(samples, Self.shares.map { ($0, 1e6 - 4e6 * log(1 - $0)) })
        let mean = samples.reduce(0.0) { $0 + Double($1) } / Double(samples.count)
        #expect(abs(mean - 5e6) < 0.01 * 5e6)
        #expect(samples.first! >= 1_000_000)
    }

    @Test func logNormalQuantilesAreExponentialsOfNormalOnes() {
        let samples = samples(of: .logNormal(median: .milliseconds(40), sigma: 0.7))
        // Of the standard normal distribution.
        let deviates = [
            (0.001, -3.090232306167813), (0.01, -2.3263478740408408), (0.1, -1.2815515655446004),
            (0.25, -0.6744897501960817), (0.5, 0), (0.75, 0.6744897501960817), (0.9, 1.2815515655446004),
            (0.99, 2.3263478740408408), (0.999, 3.090232306167813), (0.9999, 3.719016485455709),
        ]
        expectQuantiles(samples, deviates.map { ($0, 4e7 * exp(0.7 * $1)) })
    }

    @Test func paretoQuantilesArePowersOfTheTail() {
        for shape in [0.9, 1.5, 3] {
            let samples = samples(of: .pareto(minimum: .microseconds(200), shape: shape))
            expectQuantiles(samples, Self.shares.map { ($0, 2e5 * pow(1 - $0, -1 / shape)) })
            #expect(samples.first! >= 200_000)
        }
    }

    @Test func mixturesKeepTheirWeightsAndNest() {
        let samples = samples(
            of: .mixture([
                LatencyShare(weight: 6, .constant(.milliseconds(1))),
                LatencyShare(
                    weight: 3,
                    .mixture([
                        LatencyShare(weight: 1, .constant(.milliseconds(2))),
                        LatencyShare(weight: 0, .constant(.milliseconds(3))),
                        LatencyShare(weight: 2, .constant(.milliseconds(4))),
                    ])),
                LatencyShare(weight: 1, .uniform(.milliseconds(10)...(.milliseconds(20)))),
            ]))
        let count = Double(samples.count)
        for (nanoseconds, weight) in [(1_000_000, 0.6), (2_000_000, 0.1), (3_000_000, 0), (4_000_000, 0.2)] {
            let found = Double(samples.count { $0 == nanoseconds }) / count
            #expect(abs(found - weight) <= 5 * (weight * (1 - weight) / count).squareRoot(), "\(nanoseconds)")
        }
        let slow = samples.filter { $0 > 4_000_000 }
        expectQuantiles(slow, [0.1, 0.5, 0.9].map { ($0, 1e7 + 1e7 * $0) })
        #expect(slow.allSatisfy { $0 >= 10_000_000 && $0 <= 20_000_000 })
    }

    @Test func noSampleIsLongerThanTheLimit() {
        let samples = samples(of: .pareto(minimum: .seconds(60), shape: 0.1))
        #expect(samples.last == NetworkLimits.longestLatency.nanoseconds)
    }

    @Test func aSeedGivesTheSameSamples() {
        func samples(seed: UInt64) -> [Int64] {
            let sampler = LatencySampler(.logNormal(median: .milliseconds(1), sigma: 1))
            var random = RandomGenerator(seed: seed)
            return (0..<1000).map { _ in sampler.sample(using: &random) }
        }
        #expect(samples(seed: 3) == samples(seed: 3))
        #expect(samples(seed: 3) != samples(seed: 4))
    }
}
