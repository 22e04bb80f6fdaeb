import NIOCore
import StatorCore
import Testing

@testable import Membership

@Suite struct GossipViewTests {
    /// Delivers what nodes send to one another until nothing is left; `lose` drops some.
    private func deliver(_ nodes: [GossipHarness], lose: (GossipMessage) -> Bool = { _ in false }) {
        var isQuiet = false
        while !isQuiet {
            isQuiet = true
            for node in nodes {
                for (target, message) in node.takeSent() where !lose(message) {
                    guard let receiver = nodes.first(where: { $0.gossip.node == target }) else { continue }
                    isQuiet = false
                    receiver.receive(message, from: node.gossip.node.name)
                }
            }
        }
    }

    @Test func aLaterViewIsFetchedFromWhoeverAnnouncesIt() {
        let old = testView(1, ["a", "b", "c"])
        let new = testView(2, ["a", "b", "c", "d"])
        let (a, b) = (GossipHarness("a", view: old), GossipHarness("b", view: old))
        a.handle(.viewChosen(new))
        b.pass(.seconds(2))
        deliver([a, b])
        #expect(b.learned == [new])
        #expect(b.reports.map(\.member.node.name) == ["a", "b", "c", "d"])
        #expect(a.learned.isEmpty)
    }

    @Test func anOutsiderIsSilentUntilItLearnsAViewThatHoldsIt() {
        let e = GossipHarness("e", view: testView(0, []))
        e.pass(.seconds(20))
        #expect(e.takeSent().isEmpty)
        let a = GossipHarness("a", view: testView(4, ["a", "e"]))
        a.pass(.seconds(1))
        deliver([a, e])
        #expect(e.learned == [testView(4, ["a", "e"])])
        e.pass(.seconds(1))
        #expect(!e.takeSent().isEmpty)
        #expect(e.takeLiveness().isEmpty)
    }

    @Test func anOutsiderJudgesNobody() {
        let e = GossipHarness("e", view: testView(1, ["a", "b"]))
        e.pass(.seconds(600))
        #expect(e.takeLiveness().isEmpty)
        e.handle(.viewChosen(testView(2, ["a", "b", "e"])))
        e.pass(.seconds(2))
        #expect(e.takeLiveness().isEmpty)
    }

