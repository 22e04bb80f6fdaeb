import NIOCore
import NIOPosix
import NodeCore
import StatorCore

/// One connection of a link, or the attempt to make one: reports to the shard's links what becomes of it, until it is
/// closed. Confined to their loop.
final class PeerConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    let id: LinkID
    private let peers: PeerSet
    private let eventLoop: any EventLoop
    private let faults: LinkFaults
    private var channel: (any Channel)?
    private var isClosed = false
    /// When the last delayed write leaves; later ones do not overtake it.
    private var lastDue = NIODeadline.now()
    private var delayedWrites = 0

    init(_ id: LinkID, of peers: PeerSet, on eventLoop: any EventLoop, faults: LinkFaults) {
        self.id = id
        self.peers = peers
        self.eventLoop = eventLoop
        self.faults = faults
    }

    func open(_ endpoint: Endpoint) {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(NodeCoreLimits.connectTimeout.timeAmount)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(bound.value)
                }
            }
        let connected: EventLoopFuture<any Channel>
        if let address = try? SocketAddress(ipAddress: endpoint.host, port: endpoint.port) {
            connected = bootstrap.connect(to: address)
        } else {
            connected = bootstrap.connect(host: endpoint.host, port: endpoint.port)
        }
        connected.hop(to: eventLoop).assumeIsolated().whenComplete { self.opened($0) }
    }

    private func opened(_ result: Result<any Channel, any Error>) {
        switch result {
        case .failure: if !isClosed { peers.handle(.failed(id)) }
        case .success(let channel) where isClosed: channel.close(promise: nil)
        case .success(let channel) where !channel.isActive:
            isClosed = true
            channel.close(promise: nil)
            peers.handle(.failed(id))
        case .success(let channel):
            self.channel = channel
            peers.handle(.connected(id))
        }
    }

    func close() {
        isClosed = true
        channel?.close(promise: nil)
    }

    // MARK: Writing

    /// - Returns: whether the channel has been given the bytes, at once.
    func write(_ bytes: ByteBuffer) -> Bool {
        guard !isClosed, let channel else { return false }
        let delay = faults.delay
        guard delay > .zero || delayedWrites > 0 else {
            hand(bytes, to: channel)
            return true
        }
        let due = max(lastDue, .now() + delay)
        lastDue = due
        delayedWrites += 1
        eventLoop.assumeIsolated().scheduleTask(deadline: due) {
            self.delayedWrites -= 1
            if !self.isClosed { self.hand(bytes, to: channel) }
        }
        return false
    }

    private func hand(_ bytes: ByteBuffer, to channel: any Channel) {
        let count = bytes.readableBytes
        channel.writeAndFlush(bytes).assumeIsolated().whenComplete { _ in self.peers.written(count, self.id) }
    }

    // MARK: The channel

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if !isClosed { peers.handle(.received(id, unwrapInboundIn(data))) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !isClosed, channel != nil {
            isClosed = true
            peers.handle(.ended(id))
        }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
