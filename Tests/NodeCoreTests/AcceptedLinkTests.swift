import NIOCore
import NodeCore
import Replication
import StatorCore
import Testing
import Wire

/// The accepting end of a link.
@Suite struct AcceptedLinkTests {
    private func time(_ seconds: Double) -> Instant { Instant(nanoseconds: Int64(seconds * 1e9)) }

    private func accepted() -> AcceptedLink { AcceptedLink(LinkBench.card("B"), now: time(0)) }

    private func hello(_ change: (inout Hello) -> Void = { _ in }) -> ByteBuffer {
        var hello = LinkBench.card("A").hello(shard: 0)
        change(&hello)
        var payload = ByteBuffer()
        hello.encode(into: &payload)
        return LinkBench.frame(payload)
    }

    private func message(_ number: UInt64) -> ByteBuffer {
        var bytes = ByteBuffer()
        _ = Frame.write(.writeReply(RequestID(number), .stored(hadLive: true)), toShard: 0, into: &bytes)
        return bytes
    }

    private func isAnswer(_ step: AcceptedLink.TickStep) -> Bool {
        if case .answer(let caller) = step { caller.node == NodeID("A") } else { false }
    }

    /// One that has shaken hands.
    private func welcomed() -> AcceptedLink {
        var link = accepted()
        link.receive(hello(), now: time(0))
        while link.next() != nil {}
        return link
    }

    private func numbers(_ link: inout AcceptedLink) -> [RequestID] {
        var numbers: [RequestID] = []
        while let step = link.next() {
            if case .message(_, .writeReply(let request, _), _) = step { numbers.append(request) }
        }
        return numbers
    }

    @Test func aHelloIsWelcomedAndWhatFollowsInTheSameReadIsTaken() throws {
        var link = accepted()
        var bytes = hello()
        bytes.writeImmutableBuffer(message(7))
        link.receive(bytes, now: time(1))
        guard case .welcome(let hello, let reply) = link.next() else {
            Issue.record("not welcomed")
            return
        }
        #expect(hello.node == NodeID("A") && link.peer == NodeID("A"))
        var payload = try #require(try reply.frames().first).payload
        #expect(try HelloReply.decode(&payload) == .accepted(NodeID("B"), generation: 1))
        #expect(numbers(&link) == [RequestID(7)])
    }

    @Test func framesCutAnywhereComeOutWholeAndInOrder() {
        var stream = ByteBuffer()
        for number in 0..<50 as Range<UInt64> { stream.writeImmutableBuffer(message(number)) }
        for seed in 0..<50 as Range<UInt64> {
            var random = RandomGenerator(seed: seed)
            var link = welcomed()
            var rest = stream
            var found: [RequestID] = []
            while rest.readableBytes > 0 {
                let count = min(rest.readableBytes, 1 + random.below(40))
                if let part = rest.readSlice(length: count) { link.receive(part, now: time(1)) }
                found += numbers(&link)
            }
            #expect(found == (0..<50).map { RequestID(UInt64($0)) }, "seed \(seed)")
        }
    }

    @Test func strangersAreToldWhyAndNothingFollows() throws {
        var link = accepted()
        var bytes = hello { $0.cluster = "other" }
        bytes.writeImmutableBuffer(message(1))
        link.receive(bytes, now: time(1))
        guard case .refuse(let reason, let reply) = link.next() else {
            Issue.record("not refused")
            return
        }
        #expect(reason == "cluster 'other' is not this one, 'demo'")
        var payload = try #require(try reply.frames().first).payload
        #expect(try HelloReply.decode(&payload) == .refused(.cluster(here: "demo", there: "other")))
        #expect(link.next() == nil && link.isEnded)
    }

    @Test func aHandshakeHasADeadlineThatTricklingDoesNotExtend() {
        var link = accepted()
        var rest = hello()
        for step in 1...10 {
            if let part = rest.readSlice(length: 1) { link.receive(part, now: time(Double(step) / 2)) }
            #expect(link.next() == nil)
            #expect(link.tick(now: time(Double(step) / 2)) == .nothing)
        }
        #expect(link.tick(now: time(5.5)) == .malformed("it sent no handshake in time"))
        #expect(link.isEnded)
    }

    @Test func whatIsHeardIsAnsweredOnceATick() {
        var link = welcomed()
        #expect(isAnswer(link.tick(now: time(0.5))))
        #expect(link.tick(now: time(1)) == .nothing)
        link.receive(message(1), now: time(1.2))
        link.receive(Frame.keepAliveBytes, now: time(1.3))
        #expect(isAnswer(link.tick(now: time(1.5))))
        #expect(link.tick(now: time(2)) == .nothing)
    }

    @Test func aSilentPeerIsLetGo() {
        var link = welcomed()
        _ = link.tick(now: time(0.5))
        #expect(link.tick(now: time(10)) == .nothing)
        #expect(link.tick(now: time(10.5)) == .end)
        link.receive(message(1), now: time(11))
        #expect(link.next() == nil)
    }

    @Test(arguments: [
        LinkBench.frame(ByteBuffer(string: "no message"), to: 0), LinkBench.frame(ByteBuffer(string: "x"), to: 1),
        LinkBench.frame(ByteBuffer(string: "no message")), ByteBuffer(repeating: 0, count: 4),
        ByteBuffer(integer: UInt32(WireLimits.maximumFrame + 1)),
    ])
    func whatIsNotTheProtocolEndsIt(bytes: ByteBuffer) {
        var link = welcomed()
        link.receive(bytes, now: time(1))
        guard case .malformed = link.next() else {
            Issue.record("taken")
            return
        }
        #expect(link.next() == nil && link.isEnded)
    }

    @Test func aFrameBeforeTheHandshakeIsSmall() {
        var link = accepted()
        link.receive(ByteBuffer(integer: UInt32(WireLimits.maximumHandshakeFrame + 1)), now: time(1))
        guard case .malformed = link.next() else {
            Issue.record("taken")
            return
        }
    }

    @Test func framesThatACutHoldsBackAreGoneButWhatFollowsIsRead() {
        var link = welcomed()
        _ = link.tick(now: time(0.5))
        var first = message(1)
        let half = first.readSlice(length: 4) ?? ByteBuffer()
        link.receive(half, now: time(1), isCut: true)
        #expect(numbers(&link).isEmpty)
        #expect(link.tick(now: time(1.5)) == .nothing)
        link.receive(first, now: time(2), isCut: true)
        #expect(numbers(&link).isEmpty)
        link.receive(message(2), now: time(3))
        #expect(numbers(&link) == [RequestID(2)])
    }

    @Test func oneForWhomThereIsNoRoomIsTold() throws {
        var link = accepted()
        var payload = try #require(try link.refuse(.tooManyConnections).frames().first).payload
        #expect(try HelloReply.decode(&payload) == .refused(.tooManyConnections))
        link.receive(hello(), now: time(1))
        #expect(link.next() == nil)
    }
}
