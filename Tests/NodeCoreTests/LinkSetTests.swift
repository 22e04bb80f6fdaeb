import NIOCore
import NodeCore
import Replication
import StatorCore
import Testing
import Wire

/// The dialling end: a machine that is driven without a network.
@Suite struct LinkSetTests {
    @Test func aLinkIsUpOnceItsHandshakeIsAccepted() throws {
        let bench = LinkBench()
        let effects = bench.handle(.follow(LinkBench.view("A", "B")))
        let id = try #require(effects.dialled)
        #expect(effects.endpoint == LinkBench.endpoint("B"))
        let hello = try #require(bench.handle(.connected(id)).written.first?.frames().first)
        var payload = hello.payload
        #expect(try Hello.decode(&payload) == .hello(LinkBench.card("A").hello(shard: 0)))
        #expect(bench.news.isEmpty)
        bench.handle(.received(id, LinkBench.reply(.accepted(NodeID("B"), generation: 1))))
        #expect(bench.news == ["B up"])
        #expect(bench.links.counters.linksUp == 1)
    }

    @Test func theAnswerToTheHandshakeMayComeByteByByte() throws {
        let bench = LinkBench()
        let id = try #require(bench.handle(.follow(LinkBench.view("A", "B"))).dialled)
        bench.handle(.connected(id))
        for byte in LinkBench.reply(.accepted(NodeID("B"), generation: 1)).readableBytesView {
            bench.handle(.received(id, ByteBuffer(bytes: [byte])))
        }
        #expect(bench.news == ["B up"])
    }

