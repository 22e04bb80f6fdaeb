import NIOCore

/// A connection that carries many requests at once; a node answers in their order. Confined to the client's event loop.
///
/// What is given to it in one turn of the loop leaves in one write. It is encoded no sooner than the channel takes it, so
/// an operation that is given up before costs nothing, and it is known that nothing of it was sent.
final class ClientConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private struct Sent {
        let claim: Claim
        let time: NIODeadline
    }

    let pool: NodePool
    private var context: ChannelHandlerContext?
    private var parser: ReplyParser
    private var unsent = CircularBuffer<Claim>()
    private var awaiting = CircularBuffer<Sent>()
    /// Requests given up whose replies are still to come.
    private var abandoned = 0
    private var isWatched = false
    private var isFlushScheduled = false
    private(set) var isShut = false
    private(set) var hasAnswered = false
    private(set) var lastRead = NIODeadline.now()

    init(pool: NodePool) {
        self.pool = pool
        let configuration = pool.core.configuration
        parser = ReplyParser(
            limits: ReplyLimits(bulkBytes: configuration.maximumValueBytes, replyBytes: configuration.maximumReplyBytes)
        )
    }

    private var loop: NIOIsolatedEventLoop { pool.core.loop }
    /// Requests queued or without a reply.
    var load: Int { unsent.count + awaiting.count }
    var hasRoom: Bool { !isShut && load < pool.core.configuration.maximumInFlightPerConnection }
    var closeFuture: EventLoopFuture<Void>? { context?.channel.closeFuture }

    // MARK: Sending

    func send(_ operation: Operation) {
        operation.node = pool.address
        unsent.append(operation.move(to: .queued(self)))
        scheduleFlush()
    }

    private func scheduleFlush() {
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        loop.execute {
            self.isFlushScheduled = false
            self.flush()
        }
    }

    private func flush() {
        guard let context, !isShut else { return }
        var hasWritten = false
        while context.channel.isWritable, !unsent.isEmpty {
            let piece = encodePiece(context.channel.allocator)
            guard piece.readableBytes > 0 else { break }
            context.write(wrapOutboundOut(piece), promise: nil)
            hasWritten = true
        }
        if hasWritten { context.flush() }
    }

    private func encodePiece(_ allocator: ByteBufferAllocator) -> ByteBuffer {
        var piece = allocator.buffer(capacity: 256)
        let now = NIODeadline.now()
        while piece.readableBytes < ClientLimits.writePiece, let claim = unsent.popFirst() {
            guard claim.isCurrent else { continue }
            let operation = claim.operation
            operation.command.encode(timeoutMilliseconds: operation.timeoutMilliseconds(at: now), into: &piece)
            awaiting.append(Sent(claim: operation.move(to: .sent(self)), time: now))
        }
        return piece
    }

    // MARK: Receiving

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastRead = .now()
        parser.append(unwrapInboundIn(data))
        do throws(ReplyFormatError) {
            while !isShut, let reply = try parser.next() { try take(reply) }
        } catch {
            shut("it sent what is no reply: \(error)", isFault: true)
        }
        if !isShut { pool.roomCameFree(self) }
    }

    private func take(_ reply: Reply) throws(ReplyFormatError) {
        guard let sent = awaiting.popFirst() else {
            if case .error(let line) = reply { throw ReplyFormatError("unasked, '\(line)'") }
            throw ReplyFormatError("unasked, \(reply.kind)")
        }
        hasAnswered = true
        guard sent.claim.isCurrent else {
            abandoned -= 1
            return
        }
        let operation = sent.claim.operation
        operation.move(to: .nowhere)
        pool.answered(operation, reply)
    }

    // MARK: Silence

    /// An operation that was sent over this connection is given up: its reply will be skipped.
    func abandonOne() {
        abandoned += 1
        watchForSilence()
    }

    /// Closes the connection where the node has not said anything for too long while the request in front was given up.
    ///
    /// While that request is still waited for, its own time limits the silence.
    private func watchForSilence() {
        guard !isShut, abandoned > 0, let front = awaiting.first else { return }
        let limit = TimeAmount(pool.core.configuration.silenceLimit)
        let silence = NIODeadline.now() - max(lastRead, front.time)
        if !front.claim.isCurrent, silence >= limit { return shut("it hangs", isFault: true) }
        guard !isWatched else { return }
        isWatched = true
        loop.scheduleTask(in: silence < limit ? limit - silence : limit) {
            self.isWatched = false
            self.watchForSilence()
        }
    }

    // MARK: The end

    /// Closes it. Operations that were sent fail, others go elsewhere.
    /// - Parameter isFault: the node is left alone for a while.
    func shut(_ why: String, isFault: Bool) {
        guard !isShut else { return }
        isShut = true
        let (sent, queued) = (awaiting, unsent)
        awaiting.removeAll()
        unsent.removeAll()
        context?.close(promise: nil)
        pool.lost(self, why, isFault: isFault || !sent.isEmpty || !hasAnswered)
        for claim in sent.map(\.claim) where claim.isCurrent {
            let operation = claim.operation
            operation.move(to: .nowhere)
            let failure = AttemptFailure.lost(why, by: pool.address, isWrite: operation.command.isWrite)
            pool.core.failed(operation, failure, at: pool.address)
        }
        for claim in queued where claim.isCurrent {
            pool.core.failed(claim.operation, .notSent("\(pool.address): \(why)"), at: pool.address)
        }
    }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        shut("it was closed", isFault: false)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { scheduleFlush() }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        shut("the node closed it", isFault: false)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        shut("\(error)", isFault: false)
    }
}
