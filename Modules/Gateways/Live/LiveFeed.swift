import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Replication
import StatorCore

/// Looks at the node once a second, whoever watches: the story goes on, and those who listen get what is new.
final class LiveFeed: Sendable {
    private let box = NIOLockedValueBox(State())

    private struct State {
        var live = LiveState(started: .system)
        var isLooking = false
        var lastLook = NIODeadline.now()
        /// Events before it have gone to all who listen.
        var sent = 1
        var streams = 0
    }

    var live: LiveState { box.withLockedValue { $0.live } }

    // MARK: Who listens

    /// - Returns: whether one more may listen.
    func admitStream() -> Bool {
        box.withLockedValue { state in
            guard state.streams < HTTPLimits.maximumStreams else { return false }
            state.streams += 1
            return true
        }
    }

    func streamEnded() {
        box.withLockedValue { $0.streams -= 1 }
    }

    // MARK: Looking

    /// - Returns: whether no look is under way, so that one may begin.
    func beginLook() -> Bool {
        box.withLockedValue { state in
            guard !state.isLooking else { return false }
            state.isLooking = true
            return true
        }
    }

    func abandonLook() {
        box.withLockedValue { $0.isLooking = false }
    }

    /// - Returns: since which event the listeners are to be told; `nil` where there are none.
    func endLook(_ inspection: NodeInspection, window: GatewayTraffic, at time: WallTime) -> Int? {
        box.withLockedValue { state in
            let now = NIODeadline.now()
            state.isLooking = false
            state.live.story.observe(inspection, at: time)
            state.live.window = window
            state.live.windowLength = .nanoseconds((now - state.lastLook).nanoseconds)
            state.lastLook = now
            defer { state.sent = state.live.story.end }
            return state.streams > 0 ? state.sent : nil
        }
    }

    func tell(_ kind: StoryEvent.Kind, _ text: String) {
        box.withLockedValue { $0.live.story.tell(kind, .system, text) }
    }

    /// A message of the stream: server-sent events (the HTML standard, section 9.2).
    static func frame(_ page: ByteBuffer) -> ByteBuffer {
        var frame = ByteBufferAllocator().buffer(capacity: page.readableBytes + 8)
        frame.writeStaticString("data: ")
        frame.writeImmutableBuffer(page)
        frame.writeStaticString("\n")
        return frame
    }
}

extension GatewayCore {
    /// Once a second.
    func look() {
        guard live.beginLook() else { return }
        port.inspect { [self] inspection in
            collectWindows(from: loops[...], GatewayTraffic()) { [self] window in
                pageThread.submit { [self] state in
                    guard state == .active else { return live.abandonLook() }
                    let time = WallTime.system
                    guard let since = live.endLook(inspection, window: window, at: time) else { return }
                    let source = PageSource(
                        inspection: inspection, traffic: GatewayTraffic(), version: settings.version, live: live.live,
                        time: time)
                    let frame = LiveFeed.frame(LivePage.reply(source, since: since, origin: nil).body)
                    for loop in loops { loop.eventLoop.execute { loop.value.broadcast(frame) } }
                }
            }
        }
    }

    /// Takes what every loop has counted since the last time, one loop after the other.
    private func collectWindows(
        from loops: ArraySlice<NIOLoopBound<GatewayLoop>>, _ window: GatewayTraffic,
        _ done: @escaping @Sendable (GatewayTraffic) -> Void
    ) {
        guard let loop = loops.first else { return done(window) }
        loop.eventLoop.execute { [self] in
            var sum = window
            sum.add(loop.value.takeWindow())
            collectWindows(from: loops.dropFirst(), sum, done)
        }
    }
}
