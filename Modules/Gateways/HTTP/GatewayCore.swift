import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix
import Replication
import StatorCore

/// What all connections of one gateway share, whatever loop they are on.
final class GatewayCore: Sendable {
    let port: any NodePort
    let settings: HTTPSettings
    let router: HTTPRouter
    let logger: Logger
    /// Pages are made here: a ring of many thousand partitions must not hold up a loop.
    let pageThread = NIOThreadPool(numberOfThreads: 1)
    let started = NIODeadline.now()
    let live = LiveFeed()
    private let loopsBox = NIOLockedValueBox<[NIOLoopBound<GatewayLoop>]>([])
    private let tally = NIOLockedValueBox(Tally())

    private struct Tally {
        var connections = 0
        var pages = 0
    }

    init(port: any NodePort, settings: HTTPSettings, logger: Logger) {
        self.port = port
        self.settings = settings
        self.logger = logger
        router = HTTPRouter(port: port, settings: settings)
    }

    var loops: [NIOLoopBound<GatewayLoop>] {
        get { loopsBox.withLockedValue { $0 } }
        set { loopsBox.withLockedValue { $0 = newValue } }
    }

    // MARK: Admission

    enum Admission {
        case served
        /// Answered with 503 and closed.
        case refused
        /// Closed at once: even refusing has a bound.
        case dropped
    }

    func admitConnection() -> Admission {
        let count = tally.withLockedValue { tally in
            tally.connections += 1
            return tally.connections
        }
        if count <= settings.maximumConnections { return .served }
        return count <= settings.maximumConnections + 256 ? .refused : .dropped
    }

    func connectionEnded() {
        tally.withLockedValue { $0.connections -= 1 }
    }

    var connections: Int { tally.withLockedValue { $0.connections } }

    func admitPage() -> Bool {
        tally.withLockedValue { tally in
            guard tally.pages < HTTPLimits.maximumPagesInFlight else { return false }
            tally.pages += 1
            return true
        }
    }

    private func pageEnded() {
        tally.withLockedValue { $0.pages -= 1 }
    }

    // MARK: Pages

    /// Makes a page of what the node shows now; the answer comes on any thread, once.
    func makePage(_ page: Page, answer: @escaping @Sendable (HTTPReply) -> Void) {
        guard admitPage() else {
            return answer(HTTPReply(.overloaded("too many pages are being made at once")))
        }
        let finish: @Sendable (HTTPReply) -> Void = { [self] reply in
            pageEnded()
            answer(reply)
        }
        port.inspect { [self] inspection in
            guard page.needsTraffic else { return render(page, inspection, GatewayTraffic(), finish) }
            collectTraffic { [self] traffic in render(page, inspection, traffic, finish) }
        }
    }

    private func render(
        _ page: Page, _ inspection: NodeInspection, _ traffic: GatewayTraffic,
        _ finish: @escaping @Sendable (HTTPReply) -> Void
    ) {
        let (version, live) = (settings.version, live)
        pageThread.submit { state in
            guard state == .active else {
                return finish(HTTPReply(HTTPFailure(.serviceUnavailable, "unavailable", "the node is stopping")))
            }
            finish(
                page.reply(
                    PageSource(
                        inspection: inspection, traffic: traffic, version: version, live: live.live, time: .system)))
        }
    }

    /// Gathers what every loop has counted, one loop after the other.
    private func collectTraffic(_ done: @escaping @Sendable (GatewayTraffic) -> Void) {
        collectTraffic(from: loops[...], GatewayTraffic(), done)
    }

    private func collectTraffic(
        from loops: ArraySlice<NIOLoopBound<GatewayLoop>>, _ traffic: GatewayTraffic,
        _ done: @escaping @Sendable (GatewayTraffic) -> Void
    ) {
        guard let loop = loops.first else {
            var whole = traffic
            whole.connections = connections
            whole.uptime = .nanoseconds((NIODeadline.now() - started).nanoseconds)
            return done(whole)
        }
        loop.eventLoop.execute { [self] in
            var sum = traffic
            sum.add(loop.value.traffic)
            collectTraffic(from: loops.dropFirst(), sum, done)
        }
    }
}
