internal import NIOCore
internal import NIOPosix
internal import NodeClient

/// How a load's connections are opened.
protocol LoadTransport: Sendable {
    /// - Parameters:
    ///   - eventLoop: the connection's, on which this is called.
    ///   - initializer: adds the handlers, before anything is read.
    /// - Returns: the open connection; fails where there is none within ``LoadLimits/connectTimeoutSeconds``.
    func open(
        _ url: NodeURL, on eventLoop: any EventLoop,
        initializer: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) -> EventLoopFuture<any Channel>
}

struct TCPTransport: LoadTransport {
    func open(
        _ url: NodeURL, on eventLoop: any EventLoop,
        initializer: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) -> EventLoopFuture<any Channel> {
        ClientBootstrap(group: eventLoop)
            .connectTimeout(.seconds(LoadLimits.connectTimeoutSeconds))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer(initializer)
            .connect(host: url.host, port: url.port)
    }
}
