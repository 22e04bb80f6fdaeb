import NIOCore
import NodeCore
import Replication
import StatorCore
import Synchronization
import Wire

/// One accepted connection: hands what arrives to the accepting end's machine and carries its steps out. Messages for a
/// shard on another loop go there together.
final class ReceptionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let reception: Reception
    private var link: AcceptedLink
    private var isEnded = false
    private var ticker: RepeatedTask?
    /// Messages of the present read, for one shard.
    private var batch: [ShardMessage] = []
    private var batchShard = 0
    private var batchBytes = 0
    /// The shard that this connection is for, where it runs on this very loop.
    private var localShard: ShardDriver?
    private let handedOver = HandedOver()
    private var readIsHeld = false

    /// Bytes that wait on other loops.
    private final class HandedOver: Sendable {
        let bytes = Atomic<Int>(0)
    }

    init(_ reception: Reception) {
        self.reception = reception
        link = AcceptedLink(reception.card, now: SystemClock.monotonic())
    }

    // MARK: Beginning and end

    func channelActive(context: ChannelHandlerContext) {
        guard reception.admit() else {
            let reply = link.refuse(.tooManyConnections)
            return refuse("too many connections are open", reply, context)
        }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let interval = NodeCoreLimits.linkTick.timeAmount
        ticker = context.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            let (handler, context) = bound.value
            handler.tick(context)
        }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        ticker?.cancel()
        ticker = nil
        isEnded = true
        reception.counters.connections.add(-1)
        if link.peer == nil { reception.counters.handshakes.add(-1) }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(context)
    }

    private func end(_ context: ChannelHandlerContext) {
        isEnded = true
        link.end()
        context.close(promise: nil)
    }

    private func tick(_ context: ChannelHandlerContext) {
        guard !isEnded else { return }
        guard reception.isOpen else { return end(context) }
        switch link.tick(now: SystemClock.monotonic()) {
        case .nothing: break
        case .answer(let caller):
            context.writeAndFlush(wrapOutboundOut(Frame.keepAliveBytes), promise: nil)
            reception.heard(caller)
        case .end: end(context)
        case .malformed(let reason): malformed(reason, context)
        }
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isEnded else { return }
        guard reception.isOpen else { return end(context) }
        let bytes = unwrapInboundIn(data)
        var isCut = false
        if let peer = link.peer { isCut = reception.faults.cuts(peer) }
        reception.counters.bytesReceived.add(bytes.readableBytes)
        let before = link.framesReceived
        link.receive(bytes, now: SystemClock.monotonic(), isCut: isCut)
        while !isEnded, let step = link.next() { take(step, context) }
        reception.counters.framesReceived.add(link.framesReceived - before)
        deliverBatch(context)
    }

    private func take(_ step: consuming AcceptedLink.Step, _ context: ChannelHandlerContext) {
        switch consume step {
        case .message(let shard, let message, let bytes): take(message, shard, bytes, context)
        case .membership(let message): if let peer = link.peer { reception.deliver(message, from: peer) }
        case .welcome(let hello, let reply): welcome(hello, reply, context)
        case .refuse(let reason, let reply): refuse(reason, reply, context)
        case .malformed(let reason): malformed(reason, context)
        }
    }

    private func take(
        _ message: consuming ShardMessage, _ shard: Int, _ bytes: Int, _ context: ChannelHandlerContext
    ) {
        if let localShard, localShard.shard == shard {
            if let peer = link.peer { localShard.received(message, from: peer) }
            return
        }
        if shard != batchShard { deliverBatch(context) }
        batchShard = shard
        batchBytes += bytes
        batch.append(message)
    }

    private func deliverBatch(_ context: ChannelHandlerContext) {
        guard !batch.isEmpty, let peer = link.peer else { return }
        let bytes = batchBytes
        let messages = batch
        batch = []
        batchBytes = 0
        let handedOver = handedOver
        handedOver.bytes.add(bytes)
        reception.deliver(messages, toShard: batchShard, from: peer, on: context.eventLoop) {
            handedOver.bytes.add(-bytes)
        }
    }

    /// Reading pauses while too much of what was read waits for a busy shard.
    func read(context: ChannelHandlerContext) {
        guard handedOver.bytes.load(ordering: .relaxed) > RuntimeLimits.maximumHandedOverBytes else {
            context.read()
            return
        }
        guard !readIsHeld else { return }
        readIsHeld = true
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: .milliseconds(1)) {
            let (handler, context) = bound.value
            handler.readIsHeld = false
            if !handler.isEnded { handler.read(context: context) }
        }
    }

    // MARK: Handshake

    private func welcome(_ hello: Hello, _ reply: ByteBuffer, _ context: ChannelHandlerContext) {
        reception.counters.handshakes.add(-1)
        // A cut lets no new connection through: the other end tries again, and finds the link as soon as it is healed.
        guard !reception.faults.cuts(hello.node) else { return end(context) }
        batchShard = hello.shard
        localShard = reception.driver(ofShard: hello.shard, on: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(reply), promise: nil)
        reception.welcomed(hello)
    }

    /// Says why, then closes.
    private func refuse(_ reason: String, _ reply: ByteBuffer, _ context: ChannelHandlerContext) {
        reception.counters.connectionsRefused.add(1)
        reception.logRefusal(context.remoteAddress, reason)
        if let (caller, refusal) = link.refused {
            reception.noteRefusal(caller, refusal, from: context.remoteAddress)
        }
        context.writeAndFlush(wrapOutboundOut(reply), promise: nil)
        end(context)
    }

    private func malformed(_ reason: String, _ context: ChannelHandlerContext) {
        reception.counters.malformedFrames.add(1)
        reception.logRefusal(context.remoteAddress, reason)
        end(context)
    }
}
