import NIOCore

/// Pauses that double with each failure up to a cap, drawn at random so that clients do not come back together.
struct Backoff {
    let first: TimeAmount
    let cap: TimeAmount
    /// What is never drawn away, 0 ... 1.
    let leastShare: Double

    /// - Parameter failures: in a row, 1 or more.
    func pause(after failures: Int, using generator: inout some RandomNumberGenerator) -> TimeAmount {
        let doublings = max(0, min(failures - 1, 30))
        let (product, overflows) = first.nanoseconds.multipliedReportingOverflow(by: 1 << Int64(doublings))
        let most = overflows ? cap.nanoseconds : min(product, cap.nanoseconds)
        let least = Int64(Double(most) * leastShare)
        return .nanoseconds(Int64.random(in: min(least, most)...most, using: &generator))
    }
}
