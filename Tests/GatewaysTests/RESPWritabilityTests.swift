import ConflictResolution
import Logging
import NIOCore
import NIOEmbedded
import Replication
import StatorCore
import Testing

@testable import Gateways

/// Answers every other request before it returns, as a node does whose own record suffices.
private struct PromptNode: NodePort {
    let base: FakeNode
    /// By its tag.
    let value: @Sendable (UInt64) -> ByteBuffer

    var node: NodeID { base.node }
    var hashName: String { base.hashName }
    func token(of key: Key) -> Token { base.token(of: key) }

    func submit(_ request: ClientRequest, reply: @escaping @Sendable (ClientResponse) -> Void) {
        base.submit(request, reply: reply)
    }

    func submit(_ request: ClientRequest, to sink: any ReplySink, tag: UInt64) {
        let response = ClientResponse.value(Content(form: .raw, bytes: value(tag)))
        if tag % 2 == 1 { return sink.answer(tag, response) }
        sink.eventLoop.execute { sink.answer(tag, response) }
    }

    func inspect(reply: @escaping @Sendable (NodeInspection) -> Void) { base.inspect(reply: reply) }

    func administer(_ action: AdminAction, reply: @escaping @Sendable (AdminResponse) -> Void) {
        base.administer(action, reply: reply)
    }

    func inject(_ faults: NetworkFaults, reply: @escaping @Sendable (AdminResponse) -> Void) {
        base.inject(faults, reply: reply)
    }
}

/// Tells of writability within each flush, as a channel does whose socket takes all that waited.
private final class Flicker: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    func flush(context: ChannelHandlerContext) {
        context.flush()
        context.fireChannelWritabilityChanged()
    }
}

@Suite struct RESPWritabilityTests {
    /// A value's write can begin the next operations, which may be answered within it.
    @Test func valuesOfAnMGETAreSentOnceHoweverTheyAreAnswered() throws {
        let value: @Sendable (UInt64) -> ByteBuffer = { tag in
            ByteBuffer(repeating: UInt8(ascii: "0") + UInt8(tag), count: 300 << 10)
        }
        let channel = EmbeddedChannel()
        let http = GatewayCore(
            port: PromptNode(base: FakeNode(), value: value),
            settings: HTTPSettings(
                host: "127.0.0.1", port: 0, maximumValue: ByteCount(1 << 20), effectiveConfiguration: "{}",
                version: "1"),
            logger: Logger(label: "test"))
        let settings = RESPSettings(
            host: "127.0.0.1", port: 0, maximumValue: ByteCount(1 << 20), allowsConditional: false)
        let loop = GatewayLoop(core: http, eventLoop: channel.eventLoop)
        try channel.pipeline.syncOperations.addHandlers([
            Flicker(), RESPConnection(loop: loop, core: RESPCore(settings: settings, beside: http)),
        ])
        try channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        // The size of a reply is known from the first one on: few operations are under way at once.
        try channel.writeInbound(ByteBuffer(string: "GET a\r\n"))
        channel.embeddedEventLoop.run()
        try channel.writeInbound(
            ByteBuffer(string: "MGET " + (0..<40).map { "k\($0)" }.joined(separator: " ") + "\r\nPING\r\n"))
        channel.embeddedEventLoop.run()
        var expected = ByteBuffer()
        expected.writeRESPBulk(value(0))
        expected.writeRESPArray(40)
        for tag in 0..<40 { expected.writeRESPBulk(value(UInt64(tag))) }
        expected.writeRESPStatus("PONG")
        var sent = ByteBuffer()
        while let part = try channel.readOutbound(as: ByteBuffer.self) { sent.writeImmutableBuffer(part) }
        if sent != expected {
            Issue.record("\(sent.readableBytes) of \(expected.readableBytes) bytes, in the order \(Self.order(sent))")
        }
        _ = try channel.finish(acceptAlreadyClosed: true)
    }

    /// The first byte of each value.
    private static func order(_ sent: ByteBuffer) -> String {
        let marks = sent.readableBytesView.split(separator: UInt8(ascii: "\n")).map { $0.prefix(1) }
        return marks.map { String(decoding: $0, as: UTF8.self) }.joined()
    }
}
