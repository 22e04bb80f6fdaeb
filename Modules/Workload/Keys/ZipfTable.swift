internal import StatorCore

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Zipf's law over the ranks 0 ..< count: rank r is drawn in proportion to 1 / (r + 1)^theta. Any theta >= 0.
///
/// Exact to rounding: the inverse of the cumulative weights. 8 bytes a rank, shared by copies; building takes a `pow` a
/// rank, about half a second for ten million. A draw takes one fraction and O(log count).
///
/// The powers are libm's, whose last bit may differ between platforms: a draw then differs once in about 10^15.
struct ZipfTable: Sendable {
    let theta: Double
    /// How likely this rank or a lower one is, times a constant.
    private let cumulative: [Double]

    init(count: Int, theta: Double) {
        precondition(count > 0 && theta >= 0, "a law over at least one rank, falling")
        self.theta = theta
        var sum = 0.0
        cumulative = [Double](unsafeUninitializedCapacity: count) { table, initialized in
            for rank in 0..<count {
                sum += pow(Double(rank + 1), -theta)
                table.initializeElement(at: rank, to: sum)
            }
            initialized = count
        }
    }

    func draw(_ random: inout RandomGenerator) -> Int {
        rank(at: random.fraction() * total)
    }

    /// A draw from the law over `grown` more ranks than the table has, exact too: rejection-inversion beyond the table
    /// (Hörmann and Derflinger, "Rejection-inversion to generate variates from monotone discrete distributions", ACM
    /// TOMACS 6(3), 1996). One fraction, and another one where it rejects, which of the draws beyond the table are
    /// about theta (theta + 1) in 24 count^2 at most: next to none.
    func draw(_ random: inout RandomGenerator, grown: Int) -> Int {
        guard grown > 0 else { return draw(&random) }
        let count = cumulative.count
        let start = integral(Double(count) + 0.5)
        let end = integral(Double(count + grown) + 0.5)
        while true {
            let drawn = random.fraction() * (total + (end - start))
            if drawn < total { return rank(at: drawn) }
            let area = start + (drawn - total)
            let place = min(max(inverseIntegral(area), Double(count + 1)), Double(count + grown)).rounded()
            // The cell around a place is larger than the place's weight, since the weights are convex: only the
            // weight's share of the cell, its end, is accepted.
            if area >= integral(place + 0.5) - pow(place, -theta) { return Int(place) - 1 }
        }
    }

    private var total: Double { cumulative[cumulative.count - 1] }

    private func rank(at drawn: Double) -> Int {
        var low = 0
        var high = cumulative.count - 1
        while low < high {
            let middle = (low + high) / 2
            if cumulative[middle] <= drawn { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The integral of x^-theta from 1 on; by `expm1` as theta may be close to 1.
    private func integral(_ end: Double) -> Double {
        theta == 1 ? log(end) : expm1((1 - theta) * log(end)) / (1 - theta)
    }

    private func inverseIntegral(_ area: Double) -> Double {
        theta == 1 ? exp(area) : exp(log1p(max((1 - theta) * area, -1)) / (1 - theta))
    }
}
