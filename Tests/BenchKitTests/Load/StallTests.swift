import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NodeClient
import StatorCore
import Testing
import Workload

@testable import BenchKit

/// A server that pauses: what an open loop shows of it, and what a closed one hides.
@Suite(.serialized) struct StallTests {
    private static let rate = 450.0
    private static let pauseMilliseconds: UInt32 = 200
    private static let requestsBetweenPauses = 500

    private func p99(_ loop: WorkloadSettings.Loop) async throws -> Double {
        let server = try await StallingServer.start(
            every: Self.requestsBetweenPauses, pauseMilliseconds: Self.pauseMilliseconds)
        var workload = WorkloadSettings()
        workload.loop = loop
        workload.arrivals = .fixed
        workload.operationsPerSecond = Self.rate
        workload.clients = loop == .open ? 100 : 4
        (workload.reads, workload.updates, workload.heldWrites) = (100, 0, 0)
        (workload.siblingWrites, workload.deletes) = (0, 0)
        let settings = LoadSettings(
            nodes: [NodeURL(host: "127.0.0.1", port: server.port)], workload: workload, keyPrefix: "stall-",
            span: .seconds(6))
        let tally = await LoadRun(settings).run()
        await server.stop()
        #expect(tally.failed + tally.unknown + tally.neverSent == 0, "\(tally.errors)")
        #expect(tally.offered > 1500)
        return try #require(tally.namedHistograms.first { $0.kind == "read" }?.histogram.percentile(99))
    }

    @Test func anOpenLoopShowsTheStallThatAClosedOneHides() async throws {
        let closed = try await p99(.closed)
        let open = try await p99(.open)
        print("p99 of a server that stalls for 200 ms: closed loop \(closed) ms, open loop \(open) ms")
        #expect(closed < 60, "a closed loop stops asking while the server stalls")
        #expect(open > 120, "an open loop counts what waited")
    }

    @Test func everyRequestIsCountedOnce() async throws {
        let server = try await StallingServer.start(every: 1_000_000, pauseMilliseconds: 0)
        var workload = WorkloadSettings()
        workload.loop = .open
        workload.operationsPerSecond = 400
        workload.clients = 1
        (workload.reads, workload.updates, workload.heldWrites) = (100, 0, 0)
        (workload.siblingWrites, workload.deletes) = (0, 0)
        var settings = LoadSettings(
            nodes: [NodeURL(host: "127.0.0.1", port: server.port)], workload: workload, keyPrefix: "count-",
            span: .seconds(1))
        settings.warmUp = .milliseconds(200)
        let tally = await LoadRun(settings).run()
        await server.stop()
        #expect(tally.offered == tally.succeeded + tally.failed + tally.unknown + tally.neverSent)
        #expect((300...500).contains(tally.offered), "\(tally.offered) of about 400 were due")
        #expect(tally.speed.slices.reduce(0, +) <= tally.succeeded)
    }

    @Test func aNodeThatIsNotThereCostsErrorsAndNoHang() async {
        var workload = WorkloadSettings()
        workload.clients = 2
        workload.operationsPerSecond = 100
        let settings = LoadSettings(
            nodes: [NodeURL(host: "127.0.0.1", port: 1)], workload: workload, keyPrefix: "none-", span: .seconds(2))
        let tally = await LoadRun(settings).run()
        #expect(tally.succeeded == 0)
        #expect(tally.failed > 0)
    }
}

/// Answers every read with 404, at once but for its pauses, in which it answers nobody.
struct StallingServer {
    let port: Int
    private let channel: any Channel
    private let group: MultiThreadedEventLoopGroup

    static func start(every count: Int, pauseMilliseconds: UInt32) async throws -> StallingServer {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let counter = RequestCounter()
        for _ in 0..<20 {
            let port = try FreePorts.take()
            let bootstrap = ServerBootstrap(group: group).childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(
                        StallHandler(counter: counter, every: count, pauseMilliseconds: pauseMilliseconds))
                }
            }
            if let channel = try? await bootstrap.bind(host: "127.0.0.1", port: port).get() {
                return StallingServer(port: port, channel: channel, group: group)
            }
        }
        throw BenchError.failure("no free port")
    }

    func stop() async {
        try? await channel.close()
        try? await group.shutdownGracefully()
    }
}

/// Counts requests of all connections: they share one thread.
final class RequestCounter: @unchecked Sendable {
    var requests = 0
}

private final class StallHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let counter: RequestCounter
    private let every: Int
    private let pauseMilliseconds: UInt32

    init(counter: RequestCounter, every: Int, pauseMilliseconds: UInt32) {
        self.counter = counter
        self.every = every
        self.pauseMilliseconds = pauseMilliseconds
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .end = unwrapInboundIn(data) else { return }
        counter.requests += 1
        if counter.requests % every == 0 { usleep(pauseMilliseconds * 1000) }
        let body = ByteBuffer(string: #"{"error":{"code":"not_found","message":"none"}}"#)
        var head = HTTPResponseHead(version: .http1_1, status: .notFound)
        head.headers.add(name: "Content-Type", value: "application/json")
        head.headers.add(name: "Content-Length", value: String(body.readableBytes))
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
