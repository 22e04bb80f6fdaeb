import NIOCore
import NodeCore
import Replication
import StatorCore
import Testing

/// Whom a shard keeps links to.
@Suite struct LinkMembersTests {
    private func dialled(_ effects: [LinkEffect]) -> [Endpoint] {
        effects.compactMap { if case .dial(_, let endpoint) = $0 { endpoint } else { nil } }
    }

    @Test func allOtherMembersAreDialledInTheirOrder() {
        let bench = LinkBench()
        let effects = bench.handle(.follow(LinkBench.view("C", "A", "B")))
        #expect(dialled(effects) == ["B", "C"].map { LinkBench.endpoint($0) })
        #expect(bench.handle(.follow(LinkBench.view("A", "B", "C"))).isEmpty)
    }

    @Test func aMemberThatHasMovedIsDialledAtItsNewAddress() throws {
        let bench = LinkBench()
        let id = try bench.makeUp()
        var member = try #require(LinkBench.view("A", "B").member(NodeID("B")))
        member.peerEndpoint = Endpoint(host: "elsewhere", port: 9)
        let effects = bench.handle(.follow(View(epoch: Epoch(2), members: [member])))
        #expect(effects.closes(id))
        #expect(effects.endpoint == member.peerEndpoint)
        #expect(bench.news == ["B up", "B down"])
    }

    @Test func whoLeftTheViewIsKeptForAWhileAndOneThatComesBackForGood() throws {
        let bench = LinkBench()
        let id = try bench.makeUp()
        bench.handle(.follow(LinkBench.view("A")))
        bench.pass(NodeCoreLimits.departedGrace, hearing: id)
        #expect(bench.links.peers == [NodeID("B")])
        bench.handle(.follow(LinkBench.view("A", "B")))
        bench.pass(NodeCoreLimits.departedGrace * 2, hearing: id)
        #expect(bench.news == ["B up"])
        bench.handle(.follow(LinkBench.view("A")))
        bench.pass(NodeCoreLimits.departedGrace + NodeCoreLimits.linkTick, hearing: id)
        #expect(bench.links.peers.isEmpty)
        #expect(bench.news == ["B up", "B down"])
        #expect(!bench.send())
    }

    @Test func anOutsiderIsKeptAsLongAsItIsTalkedTo() throws {
        let bench = LinkBench()
        bench.handle(.follow(LinkBench.view("A")))
        let id = try #require(bench.handle(.reach(NodeID("X"), LinkBench.endpoint("X"))).dialled)
        for _ in 0..<5 {
            bench.pass(NodeCoreLimits.departedGrace * 3 / 4, hearing: id)
            bench.links.send(.streamed(Epoch(1)), to: NodeID("X"), now: bench.now)
        }
        #expect(bench.links.peers == [NodeID("X")])
        bench.pass(NodeCoreLimits.departedGrace + NodeCoreLimits.linkTick)
        #expect(bench.links.peers.isEmpty)
    }

    @Test func aMemberTalksBackToAnOutsiderThatIsHeard() throws {
        let bench = LinkBench()
        bench.handle(.follow(LinkBench.view("B")))
        #expect(bench.handle(.heard(NodeID("X"), LinkBench.endpoint("X"))).dialled == nil, "it is no member itself")
        bench.handle(.follow(LinkBench.view("A")))
        let id = try #require(bench.handle(.heard(NodeID("X"), LinkBench.endpoint("X"))).dialled)
        for _ in 0..<5 {
            bench.pass(NodeCoreLimits.departedGrace * 3 / 4, hearing: id)
            bench.handle(.heard(NodeID("X"), LinkBench.endpoint("X")))
        }
        #expect(bench.links.peers.contains(NodeID("X")))
        bench.pass(NodeCoreLimits.departedGrace + NodeCoreLimits.linkTick)
        #expect(!bench.links.peers.contains(NodeID("X")))
    }

    @Test func outsidersAreBounded() {
        let bench = LinkBench()
        bench.handle(.follow(LinkBench.view("A")))
        for number in 0..<NodeCoreLimits.maximumOutsiders + 10 {
            bench.handle(.reach(NodeID("X\(number)"), Endpoint(host: "x", port: number + 1)))
        }
        #expect(bench.links.peers.count == NodeCoreLimits.maximumOutsiders)
    }

    @Test func aNodeKeepsNoLinkToItself() {
        let bench = LinkBench()
        bench.handle(.follow(LinkBench.view("A", "B")))
        #expect(bench.handle(.reach(NodeID("A"), LinkBench.endpoint("A"))).isEmpty)
        #expect(!bench.send(to: "A"))
    }

    @Test func acceptedOrNotNothingIsDialledOnceTheLinksAreClosed() throws {
        let bench = LinkBench()
        let id = try bench.makeUp()
        #expect(bench.handle(.close).closes(id))
        #expect(bench.pass(.seconds(5)).isEmpty)
    }

    // MARK: Faults of experiments

    @Test func aCutIsSilenceAndNothingIsDialledUntilItIsHealed() throws {
        let bench = LinkBench()
        let id = try bench.makeUp()
        bench.handle(.faults(NetworkFaults(cut: [NodeID("B")])))
        #expect(!bench.send())
        let effects = bench.pass(NodeCoreLimits.longestSilence + NodeCoreLimits.linkTick, hearing: id)
        #expect(effects.written.isEmpty)
        #expect(bench.news == ["B up", "B down"])
        var redial = try #require(effects.redial)
        for _ in 0..<4 {
            let effects = bench.handle(.redial(redial.id))
            #expect(effects.dialled == nil)
            redial = try #require(effects.redial)
        }
        bench.handle(.faults(NetworkFaults()))
        #expect(bench.handle(.redial(redial.id)).dialled != nil)
    }

    @Test func whatIsSentLateMayBeAnsweredLate() throws {
        let bench = LinkBench()
        _ = try bench.makeUp()
        bench.handle(.faults(NetworkFaults(delay: .seconds(3))))
        bench.pass(NodeCoreLimits.longestSilence + .seconds(3))
        #expect(bench.news == ["B up"])
        bench.pass(NodeCoreLimits.linkTick)
        #expect(bench.news == ["B up", "B down"])
    }
}
