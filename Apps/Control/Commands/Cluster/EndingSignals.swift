import UnixSignals

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The signals that end a supervisor, and its nodes with it, in order.
enum EndingSignals {
    /// Lets SIGUSR1 and SIGUSR2 do nothing, whose default would leave the nodes to be killed.
    /// - Returns: SIGINT, SIGTERM, and SIGHUP unless it was ignored when the program was started, as `nohup` has it.
    static func prepare() -> [UnixSignal] {
        signal(SIGUSR1, SIG_IGN)
        signal(SIGUSR2, SIG_IGN)
        let hangup = signal(SIGHUP, SIG_IGN)
        signal(SIGHUP, hangup)
        let isIgnored = unsafeBitCast(hangup, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
        return [.sigint, .sigterm] + (isIgnored ? [] : [.sighup])
    }
}