    @Test func framesLeaveInOrderAndInOneWriteATurn() throws {
        let bench = LinkBench()
        _ = try bench.makeUp()
        for number in 0..<20 as Range<UInt64> { #expect(bench.send(number)) }
        let written = bench.flush().written
        #expect(written.count == 1)
        let numbers = try written[0].frames().map { frame -> RequestID? in
            var payload = frame.payload
            guard case .writeReply(let request, _) = try ShardMessageCodec.decode(&payload) else { return nil }
            return request
        }
        #expect(numbers == (0..<20).map { RequestID(UInt64($0)) })
        #expect(bench.flush().isEmpty)
    }

    @Test func framesAreKeptForALinkThatIsBeingMade() throws {
        let bench = LinkBench()
        let id = try #require(bench.handle(.follow(LinkBench.view("A", "B"))).dialled)
        #expect(bench.send())
        #expect(bench.flush().isEmpty)
        bench.handle(.connected(id))
        let effects = bench.handle(.received(id, LinkBench.reply(.accepted(NodeID("B"), generation: 1))))
        #expect(try effects.written.first?.frames().count == 1)
    }

    @Test func whatWasKeptIsDroppedWhenTheAttemptFails() throws {
        let bench = LinkBench()
        let id = try #require(bench.handle(.follow(LinkBench.view("A", "B"))).dialled)
        #expect(bench.send())
        let redial = try #require(bench.handle(.failed(id)).redial)
        #expect(bench.links.counters.framesDropped == 1)
        let next = try #require(bench.handle(.redial(redial.id)).dialled)
        bench.handle(.connected(next))
        let effects = bench.handle(.received(next, LinkBench.reply(.accepted(NodeID("B"), generation: 1))))
        #expect(effects.written.isEmpty)
    }

    @Test func pausesDoubleUpToTheLongestAndBeginAnewOnceTheLinkWasUp() throws {
        for seed in 0..<20 as Range<UInt64> {
            let bench = LinkBench(seed: seed)
            var id = try #require(bench.handle(.follow(LinkBench.view("A", "B"))).dialled)
            var expected = NodeCoreLimits.shortestBackoff
            for _ in 0..<8 {
                let redial = try #require(bench.handle(.failed(id)).redial)
                #expect(redial.after >= expected / 2 && redial.after <= expected, "seed \(seed)")
                expected = min(expected * 2, NodeCoreLimits.longestBackoff)
                id = try #require(bench.handle(.redial(redial.id)).dialled)
            }
            bench.handle(.connected(id))
            bench.handle(.received(id, LinkBench.reply(.accepted(NodeID("B"), generation: 1))))
            let redial = try #require(bench.handle(.ended(id)).redial)
            #expect(redial.after <= NodeCoreLimits.shortestBackoff)
        }
    }

    @Test func aQueueIsBoundedUntilTheDriverHasWritten() throws {
        let bench = LinkBench(queueBound: 1000)
        let id = try bench.makeUp()
        var taken = 0
        while bench.send() { taken += 1 }
        #expect(taken > 2)
        let bytes = try #require(bench.flush().written.first)
        #expect(bytes.readableBytes + bench.links.counters.bytesSent >= 1000)
        #expect(!bench.send())
        bench.handle(.written(id, bytes: bytes.readableBytes))
        #expect(bench.send())
        #expect(bench.links.counters.framesDropped == 2)
    }

    @Test func littleIsKeptForALinkThatIsNotUp() {
        let bench = LinkBench()
        bench.handle(.follow(LinkBench.view("A", "B")))
        var bytes = 0
        while let size = bench.links.send(.writeReply(RequestID(1), .stored(hadLive: false)), to: NodeID("B")) {
            bytes += size + Frame.overhead
        }
        #expect(bytes >= NodeCoreLimits.maximumBytesBeforeLink && bytes < NodeCoreLimits.maximumBytesBeforeLink + 100)
    }

    @Test func allThatIsQueuedIsDroppedWhenTheLinkBreaks() throws {
        let bench = LinkBench(queueBound: 1000)
        let id = try bench.makeUp()
        while bench.send() {}
        let staged = bench.links.counters.framesDropped
        let redial = try #require(bench.handle(.ended(id)).redial)
        #expect(bench.news == ["B up", "B down"])
        #expect(bench.links.counters.framesDropped > staged)
        let next = try #require(bench.handle(.redial(redial.id)).dialled)
        bench.handle(.connected(next))
        #expect(bench.handle(.received(next, LinkBench.reply(.accepted(NodeID("B"), generation: 2)))).written.isEmpty)
        // Nothing of what the earlier connection had queued counts any more.
        #expect(bench.send())
    }

    @Test func silenceTakesALinkDown() throws {
        let bench = LinkBench()
        let id = try bench.makeUp()
        bench.pass(NodeCoreLimits.longestSilence)
        #expect(bench.news == ["B up"])
        #expect(bench.pass(NodeCoreLimits.linkTick).closes(id))
        #expect(bench.news == ["B up", "B down"])
    }

    @Test func aQuietLinkLivesByKeepAlives() throws {
        let bench = LinkBench()
        let id = try bench.makeUp()
        let effects = bench.pass(.seconds(60), hearing: id)
        #expect(bench.news == ["B up"])
        #expect(effects.written.count == 60, "every other tick: a keep-alive is a sign of life as well")
        #expect(effects.written.allSatisfy { $0 == Frame.keepAliveBytes })
    }

    @Test func aLinkThatSendsNeedsNoKeepAlive() throws {
        let bench = LinkBench()
        let id = try bench.makeUp()
        bench.pass(NodeCoreLimits.linkTick, hearing: id)
        #expect(bench.send())
        _ = bench.flush()
        #expect(bench.pass(NodeCoreLimits.linkTick, hearing: id).written.isEmpty)
    }

    /// After a driver was held up, what peers have sent meanwhile is still unread.
    @Test func aDriverThatWasHeldUpTakesNobodyForSilent() throws {
        let bench = LinkBench()
        _ = try bench.makeUp()
        bench.pass(NodeCoreLimits.linkTick)
        bench.jump(.seconds(30))
        bench.handle(.tick)
        #expect(bench.news == ["B up"])
        bench.pass(NodeCoreLimits.longestSilence + NodeCoreLimits.linkTick)
        #expect(bench.news == ["B up", "B down"])
    }

    @Test func anotherNodeAtTheAddressIsNotUsedAndLoggedOnce() throws {
        let bench = LinkBench()
        var id = try #require(bench.handle(.follow(LinkBench.view("A", "B"))).dialled)
        for _ in 0..<3 {
            bench.handle(.connected(id))
            let effects = bench.handle(.received(id, LinkBench.reply(.accepted(NodeID("C"), generation: 1))))
            #expect(effects.closes(id))
            let redial = try #require(effects.redial)
            id = try #require(bench.handle(.redial(redial.id)).dialled)
        }
        #expect(bench.news.isEmpty)
        #expect(bench.log == [.warning("cannot use the link to B at host-B:7000: node C answers there")])
    }

    @Test func aRefusalIsLoggedAndTriedAgain() throws {
        let bench = LinkBench()
        let id = try #require(bench.handle(.follow(LinkBench.view("A", "B"))).dialled)
        bench.handle(.connected(id))
        let effects = bench.handle(.received(id, LinkBench.reply(.refused(.tooManyConnections))))
        #expect(effects.closes(id) && effects.redial != nil)
        #expect(bench.log.count == 1)
    }

    @Test func aHandshakeThatIsNotAnsweredIsGivenUp() throws {
        let bench = LinkBench()
        let id = try #require(bench.handle(.follow(LinkBench.view("A", "B"))).dialled)
        bench.handle(.connected(id))
        #expect(!bench.pass(NodeCoreLimits.handshakeDeadline).closes(id))
        #expect(bench.pass(NodeCoreLimits.linkTick).closes(id))
    }

    @Test(arguments: [
        ByteBuffer(string: "HTTP/1.1 400 Bad Request\r\n"), ByteBuffer(repeating: 0, count: 8),
        LinkBench.frame(ByteBuffer(string: "no reply")),
    ])
    func whatIsNoAnswerOfThisProtocolEndsTheAttempt(answer: ByteBuffer) throws {
        let bench = LinkBench()
        let id = try #require(bench.handle(.follow(LinkBench.view("A", "B"))).dialled)
        bench.handle(.connected(id))
        #expect(bench.handle(.received(id, answer)).closes(id))
        #expect(bench.links.counters.malformedFrames == 1)
    }

    @Test func aLinkCarriesMessagesOneWayOnly() throws {
        let bench = LinkBench()
        let id = try bench.makeUp()
        #expect(bench.handle(.received(id, LinkBench.frame(ByteBuffer(string: "x"), to: 0))).closes(id))
        #expect(bench.news == ["B up", "B down"])
    }

    /// A node restarts while its peer's old connection lingers: the news of the old one mean nothing.
    @Test func whatAnEarlierConnectionReportsIsIgnored() throws {
        let bench = LinkBench()
        let old = try bench.makeUp()
        let redial = try #require(bench.handle(.ended(old)).redial)
        let new = try #require(bench.handle(.redial(redial.id)).dialled)
        #expect(new != old)
        bench.handle(.connected(new))
        bench.handle(.received(new, LinkBench.reply(.accepted(NodeID("B"), generation: 2))))
        for event in [
            LinkEvent.ended(old), .failed(old), .received(old, ByteBuffer(string: "x")), .connected(old), .redial(old),
        ] {
            #expect(bench.handle(event).isEmpty)
        }
        #expect(bench.news == ["B up", "B down", "B up"])
    }
}