    @Test func aRemovedMemberLearnsThatItIsOut() {
        let old = testView(1, ["a", "b", "r"])
        let new = testView(2, ["a", "b"])
        let (a, r) = (GossipHarness("a", view: old), GossipHarness("r", view: old))
        a.handle(.viewChosen(new))
        r.pass(.seconds(3))
        deliver([a, r])
        #expect(r.learned == [new])
        #expect(a.report("r") == nil)
        r.pass(.seconds(10))
        for (_, message) in r.takeSent() { #expect(message.body == .exchange([]), "it speaks of nobody") }
    }

    @Test func aRemovedMemberAsksForLaterViews() {
        let left = testView(2, ["a", "b"])
        let later = testView(3, ["a", "b", "c"])
        let (a, r) = (GossipHarness("a", view: left), GossipHarness("r", view: left))
        a.handle(.viewChosen(later))
        r.pass(.seconds(20))
        deliver([a, r])
        #expect(r.learned == [later])
        #expect(a.gossip.refusedMessages == 0)
    }

    @Test func aViewIsNotLearnedFromAStrangerToBothViews() {
        let a = GossipHarness("a", view: testView(1, ["a", "b"]))
        let forged = testView(9, ["a", "b", "c"])
        let summary = ViewSummary(of: forged)
        let version = HeartbeatVersion(generation: 1, heartbeat: 1)
        a.receive(GossipMessage(sender: version, view: summary, body: .exchange([])), from: "z")
        let part = ViewPart(of: forged, first: 0, maximumBytes: 10_000)
        a.receive(GossipMessage(sender: version, view: summary, body: .viewPart(part)), from: "z")
        #expect(a.learned.isEmpty)
        #expect(a.gossip.refusedMessages == 1)
        // From someone in the later view it is taken: this node may have been away when that one joined.
        a.receive(GossipMessage(sender: version, view: summary, body: .exchange([])), from: "c")
        a.receive(GossipMessage(sender: version, view: summary, body: .viewPart(part)), from: "c")
        #expect(a.learned == [forged])
    }

    @Test func aPartThatDoesNotMakeTheAnnouncedViewIsRefused() {
        let a = GossipHarness("a", view: testView(1, ["a", "b"]))
        let summary = ViewSummary(of: testView(2, ["a", "b", "c"]))
        let version = HeartbeatVersion(generation: 1, heartbeat: 1)
        let wrong = ViewPart(of: testView(2, ["a", "b", "d"]), first: 0, maximumBytes: 10_000)
        let unordered = ViewPart(total: 3, first: 0, members: ["b", "a", "c"].map(testMember))
        for part in [wrong, unordered] {
            a.receive(GossipMessage(sender: version, view: summary, body: .answer([])), from: "b")
            a.receive(GossipMessage(sender: version, view: summary, body: .viewPart(part)), from: "b")
        }
        #expect(a.learned.isEmpty)
        #expect(a.gossip.refusedMessages == 2)
        #expect(a.gossip.view == testView(1, ["a", "b"]))
    }

    @Test func aViewOfTheSameEpochButOtherMembersIsKeptOutAndCounted() {
        let a = GossipHarness("a", view: testView(1, ["a", "b"]))
        a.handle(.viewChosen(testView(1, ["a", "b", "c"])))
        #expect(a.gossip.refusedMessages == 1)
        a.handle(.viewChosen(testView(1, ["a", "b"])))
        a.handle(.viewChosen(testView(0, ["a"])))
        #expect(a.gossip.refusedMessages == 1)
        let other = ViewSummary(of: testView(1, ["a", "b", "c"]))
        a.receive(
            GossipMessage(sender: HeartbeatVersion(generation: 1, heartbeat: 6), view: other, body: .exchange([])),
            from: "b")
        #expect(a.gossip.refusedMessages == 2)
        #expect(a.report("b")?.heartbeat == 6)
        #expect(a.gossip.view == testView(1, ["a", "b"]))
    }

    @Test func aViewOfManyPartsArrivesThoughPartsAreLost() {
        let prefix = String(repeating: "x", count: 58)
        let names = (0..<1500).map { "\(prefix)\(100_000 + $0)" }
        let new = testView(2, names)
        let old = testView(1, Array(names.prefix(2)))
        let (a, b) = (GossipHarness(names[0], view: old), GossipHarness(names[1], view: old))
        a.handle(.viewChosen(new))
        var random = RandomGenerator(seed: 3)
        var parts = 0
        for _ in 0..<60 where b.learned.isEmpty {
            a.pass(.milliseconds(550))
            b.pass(.milliseconds(550))
            deliver([a, b]) { message in
                if case .viewPart = message.body { parts += 1 }
                return random.chance(0.4)
            }
        }
        #expect(b.learned == [new])
        #expect(parts >= 3)
    }

    @Test func aFetchThatNobodyServesIsGivenUp() {
        let a = GossipHarness("a", view: testView(1, ["a", "b"]))
        let summary = ViewSummary(epoch: Epoch(7), digest: 1)
        a.receive(
            GossipMessage(sender: HeartbeatVersion(generation: 1, heartbeat: 6), view: summary, body: .exchange([])),
            from: "b")
        #expect(a.gossip.assembly != nil)
        a.pass(.seconds(8))
        #expect(a.gossip.assembly == nil)
        let requests = a.takeSent().count { if case .viewRequest = $0.message.body { true } else { false } }
        #expect(requests >= 5 && requests <= 12)
    }

    @Test func requestsForPartsAreServedAtABoundedRate() {
        let view = testView(1, ["a", "b"])
        let a = GossipHarness("a", view: view)
        let request = GossipMessage(
            sender: HeartbeatVersion(generation: 1, heartbeat: 1), view: ViewSummary(of: testView(0, [])),
            body: .viewRequest(ViewSummary(of: view), first: 0))
        for _ in 0..<1000 { a.receive(request, from: "b") }
        #expect(a.takeSent().count == GossipMembership.maximumPartsPerInterval)
    }

    @Test func membersThatStayKeepTheirHistoryAndLeaversAreForgotten() {
        let a = GossipHarness("a", view: testView(1, ["a", "c", "e"]))
        a.hear("e", heartbeat: 40)
        a.pass(.seconds(20))
        #expect(a.takeLiveness().filter { $0.hasSuffix("dead") }.sorted() == ["c dead", "e dead"])
        a.handle(.viewChosen(testView(2, ["a", "b", "d", "e"])))
        #expect(a.takeLiveness() == ["c alive"])
        #expect(a.report("e")?.heartbeat == 40)
        #expect(a.report("e")?.liveness == .dead)
        #expect(a.report("b")?.liveness == .alive)
    }
}
