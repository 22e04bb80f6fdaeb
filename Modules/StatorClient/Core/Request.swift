import NIOCore

/// An operation as a caller asks for it.
struct Request: Sendable {
    let command: Command
    /// When the caller began; the time that it takes to get to the event loop counts.
    let start: NIODeadline
    let timeout: TimeAmount
    /// Whether nodes are told how long they may try, as the caller named a time.
    let tellsTimeout: Bool
    /// Whether it may be sent again where the first may have been done.
    let repeatsUnknown: Bool

    init(
        _ command: Command, timeout: TimeAmount, start: NIODeadline = .now(), tellsTimeout: Bool = false,
        repeatsUnknown: Bool = false
    ) {
        self.command = command
        self.start = start
        self.timeout = timeout
        self.tellsTimeout = tellsTimeout
        self.repeatsUnknown = repeatsUnknown
    }
}
