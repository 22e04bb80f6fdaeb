/// A point on a node's monotonic clock, in nanoseconds since an arbitrary origin. Timers and time-outs use it.
public struct Instant: Hashable, Comparable, Sendable {
    public let nanoseconds: Int64

    @inlinable
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    @inlinable
    public func advanced(by duration: Duration) -> Instant {
        Instant(nanoseconds: nanoseconds + duration.nanoseconds)
    }

    /// The time from `earlier` to this instant; negative where `earlier` is later.
    @inlinable
    public func elapsed(since earlier: Instant) -> Duration {
        Duration(nanoseconds: nanoseconds - earlier.nanoseconds)
    }

    @inlinable
    public static func < (left: Instant, right: Instant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}

/// A point on a node's wall clock, in microseconds since 1970-01-01T00:00:00Z. It may step, also backwards.
///
/// Only conflict resolvers and expiry read it.
public struct WallTime: Hashable, Comparable, Sendable {
    public let microseconds: Int64

    @inlinable
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    public func advanced(by duration: Duration) -> WallTime {
        WallTime(microseconds: microseconds + duration.nanoseconds / 1000)
    }

    public static func < (left: WallTime, right: WallTime) -> Bool {
        left.microseconds < right.microseconds
    }
}

/// What a driver hands to a machine with every event: the two clocks, read once.
public struct Now: Sendable, Equatable {
    public let monotonic: Instant
    public let wall: WallTime

    @inlinable
    public init(monotonic: Instant, wall: WallTime) {
        self.monotonic = monotonic
        self.wall = wall
    }
}

extension Duration {
    /// As `nanoseconds(_:)` of the standard library, which goes the long way through 128 bits.
    @inlinable
    public init(nanoseconds: Int64) {
        self.init(attoseconds: Int128(nanoseconds) * 1_000_000_000)
    }

    /// The whole nanoseconds, saturating at the ends of `Int64` (292 years).
    @inlinable
    public var nanoseconds: Int64 {
        // Up to nine seconds fit 64 bits, where a division is cheap.
        if let short = Int64(exactly: attoseconds) { return short / 1_000_000_000 }
        return Int64(clamping: attoseconds / 1_000_000_000)
    }

    /// The time in milliseconds, for reports.
    public var milliseconds: Double {
        Double(nanoseconds) / 1_000_000
    }
}
