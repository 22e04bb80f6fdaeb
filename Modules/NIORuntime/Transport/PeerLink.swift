import NIOCore
import NIOPosix
import StatorCore
import Wire

/// What a shard's links tell their owner, on its loop.
protocol PeerLinkOwner: AnyObject {
    func link(_ link: PeerLink, isUp: Bool)
    func link(_ link: PeerLink, isNotUsable reason: String)
}

/// The connection on which one shard sends to one peer. It dials, shakes hands, sends keep-alives, notices silence and
/// dials again, for as long as it is wanted. Confined to its shard's loop.
///
/// A link is up only while bytes go both ways: this end sends at least a keep-alive every
/// ``RuntimeLimits/linkTick``, the other end answers as long as it receives something, and a link that hears nothing for
/// ``RuntimeLimits/longestSilence`` is taken down. That is done here rather than with `TCP_USER_TIMEOUT` because it also
/// notices a peer whose process hangs while its kernel acknowledges, a connection dropped silently in one direction
/// only, and works on every platform. The other end answers what it receives, not each keep-alive, so a long queue of
/// frames in front of a keep-alive is no silence.
final class PeerLink {
    let node: NodeID
    private(set) var endpoint: Endpoint
    private let eventLoop: any EventLoop
    private let card: NodeCard
    private let shard: Int
    private let counters: RuntimeCounters
    private let faults: LinkFaults
    private unowned let owner: any PeerLinkOwner

    private var state = State.waiting
    /// Rises with every attempt: what an earlier one still reports is ignored.
    private var attempt: UInt64 = 0
    private var backoff = RuntimeLimits.shortestBackoff
    private var redial: Scheduled<Void>?
    private var parser = FrameParser(maximumFrame: WireLimits.maximumHandshakeFrame)
    private var lastHeard = NIODeadline.now()
    private var hasSentSinceTick = false

    /// Frames of this turn.
    private var outgoing = ByteBuffer()
    private var outgoingFrames = 0
    /// Rises whenever what was staged leaves, or is dropped.
    private var outgoingNumber: UInt64 = 0
    private(set) var lastFrame = StagedFrame(number: 0, start: 0, end: 0)
    /// Bytes handed to the channel and not yet written to the socket.
    private var queuedBytes = 0
    /// When the last delayed write leaves; later ones do not overtake it.
    private var lastDue = NIODeadline.now()
    private var delayedWrites = 0
    var isStaged = false
    /// When a link to a node that left the view is closed.
    var unwantedSince: NIODeadline?

    private enum State {
        case waiting
        case dialling
        case shakingHands(any Channel)
        case up(any Channel)
        case closed
    }

    init(
        to node: NodeID, at endpoint: Endpoint, shard: Int, card: NodeCard, counters: RuntimeCounters,
        faults: LinkFaults,
        eventLoop: any EventLoop, owner: any PeerLinkOwner
    ) {
        self.node = node
        self.endpoint = endpoint
        self.shard = shard
        self.card = card
        self.counters = counters
        self.faults = faults
        self.eventLoop = eventLoop
        self.owner = owner
    }

    var isUp: Bool {
        if case .up = state { return true }
        return false
    }

    /// Begins to dial.
    func open() {
        guard case .waiting = state else { return }
        dial()
    }

    /// Ends the link for good.
    func close() {
        redial?.cancel()
        takeDown(next: .closed)
    }

    func move(to endpoint: Endpoint) {
        guard endpoint != self.endpoint else { return }
        self.endpoint = endpoint
        backoff = RuntimeLimits.shortestBackoff
        if case .closed = state { return }
        redial?.cancel()
        takeDown(next: .waiting)
        dial()
    }

    // MARK: Sending

    /// Appends a frame to this turn's write.
    ///
    /// While the link is being made a little is kept for it: two nodes reach each other one way at a time, and the
    /// answer to a first question would be lost otherwise. It is dropped when the attempt fails.
    /// - Returns: whether it was taken; it is dropped where the link is closed or too much is queued.
    func stage(_ write: (inout ByteBuffer) -> Bool) -> Bool {
        let limit =
            switch state {
            case .up: RuntimeLimits.maximumQueuedBytes
            case .waiting, .dialling, .shakingHands: RuntimeLimits.maximumBytesBeforeLink
            case .closed: 0
            }
        guard queuedBytes + outgoing.readableBytes < limit, !faults.cuts(node) else { return false }
        let start = outgoing.writerIndex
        guard write(&outgoing) else { return false }
        outgoingFrames += 1
        lastFrame = StagedFrame(number: outgoingNumber, start: start, end: outgoing.writerIndex)
        return true
    }

