import StatorCore

@testable import Workload

/// Tests of whether draws follow a law. The seeds are fixed: what passes always passes.
enum GoodnessOfFit {
    /// Pearson's statistic of counts against expected shares, less its mean, in standard deviations: over 4 is less
    /// likely than one in a thousand. Shares that expect under ten draws are taken together.
    static func excess(_ counts: [Int], shares: [Double]) -> Double {
        let draws = Double(counts.reduce(0, +))
        let total = shares.reduce(0, +)
        var statistic = 0.0
        var cells = 0
        var count = 0.0
        var expected = 0.0
        for (index, share) in shares.enumerated() {
            count += Double(counts[index])
            expected += share / total * draws
            guard expected >= 10 || index == shares.count - 1 else { continue }
            if expected > 0 { statistic += (count - expected) * (count - expected) / expected }
            cells += 1
            count = 0
            expected = 0
        }
        let freedom = Double(cells - 1)
        return (statistic - freedom) / (2 * freedom).squareRoot()
    }

    /// Kolmogorov and Smirnov's distance times the root of the number of draws: over 1.95 is less likely than one in a
    /// thousand (Kolmogorov's distribution).
    static func distance(_ draws: [Double], from distribution: (Double) -> Double) -> Double {
        let sorted = draws.sorted()
        let count = Double(sorted.count)
        var largest = 0.0
        for (index, value) in sorted.enumerated() {
            let expected = distribution(value)
            largest = max(largest, expected - Double(index) / count, Double(index + 1) / count - expected)
        }
        return largest * count.squareRoot()
    }
}

func tally(_ count: Int, draws: Int, _ draw: () -> Int) -> [Int] {
    var counts = [Int](repeating: 0, count: count)
    for _ in 0..<draws { counts[draw()] += 1 }
    return counts
}

func settings(_ change: (inout WorkloadSettings) -> Void) -> WorkloadSettings {
    var settings = WorkloadSettings()
    change(&settings)
    return settings
}
