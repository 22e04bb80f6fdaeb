internal import NIOCore

/// The one clock of a load and its history: nanoseconds since it was made, on the clock by which its event loop keeps
/// time.
struct LoadClock: Sendable {
    private let eventLoop: any EventLoop
    private let origin: NIODeadline

    init(of eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        origin = eventLoop.now
    }

    var now: Int64 { (eventLoop.now - origin).nanoseconds }

    func deadline(_ time: Int64) -> NIODeadline { origin + .nanoseconds(time) }
}
