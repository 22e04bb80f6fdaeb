package import NIOCore
package import Replication
package import StatorCore
package import Wire

/// The accepting end of a link: first the handshake, within its deadline and size, then frames. Whatever is not this
/// protocol ends the connection.
///
/// Sans-IO, of one connection: a driver hands it what arrives, pulls the steps out of it until there are no more, and
/// calls ``tick(now:)`` every ``NodeCoreLimits/linkTick``. Once a step says so, or the driver has called ``end()``,
/// nothing follows.
package struct AcceptedLink {
    /// What comes out of received bytes, in their order.
    package enum Step {
        /// Write the reply: the link may be used. The peer is to be dialled back if it is no member.
        case welcome(Hello, reply: ByteBuffer)
        /// Write the reply, then close.
        case refuse(String, reply: ByteBuffer)
        case message(shard: Int, ShardMessage, bytes: Int)
        case membership(MembershipMessage)
        /// Close: these bytes are not the protocol.
        case malformed(String)
    }

    /// What time brings.
    package enum TickStep: Equatable {
        case nothing
        /// Write ``Wire/Frame/keepAliveBytes``, and tell the shard's links that the caller is heard.
        case answer(Hello)
        /// Close: the other end is silent.
        case end
        case malformed(String)
    }

    private let card: NodeCard
    private var parser = FrameParser(maximumFrame: WireLimits.maximumHandshakeFrame)
    private var lastHeard: Instant
    private var lastRead: Instant
    private var hasHeardSinceTick = false
    private var isDeaf = false
    /// Who dialled, once it has shaken hands, and for which shard.
    package private(set) var peer: NodeID?
    private var caller: Hello?
    package private(set) var shard = 0
    /// Who was refused, as far as its bytes could be read, and why.
    package private(set) var refused: (caller: Hello?, refusal: HandshakeRefusal)?
    package private(set) var isEnded = false
    /// Counted since the beginning, keep-alives included.
    package private(set) var framesReceived = 0

    package init(_ card: NodeCard, now: Instant) {
        self.card = card
        lastHeard = now
        lastRead = now
    }

    package mutating func end() {
        isEnded = true
    }

    /// The answer to one for whom there is no room.
    package mutating func refuse(_ refusal: HandshakeRefusal) -> ByteBuffer {
        isEnded = true
        return AcceptedLink.frame(.refused(refusal))
    }

    /// - Parameter isCut: an experiment's fault: the frames are passed over and are no sign of life.
    package mutating func receive(_ bytes: ByteBuffer, now: Instant, isCut: Bool = false) {
        guard !isEnded else { return }
        // Before the handshake only its end counts as life: bytes that trickle in gain no time.
        if peer != nil, !isCut { lastHeard = now }
        lastRead = now
        hasHeardSinceTick = !isCut
        isDeaf = isCut
        parser.append(bytes)
    }

    /// - Returns: `nil` when what has arrived holds no more.
    package mutating func next() -> Step? {
        guard !isEnded else { return nil }
        do {
            while let frame = try parser.next() {
                framesReceived += 1
                // Whole frames are passed over: what comes after a cut can be read again.
                if isDeaf { continue }
                guard peer != nil else { return try shakeHands(frame) }
                if frame.isKeepAlive { continue }
                return try message(frame)
            }
            return nil
        } catch {
            isEnded = true
            return .malformed("\(error)")
        }
    }

    private func message(_ frame: Frame) throws(CodecError) -> Step {
        var payload = frame.payload
        if frame.destination == Frame.membership {
            return .membership(try MembershipMessageCodec.decode(&payload))
        }
        let shard = Int(frame.destination)
        guard shard < card.shards else { throw .invalid(what: "frame's destination", found: "shard \(shard)") }
        return .message(shard: shard, try ShardMessageCodec.decode(&payload), bytes: frame.payload.readableBytes)
    }

    private mutating func shakeHands(_ frame: Frame) throws(CodecError) -> Step {
        var payload = frame.payload
        let reading = try Hello.decode(&payload)
        let reply = card.reply(to: reading)
        guard case .accepted = reply, case .hello(let hello) = reading else {
            return refusing(reading, reply)
        }
        peer = hello.node
        caller = hello
        shard = hello.shard
        // The frame that ends the handshake has only just come.
        lastHeard = lastRead
        parser.maximumFrame = WireLimits.maximumFrame
        return .welcome(hello, reply: AcceptedLink.frame(reply))
    }

    private mutating func refusing(_ reading: Hello.Reading, _ reply: HelloReply) -> Step {
        isEnded = true
        guard case .refused(let refusal) = reply else { return .refuse("", reply: AcceptedLink.frame(reply)) }
        if case .hello(let hello) = reading { refused = (hello, refusal) } else { refused = (nil, refusal) }
        return .refuse(refusal.description, reply: AcceptedLink.frame(reply))
    }

    private static func frame(_ reply: HelloReply) -> ByteBuffer {
        var payload = ByteBuffer()
        reply.encode(into: &payload)
        var bytes = ByteBuffer()
        Frame(destination: Frame.membership, payload: payload).write(into: &bytes)
        return bytes
    }

    /// Answers as long as something arrives, whatever it is: the other end takes silence for a broken connection.
    package mutating func tick(now: Instant) -> TickStep {
        guard !isEnded else { return .nothing }
        let silence = now.elapsed(since: lastHeard)
        if peer == nil {
            guard silence > NodeCoreLimits.handshakeDeadline else { return .nothing }
            isEnded = true
            return .malformed("it sent no handshake in time")
        }
        if silence > NodeCoreLimits.acceptedSilence {
            isEnded = true
            return .end
        }
        guard hasHeardSinceTick, let caller else { return .nothing }
        hasHeardSinceTick = false
        return .answer(caller)
    }
}
