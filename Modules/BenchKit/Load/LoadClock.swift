internal import NIOCore

/// The one clock of a load and its history: nanoseconds since it was made, on the clock by which event loops keep time.
struct LoadClock: Sendable {
    private let origin = NIODeadline.now()

    var now: Int64 { (NIODeadline.now() - origin).nanoseconds }

    func deadline(_ time: Int64) -> NIODeadline { origin + .nanoseconds(time) }
}
