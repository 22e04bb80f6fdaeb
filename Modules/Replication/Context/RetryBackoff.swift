internal import StatorCore

/// When something that has failed is tried again: after a while that doubles with each failure in a row, up to a bound,
/// and is jittered, so that what failed together is not tried together.
struct RetryBackoff {
    /// When it is tried again, if it has failed.
    private(set) var until: Instant?
    private var failures = 0

    /// Whether it has failed, and has not succeeded since.
    var hasFailed: Bool { failures > 0 }

    /// Whether it is left alone now.
    func isWaiting(at now: Instant) -> Bool { until.map { now < $0 } ?? false }

    /// A failure while it waits is of something that was begun before: it does not count.
    mutating func fail(at now: Instant, _ random: inout RandomGenerator) {
        guard !isWaiting(at: now) else { return }
        var pause = ReplicationLimits.firstRetry
        for _ in 0..<failures where pause < ReplicationLimits.lastRetry { pause = pause * 2 }
        failures += 1
        until = now.advanced(by: random.jittered(min(pause, ReplicationLimits.lastRetry), spread: 0.25))
    }

    mutating func succeed() {
        until = nil
        failures = 0
    }
}
