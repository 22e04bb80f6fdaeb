import NIOCore
import StatorCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The process's clocks. About 40 ns for both.
enum SystemClock {
    static func now() -> Now {
        Now(monotonic: monotonic(), wall: wall())
    }

    static func monotonic() -> Instant {
        Instant(nanoseconds: Int64(clamping: NIODeadline.now().uptimeNanoseconds))
    }

    static func wall() -> WallTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    static var wallSeconds: UInt64 { UInt64(clamping: wall().microseconds / 1_000_000) }

    static var processID: Int32 { getpid() }
}

extension Duration {
    /// For NIO's timers; negative durations count as none.
    var timeAmount: TimeAmount { .nanoseconds(max(nanoseconds, 0)) }
}
