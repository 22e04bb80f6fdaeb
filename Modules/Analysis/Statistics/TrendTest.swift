#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The test of Mann and Kendall for a trend that goes one way: does a series rise or fall?
///
/// Counts the pairs of points of which the later one is above, less those of which it is below: Mann, "Nonparametric
/// tests against trend" (Econometrica 13(3), 1945); Kendall, "Rank Correlation Methods" (4th edition, 1970), chapters
/// 4 and 5. Answers whether a measured span had become stationary: a small p-value says that it had not. A great one
/// proves nothing of short series; ``tau`` says how strong the trend looks.
///
/// The p-value is exact where no two points are equal and there are at most ``exactPoints``; else it is the normal
/// approximation with the correction for continuity and the variance corrected for ties. It supposes points that are
/// independent but for the trend: where neighbours resemble one another, trends are found too often (Hamed & Rao, "A
/// modified Mann-Kendall trend test for autocorrelated data", Journal of Hydrology 204, 1998), so slices should be
/// long against whatever makes the figures swing.
package struct TrendTest: Hashable, Sendable {
    package static let fewestPoints = 5
    package static let exactPoints = 100

    /// Kendall's tau-b, in -1 ... 1: positive where the series rises; 0 where all points are equal.
    package let tau: Double
    /// Two-sided: how probable such a tau, or one further from 0, is without a trend.
    package let pValue: Double

    /// O(n^2); the exact p-value O(n^3).
    ///
    /// - Parameter series: in the order of time, evenly spaced or not; finite; at least ``fewestPoints``.
    package init(_ series: [Double]) {
        precondition(series.count >= Self.fewestPoints, "fewer than \(Self.fewestPoints) points show no trend")
        precondition(series.allSatisfy(\.isFinite), "a series is finite")
        let balance = Self.balance(series)
        let ties = Self.ties(series.sorted())
        let pairs = Self.pairs(series.count)
        let untied = pairs - ties.reduce(0) { $0 + Self.pairs($1) }
        if untied == 0 {
            (tau, pValue) = (0, 1)
        } else {
            tau = Double(balance) / (Double(untied) * Double(pairs)).squareRoot()
            pValue =
                ties.isEmpty && series.count <= Self.exactPoints
                ? Self.exact(balance, series.count) : Self.approximate(balance, series.count, ties)
        }
    }

    private static func pairs(_ count: Int) -> Int { count * (count - 1) / 2 }

    /// Kendall's S.
    private static func balance(_ series: [Double]) -> Int {
        var balance = 0
        for (place, later) in series.enumerated() {
            for earlier in series[..<place] { balance += later > earlier ? 1 : later < earlier ? -1 : 0 }
        }
        return balance
    }

    /// How many points each group of equal ones has.
    private static func ties(_ sorted: [Double]) -> [Int] {
        var ties: [Int] = []
        var first = 0
        for place in 1...sorted.count where place == sorted.count || sorted[place] != sorted[first] {
            if place - first > 1 { ties.append(place - first) }
            first = place
        }
        return ties
    }

    /// From the probabilities of all numbers of falling pairs of a random order: the k-th point falls below 0 ... k -
    /// 1 of those before it, each as probable, whatever their order is.
    private static func exact(_ balance: Int, _ count: Int) -> Double {
        let pairs = pairs(count)
        var shares = [1.0]
        for points in 2...count {
            var next = [Double](repeating: 0, count: Self.pairs(points) + 1)
            for (falling, share) in shares.enumerated() {
                for more in 0..<points { next[falling + more] += share / Double(points) }
            }
            shares = next
        }
        // The distribution is symmetric: both tails are twice the one with few falling pairs.
        let fewest = (pairs - abs(balance)) / 2
        return min(1, 2 * shares[...fewest].reduce(0, +))
    }

    private static func approximate(_ balance: Int, _ count: Int, _ ties: [Int]) -> Double {
        func term(_ count: Int) -> Double { Double(count) * Double(count - 1) * Double(2 * count + 5) }
        let variance = (term(count) - ties.reduce(0) { $0 + term($1) }) / 18
        let corrected = Double(max(0, abs(balance) - 1))
        return erfc(corrected / (2 * variance).squareRoot())
    }
}