    /// A frame that is still staged, as it will be sent.
    func bytes(of frame: StagedFrame) -> ByteBuffer? {
        guard frame.number == outgoingNumber else { return nil }
        return outgoing.getSlice(at: frame.start, length: frame.end - frame.start)
    }

    /// Writes what was staged, all in one.
    func flush() {
        isStaged = false
        guard outgoing.readableBytes > 0, case .up(let channel) = state else { return }
        var bytes = ByteBuffer()
        swap(&bytes, &outgoing)
        outgoingNumber += 1
        counters.framesSent.add(outgoingFrames)
        outgoingFrames = 0
        write(bytes, to: channel)
        // Where the socket took all of it the storage is used again. A write that failed may have staged more.
        guard outgoing.readableBytes == 0, bytes.capacity <= RuntimeLimits.keptWriteBuffer else { return }
        bytes.clear()
        swap(&bytes, &outgoing)
    }

    private func write(_ bytes: ByteBuffer, to channel: any Channel) {
        let count = bytes.readableBytes
        queuedBytes += count
        hasSentSinceTick = true
        counters.bytesSent.add(count)
        counters.writes.add(1)
        let attempt = attempt
        let delay = faults.delay
        guard delay > .zero || delayedWrites > 0 else { return hand(bytes, to: channel, attempt) }
        let due = max(lastDue, .now() + delay)
        lastDue = due
        delayedWrites += 1
        eventLoop.assumeIsolated().scheduleTask(deadline: due) {
            guard self.attempt == attempt else { return }
            self.delayedWrites -= 1
            if self.faults.cuts(self.node) {
                self.queuedBytes -= count
            } else {
                self.hand(bytes, to: channel, attempt)
            }
        }
    }

    private func hand(_ bytes: ByteBuffer, to channel: any Channel, _ attempt: UInt64) {
        let count = bytes.readableBytes
        channel.writeAndFlush(bytes).assumeIsolated().whenComplete { _ in
            // What an earlier connection had queued was forgotten with it.
            if self.attempt == attempt { self.queuedBytes -= count }
        }
    }

    // MARK: Dialling

