import StatorCore

/// The latest intervals between heartbeats of one member: the sampling window of the phi accrual paper (section IV.B).
///
/// Kept in whole milliseconds, with running sums, so that mean and variance are exact and cost O(1). At most
/// `capacity` samples of 4 bytes.
struct ArrivalWindow {
    /// Longer intervals count as this long: an hour, in milliseconds. A thousand of their squares fit 64 bits.
    static let longestInterval = 3_600_000

    private let capacity: Int
    private var samples: [UInt32] = []
    private var oldest = 0
    private var sum: UInt64 = 0
    private var sumOfSquares: UInt64 = 0

    /// A window that starts with two made-up samples around an estimate, mean `estimate` and deviation a quarter of it:
    /// real ones push them out.
    /// - Precondition: `capacity` is 2 to 1,000.
    init(capacity: Int, estimate: Duration) {
        precondition((2...1000).contains(capacity), "a window of \(capacity) samples")
        self.capacity = capacity
        let quarter = Duration.nanoseconds(estimate.nanoseconds / 4)
        record(estimate - quarter)
        record(estimate + quarter)
    }

    mutating func record(_ interval: Duration) {
        let milliseconds = (interval.nanoseconds / 1000 + 500) / 1000
        let sample = UInt32(clamping: min(max(milliseconds, 0), Int64(ArrivalWindow.longestInterval)))
        if samples.count < capacity {
            samples.append(sample)
        } else {
            forget(samples[oldest])
            samples[oldest] = sample
            oldest = (oldest + 1) % capacity
        }
        sum += UInt64(sample)
        sumOfSquares += UInt64(sample) * UInt64(sample)
    }

    private mutating func forget(_ sample: UInt32) {
        sum -= UInt64(sample)
        sumOfSquares -= UInt64(sample) * UInt64(sample)
    }

    var count: Int { samples.count }

    /// In milliseconds.
    var mean: Double { Double(sum) / Double(samples.count) }

    /// The population's standard deviation, in milliseconds.
    var deviation: Double {
        let count = UInt64(samples.count)
        let numerator = count * sumOfSquares - sum * sum
        return Double(numerator).squareRoot() / Double(count)
    }
}
