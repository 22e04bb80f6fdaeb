internal import StatorCore

/// What a replay assumes where a history does not say.
package struct ReplayOptions: Hashable, Sendable {
    /// What a write without a context had seen: what its coordinator held.
    package enum HeldPast: String, Hashable, Sendable, CaseIterable {
        /// What the history recorded; where it recorded nothing, as ``acknowledged``.
        case recorded
        /// Everything that was acknowledged before the write began, also where the history recorded that it saw
        /// nothing: for histories of last-writer-wins clusters, whose coordinators never look before they write.
        case acknowledged
    }

    /// The largest clock offset, ten years: sums of times stay far from the ends of 64 bits.
    package static let maximumClockOffset = Duration.seconds(10 * 365 * 86_400)

    /// How far each node's wall clock is off at most, either way; what all clocks are off by is drawn from ``seed``,
    /// so that a larger maximum stretches the same pattern.
    package var clockOffsetMaximum: Duration
    package var seed: UInt64
    /// Examples kept of each category.
    package var maximumExamples: Int
    package var heldPast: HeldPast

    /// - Precondition: the offset is within zero and ``maximumClockOffset``, `maximumExamples` is not negative.
    package init(
        clockOffsetMaximum: Duration = .zero, seed: UInt64 = 1, maximumExamples: Int = 3,
        heldPast: HeldPast = .recorded
    ) {
        precondition(
            clockOffsetMaximum >= .zero && clockOffsetMaximum <= ReplayOptions.maximumClockOffset,
            "a clock is off by 0 ... 10 years, not by \(clockOffsetMaximum)")
        precondition(maximumExamples >= 0, "a number of examples is not negative")
        self.clockOffsetMaximum = clockOffsetMaximum
        self.seed = seed
        self.maximumExamples = maximumExamples
        self.heldPast = heldPast
    }
}

/// The bounds of a replay's own work; what resolvers accept is theirs.
enum ReplayLimits {
    /// Events that a write of unknown past is taken to have seen directly: the latest acknowledged ones.
    static let assumedEvents = 1024
    /// Events that started after one whose past was derived, and are looked at for being in it.
    static let laterStarts = 4096
    /// A recorded list of seen events up to this length is taken as it is; a longer one is searched from the newest.
    static let shortList = 32
}
