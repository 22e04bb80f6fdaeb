import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// Serves a node over RESP, the protocol of Redis; `docs/resp.md` describes the interface.
package final class RESPGateway: Sendable {
    private let core: RESPCore
    private let group: any EventLoopGroup
    private let listener = NIOLockedValueBox<(any Channel)?>(nil)

    /// - Parameter http: of the same node; it is started before and stopped after this one.
    package init(settings: RESPSettings, beside http: HTTPGateway) {
        core = RESPCore(settings: settings, beside: http.core)
        group = http.group
    }

    /// Listens.
    /// - Returns: the port, which matters where the settings say 0.
    /// - Throws: ``HTTPGatewayError`` in one sentence for people.
    package func start() async throws -> Int {
        let core = core
        let loops = core.http.loops
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 512)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(
                .writeBufferWaterMark,
                value: ChannelOptions.Types.WriteBufferWaterMark(
                    low: RESPLimits.lowWaterMark, high: RESPLimits.highWaterMark)
            )
            .childChannelInitializer { channel in
                let isAdmitted = core.admitConnection()
                guard let loop = loops.first(where: { $0.eventLoop === channel.eventLoop }), isAdmitted else {
                    core.connectionEnded()
                    let refusal = ByteBuffer(staticString: "-ERR max number of clients reached\r\n")
                    channel.writeAndFlush(refusal).whenComplete { _ in channel.close(promise: nil) }
                    return channel.eventLoop.makeSucceededVoidFuture()
                }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(RESPConnection(loop: loop.value, core: core))
                }
            }
        let (host, port) = (core.settings.host, core.settings.port)
        let channel: any Channel
        do {
            channel = try await bootstrap.bind(host: host, port: port).get()
        } catch {
            throw HTTPGatewayError(error, host: host, port: port, name: "RESP")
        }
        listener.withLockedValue { $0 = channel }
        return channel.localAddress?.port ?? port
    }

    /// Stops listening, lets commands under way end for ``RESPSettings/stopGrace``, and closes all connections.
    package func stop() async {
        let open = listener.withLockedValue { listener in
            defer { listener = nil }
            return listener
        }
        guard let open else { return }
        try? await open.close().get()
        for loop in core.http.loops { try? await loop.eventLoop.submit { loop.value.drainRESP() }.get() }
        let deadline = NIODeadline.now() + core.settings.stopGrace
        while core.connections > 0, NIODeadline.now() < deadline {
            try? await Task.sleep(for: .milliseconds(10))
        }
        for loop in core.http.loops { try? await loop.eventLoop.submit { loop.value.closeRESP() }.get() }
    }
}
