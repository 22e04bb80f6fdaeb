#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Figures that describe one sample.
package enum Sample {
    /// What a figure may be at most, in either direction: sums and differences of figures stay finite.
    package static let greatestMagnitude = 1e100

    /// Whether the tests take a number: neither infinite nor NaN, and no more than ``greatestMagnitude`` from 0.
    package static func isFigure(_ value: Double) -> Bool { value.magnitude <= greatestMagnitude }

    /// The arithmetic mean. O(n).
    ///
    /// - Precondition: there is a value.
    package static func mean(_ values: [Double]) -> Double {
        precondition(!values.isEmpty, "an empty sample has no mean")
        return values.reduce(0, +) / Double(values.count)
    }

    /// The value in the middle, or the mean of the two there. O(n log n).
    ///
    /// - Precondition: there is a value.
    package static func median(_ values: [Double]) -> Double { quantile(values, 0.5) }

    /// A quantile by linear interpolation between the order statistics around it: type 7 of Hyndman & Fan, "Sample
    /// quantiles in statistical packages" (The American Statistician 50(4), 1996), which R and NumPy use too. O(n log
    /// n).
    ///
    /// - Parameter share: of the sample that lies below, in 0 ... 1.
    /// - Precondition: there is a value, and none is NaN.
    package static func quantile(_ values: [Double], _ share: Double) -> Double {
        quantile(sorted: values.sorted(), share)
    }

    /// The same of values in ascending order. O(1).
    package static func quantile(sorted values: [Double], _ share: Double) -> Double {
        precondition(!values.isEmpty, "an empty sample has no quantiles")
        precondition((0...1).contains(share), "a quantile is at a share of 0 to 1")
        let place = share * Double(values.count - 1)
        let below = Int(place)
        let above = min(below + 1, values.count - 1)
        // Equal neighbours need no interpolation, which would be NaN between infinite ones.
        if values[below] == values[above] { return values[below] }
        return values[below] + (place - Double(below)) * (values[above] - values[below])
    }

    /// The mean of ratios and rates: the exponential of the mean logarithm. O(n).
    ///
    /// - Precondition: there is a value, and all are positive.
    package static func geometricMean(_ values: [Double]) -> Double {
        precondition(values.allSatisfy { $0 > 0 }, "only positive values have a geometric mean")
        return exp(mean(values.map { log($0) }))
    }
}
