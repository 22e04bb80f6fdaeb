internal import NIOCore
internal import Replication
internal import StatorCore
internal import Wire

/// The link on which one shard sends to one peer. It dials, shakes hands, sends keep-alives, notices silence and dials
/// again, for as long as it is wanted. Of a ``LinkSet``, which hands it its events.
///
/// A link is up only while bytes go both ways: this end sends something, if only a keep-alive, at least every other
/// ``NodeCoreLimits/linkTick``, the other end answers as long as it receives something, and a link that hears nothing for
/// ``NodeCoreLimits/longestSilence`` is taken down. That is done here rather than with `TCP_USER_TIMEOUT` because it also
/// notices a peer whose process hangs while its kernel acknowledges, a connection dropped silently in one direction
/// only, and works on every platform. The other end answers what it receives, not each keep-alive, so a long queue of
/// frames in front of a keep-alive is no silence.
final class PeerLink {
    let node: NodeID
    let slot: Int
    private(set) var endpoint: Endpoint
    /// Nothing is to reach the peer, and nothing of it is heard: an experiment's fault.
    var isCut = false
    var isStaged = false
    /// When a link to a node that left the view is closed.
    var unwantedSince: Instant?

    private(set) var state = State.waiting
    /// When the link came up, or ceased to be up.
    private var changedAt: Instant
    /// Why the last attempt failed.
    private var trouble: LinkTrouble?
    private var attempt: UInt64 = 0
    private var backoff = NodeCoreLimits.shortestBackoff
    private var parser = FrameParser(maximumFrame: WireLimits.maximumHandshakeFrame)
    private var lastHeard = Instant(nanoseconds: 0)
    private var hasSentSinceTick = false

    /// Frames of this turn.
    private var outgoing = ByteBuffer()
    private var outgoingFrames = 0
    /// Rises whenever what was staged leaves, or is dropped.
    private var outgoingNumber: UInt64 = 0
    private(set) var lastFrame = StagedFrame()
    /// Bytes handed to the driver and not yet off its hands.
    private var queuedBytes = 0

    enum State {
        case waiting, dialling, shakingHands, up, closed
    }

    init(to node: NodeID, at endpoint: Endpoint, slot: Int, now: Instant) {
        changedAt = now
        self.node = node
        self.endpoint = endpoint
        self.slot = slot
    }

    var isUp: Bool { state == .up }

    func report(now: Instant) -> LinkReport {
        LinkReport(
            node: node, endpoint: endpoint, isUp: isUp, lasting: now.elapsed(since: changedAt),
            trouble: isUp ? nil : trouble)
    }

    private var id: LinkID { LinkID(slot: slot, attempt: attempt) }

    func isCurrent(_ id: LinkID) -> Bool { id.attempt == attempt }

    // MARK: Sending

