package import Logging
import NIOConcurrencyHelpers
package import NIOCore
import NIOHTTP1
import NIOPosix
package import Replication

/// Serves a node over HTTP/1.1; `docs/http.md` describes the interface.
///
/// ```swift
/// let gateway = HTTPGateway(port: node, settings: settings, group: group, logger: logger)
/// let bound = try await gateway.start()
/// ...
/// await gateway.stop()
/// ```
package final class HTTPGateway: Sendable {
    let core: GatewayCore
    let group: any EventLoopGroup
    private let listener = NIOLockedValueBox<(any Channel)?>(nil)

    /// - Parameter group: whose loops serve the connections; it stays the caller's.
    package init(port: any NodePort, settings: HTTPSettings, group: any EventLoopGroup, logger: Logger) {
        core = GatewayCore(port: port, settings: settings, logger: logger)
        self.group = group
    }

    /// Listens.
    /// - Returns: the port, which matters where the settings say 0.
    /// - Throws: ``HTTPGatewayError`` in one sentence for people.
    package func start() async throws -> Int {
        let core = core
        var loops: [NIOLoopBound<GatewayLoop>] = []
        for eventLoop in group.makeIterator() {
            let loop = try await eventLoop.submit { () -> NIOLoopBound<GatewayLoop> in
                NIOLoopBound(GatewayLoop(core: core, eventLoop: eventLoop), eventLoop: eventLoop)
            }.get()
            loops.append(loop)
        }
        core.loops = loops
        core.pageThread.start()
        let channel: any Channel
        do {
            channel = try await bootstrap(loops).bind(host: core.settings.host, port: core.settings.port).get()
        } catch {
            try? await core.pageThread.shutdownGracefully()
            throw HTTPGatewayError(error, host: core.settings.host, port: core.settings.port)
        }
        listener.withLockedValue { $0 = channel }
        for loop in loops {
            try await loop.eventLoop.submit { loop.value.startHousekeeping() }.get()
        }
        return channel.localAddress?.port ?? core.settings.port
    }

    private func bootstrap(_ loops: [NIOLoopBound<GatewayLoop>]) -> ServerBootstrap {
        let core = core
        return ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 512)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                let admission = core.admitConnection()
                guard admission != .dropped, let loop = loops.first(where: { $0.eventLoop === channel.eventLoop })
                else {
                    core.connectionEnded()
                    return channel.eventLoop.makeFailedFuture(HTTPGatewayError.tooManyConnections)
                }
                return channel.eventLoop.makeCompletedFuture {
                    try Self.install(
                        HTTPConnection(loop: loop.value, isRefused: admission == .refused), into: channel.pipeline)
                }
            }
    }

    /// Serves one channel that the caller made, on its loop, without listening: for measuring what a request costs.
    package func serve(_ channel: any Channel) throws {
        let loop = GatewayLoop(core: core, eventLoop: channel.eventLoop)
        core.loops = [NIOLoopBound(loop, eventLoop: channel.eventLoop)]
        _ = core.admitConnection()
        try HTTPGateway.install(HTTPConnection(loop: loop, isRefused: false), into: channel.pipeline)
    }

    /// Puts a connection and the parser before it into a pipeline. Responses are written as bytes.
    static func install(_ connection: HTTPConnection, into pipeline: ChannelPipeline) throws {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = HTTPLimits.maximumHeaderField
        limits.maxHeaderListSize = HTTPLimits.maximumHeaderSection
        let decoder = HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: limits)
        try pipeline.syncOperations.addHandler(ByteToMessageHandler(decoder))
        try pipeline.syncOperations.addHandler(connection)
    }

    /// Stops listening, lets requests under way end for ``HTTPSettings/stopGrace``, and closes all connections.
    package func stop() async {
        let open = listener.withLockedValue { listener in
            defer { listener = nil }
            return listener
        }
        guard let channel = open else { return }
        try? await channel.close().get()
        for loop in core.loops { try? await loop.eventLoop.submit { loop.value.drain() }.get() }
        let deadline = NIODeadline.now() + core.settings.stopGrace
        while core.connections > 0, NIODeadline.now() < deadline {
            try? await Task.sleep(for: .milliseconds(10))
        }
        for loop in core.loops { try? await loop.eventLoop.submit { loop.value.closeAll() }.get() }
        try? await core.pageThread.shutdownGracefully()
    }
}
