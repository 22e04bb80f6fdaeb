package import StatorCore

/// When the operations of an open loop are meant to start, one after the other. O(1) a time, 56 bytes.
///
/// Latency counts from these times, not from when an operation could be sent at last: else what waits behind a stall
/// would not be counted (coordinated omission).
package struct Arrivals: Sendable {
    /// Over which start times stay: 146 years.
    private static let latest = 0x1p62

    private let process: WorkloadSettings.ArrivalProcess
    /// Nanoseconds between two operations on average.
    private let gap: Double
    private var random: RandomGenerator
    /// Of `fixed` how many gaps have passed, of `poisson` how many nanoseconds.
    private var elapsed: Double

    /// - Parameters:
    ///   - settings: of which `arrivals` counts, and `operationsPerSecond` unless a rate is given.
    ///   - random: draws the gaps; `fixed` draws none.
    ///   - rate: operations a second, over 0 and at most 10^9: the share of one of several senders.
    ///   - phase: in 0 ..< 1, when a `fixed` sequence starts, in gaps: several senders of one rate take turns so.
    package init(
        _ settings: WorkloadSettings, random: RandomGenerator, rate: Double? = nil, phase: Double = 0
    ) {
        let rate = rate ?? settings.operationsPerSecond
        precondition(rate > 0 && rate <= 1e9, "a rate that gaps of nanoseconds can make")
        precondition(phase >= 0 && phase < 1, "a part of a gap")
        process = settings.arrivals
        gap = 1e9 / rate
        self.random = random
        elapsed = process == .fixed ? phase : 0
    }

    /// The next start time in nanoseconds since the start. `fixed` begins at once and has equal gaps to the nanosecond;
    /// `poisson` begins after a gap, its gaps are independent and exponential, and two may be the same nanosecond.
    package mutating func next() -> Int64 {
        switch process {
        case .fixed:
            defer { elapsed += 1 }
            return Int64(min(elapsed * gap, Arrivals.latest))
        case .poisson:
            elapsed += random.exponential() * gap
            return Int64(min(elapsed, Arrivals.latest))
        }
    }
}
