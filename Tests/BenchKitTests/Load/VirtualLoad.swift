import NIOCore
import NIOEmbedded
import NIOHTTP1
import NodeClient
import StatorCore
import Testing

@testable import BenchKit

/// A load in virtual time: the driver and the nodes that it asks are on one loop whose time passes only when nothing is
/// left to do, so that what is asserted of times holds on any machine.
///
/// Bytes take ``latency`` in each direction; what a computer does takes no time.
final class VirtualLoad {
    static let latency = TimeAmount.microseconds(250)
    private static let step = TimeAmount.milliseconds(1)
    /// No test's load is longer.
    private static let longest = TimeAmount.minutes(10)

    let eventLoop = EmbeddedEventLoop()
    private let network: VirtualNetwork

    /// - Parameter nodes: by their place in ``urls``.
    init(_ nodes: [LoadStore]) {
        network = VirtualNetwork(nodes)
    }

    var urls: [NodeURL] { network.urls }

    /// From now on the node takes no connections, and those that there are have ended.
    func kill(_ node: Int) { network.kill(node) }

    /// - Parameter events: what happens when so much time has passed since the load began, filling included.
    func run(
        _ settings: LoadSettings, events: [(after: TimeAmount, what: @Sendable (LoadDriver) -> Void)] = []
    ) throws -> LoadTally {
        var stages = LoadStages(settings, on: eventLoop, over: network)
        var filled = LoadTally(span: 0..<0)
        if let driver = stages.filling() { filled = try carryOut(driver) }
        let driver = stages.load(after: filled)
        for event in events {
            eventLoop.scheduleTask(in: event.after) { event.what(driver) }
        }
        let tally = try carryOut(driver)
        network.closeAll()
        // Timers that are left: time-outs of connections that are closed.
        eventLoop.advanceTime(by: Self.longest)
        return stages.outcome(tally, of: driver, after: filled)
    }

    private func carryOut(_ driver: LoadDriver) throws -> LoadTally {
        let end = eventLoop.now + Self.longest
        driver.start()
        while !driver.isDone {
            try #require(eventLoop.now < end, "the load does not end")
            eventLoop.advanceTime(by: Self.step)
        }
        return driver.tally
    }
}

/// Connections between channels without sockets.
final class VirtualNetwork: LoadTransport, @unchecked Sendable {
    let urls: [NodeURL]
    private let nodes: [LoadStore]
    private var isDead: [Bool]
    /// The nodes' ends, by node.
    private var ends: [(node: Int, channel: EmbeddedChannel)] = []

    init(_ nodes: [LoadStore]) {
        self.nodes = nodes
        isDead = nodes.map { _ in false }
        urls = nodes.indices.map { NodeURL(host: "127.0.0.1", port: 5000 + $0) }
    }

    func kill(_ node: Int) {
        isDead[node] = true
        for end in ends where end.node == node { end.channel.close(promise: nil) }
    }

    func closeAll() {
        for end in ends { end.channel.close(promise: nil) }
        ends = []
    }

    func open(
        _ url: NodeURL, on eventLoop: any EventLoop,
        initializer: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) -> EventLoopFuture<any Channel> {
        guard let loop = eventLoop as? EmbeddedEventLoop, let node = urls.firstIndex(of: url), !isDead[node] else {
            return eventLoop.makeFailedFuture(ChannelError.connectTimeout(.zero))
        }
        do {
            let address = try SocketAddress(ipAddress: url.host, port: url.port)
            let (client, server) = (EmbeddedChannel(loop: loop), EmbeddedChannel(loop: loop))
            try client.pipeline.syncOperations.addHandler(Wire(to: server))
            try server.pipeline.syncOperations.addHandler(Wire(to: client))
            try server.pipeline.syncOperations.configureHTTPServerPipeline()
            try server.pipeline.syncOperations.addHandler(LoadServerHandler(nodes[node]))
            ends.append((node, server))
            let isReady = initializer(client)
            for channel in [client, server] { channel.connect(to: address, promise: nil) }
            return isReady.map { client }
        } catch {
            return eventLoop.makeFailedFuture(error)
        }
    }
}

/// Carries what one end writes to the other, in order, a little later; the end of one is the end of both.
private final class Wire: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = IOData

    private let other: EmbeddedChannel

    init(to other: EmbeddedChannel) {
        self.other = other
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        promise?.succeed()
        guard case .byteBuffer(let bytes) = unwrapOutboundIn(data) else { return }
        context.eventLoop.assumeIsolated().scheduleTask(in: VirtualLoad.latency) { [other] in
            guard other.isActive else { return }
            other.pipeline.syncOperations.fireChannelRead(NIOAny(bytes))
            other.pipeline.syncOperations.fireChannelReadComplete()
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        context.eventLoop.assumeIsolated().scheduleTask(in: VirtualLoad.latency) { [other] in
            if other.isActive { other.close(promise: nil) }
        }
        context.fireChannelInactive()
    }
}
