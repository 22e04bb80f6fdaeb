import NIOCore
import Replication
import StatorCore
import Synchronization
import Wire

/// One accepted connection: first the handshake, within its deadline and size, then frames. Whatever is not this
/// protocol ends the connection and is counted.
final class ReceptionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let reception: Reception
    private var parser = FrameParser(maximumFrame: WireLimits.maximumHandshakeFrame)
    private var peer: NodeID?
    private var isEnded = false
    private var lastHeard = NIODeadline.now()
    private var hasHeardSinceTick = false
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
    }

    // MARK: Beginning and end

    func channelActive(context: ChannelHandlerContext) {
        guard reception.admit() else {
            refuse(.refused(.tooManyConnections), "too many connections are open", context)
            return
        }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let interval = RuntimeLimits.linkTick
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
        if peer == nil { reception.counters.handshakes.add(-1) }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(context)
    }

    private func end(_ context: ChannelHandlerContext) {
        isEnded = true
        context.close(promise: nil)
    }

    /// Answers as long as something arrives, whatever it is: the other end takes silence for a broken connection.
    private func tick(_ context: ChannelHandlerContext) {
        guard !isEnded else { return }
        guard reception.isOpen else { return end(context) }
        let silence = NIODeadline.now() - lastHeard
        if peer == nil {
            if silence > RuntimeLimits.handshakeDeadline { malformed("it sent no handshake in time", context) }
        } else if silence > RuntimeLimits.acceptedSilence {
            end(context)
        } else if hasHeardSinceTick {
            hasHeardSinceTick = false
            write(.keepAlive, context)
        }
    }

    private func write(_ frame: Frame, _ context: ChannelHandlerContext) {
        var bytes = context.channel.allocator.buffer(capacity: frame.payload.readableBytes + Frame.overhead)
        frame.write(into: &bytes)
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isEnded else { return }
        guard reception.isOpen else { return end(context) }
        let bytes = unwrapInboundIn(data)
        var isCut = false
        if let peer { isCut = reception.faults.cuts(peer) }
        // Before the handshake only its end counts as life: bytes that trickle in gain no time.
        if peer != nil, !isCut { lastHeard = .now() }
        hasHeardSinceTick = !isCut
        reception.counters.bytesReceived.add(bytes.readableBytes)
        parser.append(bytes)
        var frames = 0
        do {
            while !isEnded, let frame = try parser.next() {
                frames += 1
                // Whole frames are dropped: what comes after a cut can be read again.
                if !isCut { try take(frame, context) }
            }
        } catch {
            malformed("\(error)", context)
        }
        reception.counters.framesReceived.add(frames)
        deliverBatch(context)
    }

    private func take(_ frame: Frame, _ context: ChannelHandlerContext) throws(CodecError) {
        guard let peer else { return try shakeHands(frame, context) }
        if frame.isKeepAlive { return }
        var payload = frame.payload
        if frame.destination == Frame.membership {
            reception.deliver(try MembershipMessageCodec.decode(&payload), from: peer)
            return
        }
        let shard = Int(frame.destination)
        if let localShard, localShard.shard == shard {
            localShard.received(try ShardMessageCodec.decode(&payload), from: peer)
            return
        }
        guard shard < reception.shardCount() else {
            throw .invalid(what: "frame's destination", found: "shard \(shard)")
        }
        if shard != batchShard { deliverBatch(context) }
        batchShard = shard
        batchBytes += frame.payload.readableBytes
        batch.append(try ShardMessageCodec.decode(&payload))
    }

    private func deliverBatch(_ context: ChannelHandlerContext) {
        guard !batch.isEmpty, let peer else { return }
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

    private func shakeHands(_ frame: Frame, _ context: ChannelHandlerContext) throws(CodecError) {
        var payload = frame.payload
        let reading = try Hello.decode(&payload)
        let reply = reception.card.reply(to: reading)
        if case .refused(let refusal) = reply { return refuse(reply, refusal.description, context) }
        guard case .hello(let hello) = reading else { return }
        // A cut lets no new connection through: the other end tries again, and finds the link as soon as it is healed.
        guard !reception.faults.cuts(hello.node) else { return end(context) }
        peer = hello.node
        lastHeard = .now()
        batchShard = hello.shard
        localShard = reception.driver(ofShard: hello.shard, on: context.eventLoop)
        parser.maximumFrame = WireLimits.maximumFrame
        reception.counters.handshakes.add(-1)
        answer(reply, context)
        reception.welcomed(hello)
    }

    private func answer(_ reply: HelloReply, _ context: ChannelHandlerContext) {
        var payload = ByteBuffer()
        reply.encode(into: &payload)
        write(Frame(destination: Frame.membership, payload: payload), context)
    }

    /// Says why, then closes.
    private func refuse(_ reply: HelloReply, _ reason: String, _ context: ChannelHandlerContext) {
        reception.counters.connectionsRefused.add(1)
        reception.logRefusal(context.remoteAddress, reason)
        answer(reply, context)
        end(context)
    }

    private func malformed(_ reason: String, _ context: ChannelHandlerContext) {
        reception.counters.malformedFrames.add(1)
        reception.logRefusal(context.remoteAddress, reason)
        end(context)
    }
}