    /// Appends a frame to this turn's write.
    ///
    /// While the link is being made a little is kept for it: two nodes reach each other one way at a time, and the
    /// answer to a first question would be lost otherwise. It is dropped when the attempt fails.
    /// - Parameter bound: of the bytes that may wait while the link is up.
    /// - Returns: whether it was taken; it is dropped where the link is closed or too much is queued.
    func stage(bound: Int, _ write: (inout ByteBuffer) -> Bool) -> Bool {
        let limit =
            switch state {
            case .up: bound
            case .waiting, .dialling, .shakingHands: NodeCoreLimits.maximumBytesBeforeLink
            case .closed: 0
            }
        guard queuedBytes + outgoing.readableBytes < limit, !isCut else { return false }
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
    func flush(_ context: inout LinkContext) {
        isStaged = false
        guard outgoing.readableBytes > 0, state == .up else { return }
        var bytes = ByteBuffer()
        swap(&bytes, &outgoing)
        outgoingNumber += 1
        context.counters.framesSent += outgoingFrames
        outgoingFrames = 0
        write(bytes, &context)
    }

    private func write(_ bytes: consuming ByteBuffer, _ context: inout LinkContext) {
        queuedBytes += bytes.readableBytes
        hasSentSinceTick = true
        context.counters.bytesSent += bytes.readableBytes
        context.counters.writes += 1
        context.outbox.append(.write(id, bytes))
    }

    /// The storage of a write that the driver has carried out, to be used again. A link that has staged more meanwhile
    /// does not need it.
    func takeBack(_ bytes: inout ByteBuffer) {
        guard outgoing.readableBytes == 0, bytes.capacity <= NodeCoreLimits.keptWriteBuffer else { return }
        bytes.clear()
        swap(&bytes, &outgoing)
    }

    func written(_ count: Int) {
        queuedBytes -= count
    }

    // MARK: Dialling

    func open(_ context: inout LinkContext) {
        guard state == .waiting else { return }
        dial(&context)
    }

    /// Ends the link for good.
    func close(_ context: inout LinkContext) {
        takeDown(next: .closed, &context)
    }

    func move(to endpoint: Endpoint, _ context: inout LinkContext) {
        guard endpoint != self.endpoint else { return }
        self.endpoint = endpoint
        trouble = nil
        backoff = NodeCoreLimits.shortestBackoff
        if state == .closed { return }
        takeDown(next: .waiting, &context)
        dial(&context)
    }

    func redial(_ context: inout LinkContext) {
        if state == .waiting { dial(&context) }
    }

    private func dial(_ context: inout LinkContext) {
        attempt = context.nextAttempt()
        guard !isCut else {
            trouble = PeerLink.cutOff
            return dialLater(&context)
        }
        state = .dialling
        parser = FrameParser(maximumFrame: WireLimits.maximumHandshakeFrame)
        context.outbox.append(.dial(id, endpoint))
    }

    private func dialLater(_ context: inout LinkContext) {
        state = .waiting
        // Jitter keeps the shards of a cluster from dialling a restarted node in step; it decides nothing else.
        let half = backoff.nanoseconds / 2
        let pause = Duration(nanoseconds: half + Int64(context.random.below(Int(half) + 1)))
        backoff = min(backoff * 2, NodeCoreLimits.longestBackoff)
        context.outbox.append(.redial(id, after: pause))
    }

    func failed(_ context: inout LinkContext) {
        guard state == .dialling else { return }
        // There is nothing to be closed.
        state = .waiting
        trouble = LinkTrouble(.unreachable, "no connection can be made")
        takeDown(next: .waiting, &context)
        dialLater(&context)
    }

    func connected(_ context: inout LinkContext) {
        guard state == .dialling else { return }
        guard !isCut else {
            trouble = PeerLink.cutOff
            takeDown(next: .waiting, &context)
            return dialLater(&context)
        }
        state = .shakingHands
        lastHeard = context.now
        var payload = ByteBuffer()
        context.card.hello(shard: context.shard).encode(into: &payload)
        var bytes = ByteBuffer()
        Frame(destination: Frame.membership, payload: payload).write(into: &bytes)
        write(bytes, &context)
    }

    // MARK: Receiving

    func received(_ bytes: ByteBuffer, _ context: inout LinkContext) {
        if !isCut { lastHeard = context.now }
        parser.append(bytes)
        do {
            while let frame = try parser.next() {
                guard try take(frame, &context) else { return }
            }
        } catch {
            context.counters.malformedFrames += 1
            fail(LinkTrouble(.foreign, "it answers with what is not this protocol: \(error)"), &context)
        }
    }

    /// - Returns: whether reading goes on.
    private func take(_ frame: Frame, _ context: inout LinkContext) throws(CodecError) -> Bool {
        switch state {
        case .shakingHands:
            var payload = frame.payload
            return shaken(try HelloReply.decode(&payload), &context)
        case .up:
            guard frame.isKeepAlive else { throw .invalid(what: "frame on a link", found: "a message") }
            return true
        case .waiting, .dialling, .closed: return false
        }
    }

    private func shaken(_ reply: HelloReply, _ context: inout LinkContext) -> Bool {
        switch reply {
        case .refused(let refusal):
            fail(LinkTrouble(refusal), &context)
            return false
        case .accepted(let found, _) where found != node:
            fail(LinkTrouble(.otherNode, "node \(found) answers there"), &context)
            return false
        case .accepted:
            state = .up
            changedAt = context.now
            trouble = nil
            backoff = NodeCoreLimits.shortestBackoff
            context.counters.linksUp += 1
            context.changed(self, isUp: true)
            flush(&context)
            return true
        }
    }

    func ended(_ context: inout LinkContext) {
        switch state {
        case .shakingHands, .up:
            trouble = LinkTrouble(.closed, "it closed the connection")
            takeDown(next: .waiting, &context)
            dialLater(&context)
        case .waiting, .dialling, .closed: break
        }
    }

    /// Nothing could be heard until now.
    func excuseSilence(now: Instant) {
        lastHeard = now
    }

    /// - Parameter lateness: how much later than usual the peer is heard.
    func tick(lateness: Duration, _ context: inout LinkContext) {
        let silence = context.now.elapsed(since: lastHeard)
        switch state {
        case .waiting, .dialling, .closed: break
        case .shakingHands:
            if silence > NodeCoreLimits.handshakeDeadline {
                fail(LinkTrouble(.silent, "it does not answer the handshake"), &context)
            }
        case .up:
            if silence > NodeCoreLimits.longestSilence + lateness {
                let milliseconds = silence.nanoseconds / 1_000_000
                fail(LinkTrouble(.silent, "it has been silent for \(milliseconds) ms"), &context)
            } else if isCut || hasSentSinceTick {
                hasSentSinceTick = false
            } else {
                write(Frame.keepAliveBytes, &context)
            }
        }
    }

    private static let cutOff = LinkTrouble(.unreachable, "it is cut off, as an experiment asks")

    private func fail(_ trouble: LinkTrouble, _ context: inout LinkContext) {
        self.trouble = trouble
        context.complain(of: self, trouble.reason)
        takeDown(next: .waiting, &context)
        dialLater(&context)
    }

    /// Everything queued is dropped.
    private func takeDown(next: State, _ context: inout LinkContext) {
        let (previous, id) = (state, id)
        state = next
        attempt = context.nextAttempt()
        queuedBytes = 0
        context.counters.framesDropped += outgoingFrames
        outgoing = ByteBuffer()
        outgoingNumber += 1
        outgoingFrames = 0
        switch previous {
        case .dialling, .shakingHands: context.outbox.append(.close(id))
        case .up:
            context.outbox.append(.close(id))
            changedAt = context.now
            context.counters.linksUp -= 1
            context.counters.linksBroken += 1
            context.changed(self, isUp: false)
        case .waiting, .closed: break
        }
    }
}
