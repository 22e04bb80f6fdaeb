internal import Histogram

/// Counts of latencies by size: a High Dynamic Range histogram (Gil Tene) of nanoseconds, from 512 ns, the power of two
/// that 1 us becomes, to one hour, with three significant digits: every value is known to 0.1 % or 512 ns. 192 KiB.
///
/// A value is counted under its range, and all answers are the upper ends of ranges, as other HdrHistogram tools have
/// it. Histograms are equal exactly when their counts are, and so are their texts.
package struct LatencyHistogram: Sendable, Equatable {
    static let lowestNanoseconds: UInt64 = 1000
    /// One hour.
    static let highestNanoseconds: UInt64 = 3_600_000_000_000
    /// The most that a text may hold and a call record: thousands of such histograms can be merged, and be averaged.
    static let maximumCount = 1 << 48

    private var histogram = Histogram<UInt64>(
        lowestDiscernibleValue: lowestNanoseconds, highestTrackableValue: highestNanoseconds,
        numberOfSignificantValueDigits: .three)

    package init() {}

    /// - Parameters:
    ///   - nanoseconds: below 0 counts as 0, over an hour as an hour and as ``clipped``.
    ///   - count: how often, at least 0.
    /// - Complexity: O(1).
    package mutating func record(_ nanoseconds: Int64, count: Int = 1) {
        precondition((0...Self.maximumCount).contains(count), "a number of times")
        guard count > 0 else { return }
        let value = min(UInt64(max(nanoseconds, 0)), Self.highestNanoseconds)
        // The end of its range, so that the extremes are as if they came from a text.
        let isRecorded = histogram.record(histogram.highestEquivalentForValue(value), count: UInt64(count))
        precondition(isRecorded, "the histogram reaches to its highest value")
    }

    /// Adds the counts of another histogram: as if all had been recorded here. O(ranges).
    package mutating func merge(_ other: LatencyHistogram) {
        histogram.add(other.histogram)
    }

    package var count: Int { Int(clamping: histogram.totalCount) }

    /// How many values were an hour, to three digits, or longer: what the histogram does not tell apart.
    package var clipped: Int { Int(clamping: histogram.countForValue(Self.highestNanoseconds)) }

    /// The least latency that at least `percent` of 100 do not exceed, in milliseconds; `nil` where nothing was
    /// recorded.
    ///
    /// - Parameter percent: in 0 ... 100; of 0 the least latency, of 100 the longest.
    /// - Complexity: O(ranges).
    package func percentile(_ percent: Double) -> Double? {
        precondition((0...100).contains(percent), "a percentile is in 0 ... 100")
        guard count > 0 else { return nil }
        // Of 0 itself the package has an answer that is no upper end.
        return Self.milliseconds(histogram.valueAtPercentile(max(percent, .leastNonzeroMagnitude)))
    }

    /// Of the middles of the ranges; `nil` where nothing was recorded.
    package var meanMilliseconds: Double? {
        guard count > 0 else { return nil }
        let total = recorded.reduce(0) { sum, range in
            sum + Double(histogram.medianEquivalentForValue(range.nanoseconds)) * Double(range.count)
        }
        return total / Double(count) / 1e6
    }

    package var maximumMilliseconds: Double? { count > 0 ? Self.milliseconds(histogram.maxRecorded) : nil }

    /// The ranges that values fell into, in increasing order: each one's upper end, and how many.
    ///
    /// Range by range and not by the package's iterators: these trap where all latencies together exceed 2^64
    /// nanoseconds, which an overloaded open loop of many can reach.
    package var recorded: [(nanoseconds: UInt64, count: UInt64)] {
        guard count > 0 else { return [] }
        return (0...HistogramLayout.index(of: histogram.maxRecorded)).compactMap { index in
            let nanoseconds = HistogramLayout.nanoseconds(at: index)
            let count = histogram.countForValue(nanoseconds)
            return count > 0 ? (histogram.highestEquivalentForValue(nanoseconds), count) : nil
        }
    }

    package static func == (left: LatencyHistogram, right: LatencyHistogram) -> Bool {
        left.histogram == right.histogram
    }

    private static func milliseconds(_ nanoseconds: UInt64) -> Double { Double(nanoseconds) / 1e6 }
}