    private func dial() {
        attempt += 1
        guard !faults.cuts(node) else { return dialLater() }
        let attempt = attempt
        state = .dialling
        parser = FrameParser(maximumFrame: WireLimits.maximumHandshakeFrame)
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(RuntimeLimits.connectTimeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = PeerLinkHandler(link: bound.value, attempt: attempt)
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
        let connected: EventLoopFuture<any Channel>
        if let address = try? SocketAddress(ipAddress: endpoint.host, port: endpoint.port) {
            connected = bootstrap.connect(to: address)
        } else {
            connected = bootstrap.connect(host: endpoint.host, port: endpoint.port)
        }
        connected.hop(to: eventLoop).assumeIsolated().whenComplete { self.connected($0, attempt: attempt) }
    }

    private func connected(_ result: Result<any Channel, any Error>, attempt: UInt64) {
        guard attempt == self.attempt, case .dialling = state else {
            if case .success(let channel) = result { channel.close(promise: nil) }
            return
        }
        switch result {
        case .failure: dialLater()
        case .success(let channel):
            guard channel.isActive, !faults.cuts(node) else {
                channel.close(promise: nil)
                return dialLater()
            }
            state = .shakingHands(channel)
            lastHeard = .now()
            var payload = ByteBuffer()
            card.hello(shard: shard).encode(into: &payload)
            var bytes = ByteBuffer()
            Frame(destination: Frame.membership, payload: payload).write(into: &bytes)
            write(bytes, to: channel)
        }
    }

    private func dialLater() {
        state = .waiting
        let attempt = attempt
        // Jitter keeps the shards of a cluster from dialling a restarted node in step; it decides nothing else.
        let pause = TimeAmount.nanoseconds(Int64.random(in: backoff.nanoseconds / 2...backoff.nanoseconds))
        backoff = min(TimeAmount.nanoseconds(backoff.nanoseconds * 2), RuntimeLimits.longestBackoff)
        redial = eventLoop.assumeIsolated().scheduleTask(in: pause) {
            guard self.attempt == attempt, case .waiting = self.state else { return }
            self.dial()
        }
    }

    // MARK: Receiving

    func received(_ bytes: ByteBuffer, attempt: UInt64) {
        guard attempt == self.attempt else { return }
        if !faults.cuts(node) { lastHeard = .now() }
        parser.append(bytes)
        do {
            while let frame = try parser.next() {
                guard try take(frame) else { return }
            }
        } catch {
            counters.malformedFrames.add(1)
            fail("it answers with what is not this protocol: \(error)")
        }
    }

    /// - Returns: whether reading goes on.
    private func take(_ frame: Frame) throws(CodecError) -> Bool {
        switch state {
        case .shakingHands(let channel):
            var payload = frame.payload
            return shaken(try HelloReply.decode(&payload), channel)
        case .up:
            guard frame.isKeepAlive else { throw .invalid(what: "frame on a link", found: "a message") }
            return true
        case .waiting, .dialling, .closed: return false
        }
    }

    private func shaken(_ reply: HelloReply, _ channel: any Channel) -> Bool {
        switch reply {
        case .refused(let refusal):
            fail("it refuses this node: \(refusal)")
            return false
        case .accepted(let found, _) where found != node:
            fail("node \(found) answers there")
            return false
        case .accepted:
            state = .up(channel)
            backoff = RuntimeLimits.shortestBackoff
            counters.linksUp.add(1)
            owner.link(self, isUp: true)
            flush()
            return isUp
        }
    }

    /// The connection ended.
    func disconnected(attempt: UInt64) {
        guard attempt == self.attempt else { return }
        switch state {
        case .shakingHands, .up:
            takeDown(next: .waiting)
            dialLater()
        case .waiting, .dialling, .closed: break
        }
    }

    /// Nothing could be heard until now.
    func excuseSilence(now: NIODeadline) {
        lastHeard = now
    }

    /// Called every ``RuntimeLimits/linkTick``.
    func tick(now: NIODeadline) {
        switch state {
        case .waiting, .dialling, .closed: break
        case .shakingHands:
            if now - lastHeard > RuntimeLimits.handshakeDeadline { fail("it does not answer the handshake") }
        case .up(let channel):
            // What is sent late is answered late.
            if now - lastHeard > RuntimeLimits.longestSilence + faults.delay {
                fail("it has been silent for \((now - lastHeard).nanoseconds / 1_000_000) ms")
            } else if faults.cuts(node) {
                hasSentSinceTick = false
            } else if hasSentSinceTick {
                hasSentSinceTick = false
            } else {
                var bytes = ByteBuffer()
                Frame.keepAlive.write(into: &bytes)
                write(bytes, to: channel)
            }
        }
    }

    private func fail(_ reason: String) {
        owner.link(self, isNotUsable: reason)
        takeDown(next: .waiting)
        dialLater()
    }

    private func takeDown(next: State) {
        let previous = state
        state = next
        attempt += 1
        queuedBytes = 0
        delayedWrites = 0
        counters.framesDropped.add(outgoingFrames)
        outgoing = ByteBuffer()
        outgoingNumber += 1
        outgoingFrames = 0
        switch previous {
        case .shakingHands(let channel): channel.close(promise: nil)
        case .up(let channel):
            channel.close(promise: nil)
            counters.linksUp.add(-1)
            owner.link(self, isUp: false)
        case .waiting, .dialling, .closed: break
        }
    }
}

/// Where in a link's staged bytes a frame is, and of which write.
struct StagedFrame {
    fileprivate let number: UInt64
    fileprivate let start: Int
    fileprivate let end: Int
}

/// Hands a link's channel events to it.
private final class PeerLinkHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let link: PeerLink
    private let attempt: UInt64

    init(link: PeerLink, attempt: UInt64) {
        self.link = link
        self.attempt = attempt
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        link.received(unwrapInboundIn(data), attempt: attempt)
    }

    func channelInactive(context: ChannelHandlerContext) {
        link.disconnected(attempt: attempt)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
