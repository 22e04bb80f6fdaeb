package import StatorCore

/// A node's two clocks over virtual time: the wall clock may be off, drift and step; the monotonic one only drifts.
package struct SimulatedClock: Sendable, Hashable {
    /// What the wall clock shows when virtual time begins: November 2023.
    static let origin: Int64 = 1_700_000_000_000_000

    /// How far the wall clock is off, in microseconds; a step changes it at once, also backwards.
    package var wallOffset: Int64 = 0
    /// How much faster than true time both clocks run, in parts per million; within +-100,000.
    package private(set) var drift = 0
    /// Where the present drift began, in true and in shown nanoseconds.
    private var driftBegan: Int64 = 0
    private var shownThen: Int64 = 0

    package init() {}

    /// From `time` on the clocks run at another rate; what they show stays continuous.
    package mutating func setDrift(_ partsPerMillion: Int, at time: Instant) {
        precondition(abs(partsPerMillion) <= 100_000, "a drift of more than a tenth is no clock")
        shownThen = shown(at: time.nanoseconds)
        driftBegan = time.nanoseconds
        drift = partsPerMillion
    }

    private func shown(at time: Int64) -> Int64 {
        let elapsed = time - driftBegan
        guard drift != 0 else { return shownThen + elapsed }
        return shownThen + elapsed + elapsed / 1_000_000 * Int64(drift)
    }

    func now(at time: Instant) -> Now {
        let shown = shown(at: time.nanoseconds)
        return Now(
            monotonic: Instant(nanoseconds: shown),
            wall: WallTime(microseconds: SimulatedClock.origin + shown / 1000 + wallOffset))
    }

    /// How long a span that this clock measures takes in true time.
    func trueDuration(of span: Int64) -> Int64 {
        drift == 0 ? span : span - span / (1_000_000 + Int64(drift)) * Int64(drift)
    }
}
