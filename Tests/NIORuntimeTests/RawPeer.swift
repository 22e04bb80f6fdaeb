import NIOCore
import NIOPosix
import StatorCore
import Synchronization
import Wire

@testable import NIORuntime

/// A bare TCP connection to a node: sends what a test gives it and remembers what comes back.
final class RawPeer: Sendable {
    let channel: any Channel
    private let log: Log

    final class Log: Sendable {
        let received = Locked<ByteBuffer>(ByteBuffer())
        let isClosed = Atomic<Bool>(false)
    }

    private final class Recorder: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        let log: Log

        init(_ log: Log) { self.log = log }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = unwrapInboundIn(data)
            log.received.withLock { _ = $0.writeImmutableBuffer(bytes) }
        }

        func channelInactive(context: ChannelHandlerContext) {
            log.isClosed.store(true, ordering: .releasing)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    private init(channel: any Channel, log: Log) {
        self.channel = channel
        self.log = log
    }

    static func connect(to port: Int) async throws -> RawPeer {
        let log = Log()
        let channel = try await ClientBootstrap(group: TestNodes.group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Recorder(log))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return RawPeer(channel: channel, log: log)
    }

    func send(_ bytes: ByteBuffer) async {
        try? await channel.writeAndFlush(bytes).get()
    }

    func sendFrame(_ payload: (inout ByteBuffer) -> Void) async {
        var bytes = ByteBuffer()
        payload(&bytes)
        var frame = ByteBuffer()
        Frame(destination: Frame.membership, payload: bytes).write(into: &frame)
        await send(frame)
    }

    var isClosed: Bool { log.isClosed.load(ordering: .acquiring) }

    /// The first answer, once it is there.
    func reply() throws -> HelloReply? {
        var parser = FrameParser(maximumFrame: WireLimits.maximumHandshakeFrame)
        parser.append(log.received.withLock { $0 })
        guard let frame = try parser.next() else { return nil }
        var payload = frame.payload
        return try HelloReply.decode(&payload)
    }
}

/// A peer that shakes hands properly and then says nothing, ever.
struct MutePeer {
    let channel: any Channel
    var port: Int { channel.localAddress?.port ?? 0 }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        let node: NodeID
        let isAnswering: Atomic<Bool>
        let hasAnswered = Atomic<Bool>(false)

        init(_ node: NodeID) {
            self.node = node
            isAnswering = Atomic(true)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard hasAnswered.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged else {
                return
            }
            var payload = ByteBuffer()
            HelloReply.accepted(node, generation: 1).encode(into: &payload)
            var bytes = ByteBuffer()
            Frame(destination: Frame.membership, payload: payload).write(into: &bytes)
            context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        }
    }

    static func open(_ node: NodeID) async throws -> MutePeer {
        let channel = try await ServerBootstrap(group: TestNodes.group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(node))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return MutePeer(channel: channel)
    }
}
