import NIOCore
import StatorCore
import Testing

@testable import Membership

@Suite struct GossipExchangeTests {
    private func names(_ count: Int) -> [String] {
        (0..<count).map { "n\(1000 + $0)" }
    }

    private func exchange(_ harness: GossipHarness, _ entries: [HeartbeatEntry]) -> GossipMessage {
        GossipMessage(
            sender: HeartbeatVersion(generation: 1, heartbeat: 1), view: harness.gossip.viewSummary,
            body: .exchange(entries))
    }

    private func entry(_ index: Int, _ generation: UInt64, _ heartbeat: UInt64) -> HeartbeatEntry {
        HeartbeatEntry(index: index, version: HeartbeatVersion(generation: generation, heartbeat: heartbeat))
    }

    @Test func anAnswerHoldsExactlyWhatIsNewer() {
        let harness = GossipHarness("a", view: testView(1, ["a", "b", "c", "d", "e"]))
        harness.hear("b", generation: 2, heartbeat: 5)
        harness.hear("c", heartbeat: 7)
        harness.hear("d", heartbeat: 9)
        _ = harness.takeSent()
        harness.receive(exchange(harness, [entry(0, 0, 0), entry(2, 1, 6), entry(3, 1, 9), entry(4, 1, 3)]), from: "b")
        let answers = harness.takeSent()
        #expect(answers.count == 1)
        #expect(answers.first?.to.name == "b")
        // b's own past is ahead of what b says now: it has to hear of that.
        #expect(answers.first?.message.body == .answer([entry(0, 1, 1), entry(1, 2, 5), entry(2, 1, 7)]))
        #expect(harness.report("e")?.heartbeat == 3)
    }

    @Test func exchangesOfALargeClusterTakeTurnsUntilAllWereNamed() {
        let view = testView(1, names(300))
        let harness = GossipHarness("n1007", view: view)
        _ = harness.takeSent()
        while harness.sent.count < 3 { harness.pass(.milliseconds(100)) }
        var named: Set<Int> = []
        for (_, message) in harness.takeSent().prefix(3) {
            guard case .exchange(let entries) = message.body else { continue }
            #expect(entries.count >= 127 && entries.count <= 128)
            named.formUnion(entries.map(\.index))
        }
        #expect(named.count == 299)
        #expect(!named.contains(7))
    }

    @Test func anAnswerStaysWithinTheLimitWhateverIsAsked() {
        let view = testView(1, names(2200))
        let harness = GossipHarness("n1000", view: view)
        let large = HeartbeatVersion.largestNumber
        let asked = (1...HeartbeatEntry.maximumPerMessage).map { entry($0, 0, 0) }
        harness.receive(exchange(harness, asked.map { entry($0.index, large, large) }), from: "n1005")
        harness.receive(exchange(harness, asked), from: "n1006")
        let answer = harness.takeSent().last?.message
        guard case .answer(let entries) = answer?.body else {
            Issue.record("no answer")
            return
        }
        // All of them but the asker, of which it was told the latest by the asker itself... and is now behind.
        #expect(entries.count == HeartbeatEntry.maximumPerMessage)
    }

    @Test func partnersAreDistinctAndTheDeadAreTriedNowAndThen() {
        var settings = GossipSettings()
        settings.fanout = 3
        let view = testView(1, names(12))
        let harness = GossipHarness("n1000", view: view, settings: settings, seed: 5)
        // Ten members keep talking, one never does.
        var toTheDead = 0
        var ticks = 0
        for beat in 1...400 {
            for index in 1...10 { harness.hear("n\(1000 + index)", heartbeat: UInt64(beat)) }
            harness.pass(.milliseconds(500))
            let targets = harness.takeSent().map(\.to.name)
            if harness.report("n1011")?.liveness == .dead {
                ticks += 1
                toTheDead += targets.count { $0 == "n1011" }
                #expect(Set(targets).count == targets.count || targets.count > 4)
            }
        }
        // One dead among ten others: once in eleven intervals.
        #expect(toTheDead > ticks / 30 && toTheDead < ticks / 5, "\(toTheDead) of \(ticks)")
    }

    @Test func entriesOfAnotherViewAreLeftAlone() {
        let harness = GossipHarness("a", view: testView(3, ["a", "b", "c"]))
        let old = GossipMessage(
            sender: HeartbeatVersion(generation: 1, heartbeat: 8), view: ViewSummary(of: testView(2, ["a", "b"])),
            body: .exchange([entry(1, 9, 9)]))
        harness.receive(old, from: "b")
        #expect(harness.report("b")?.heartbeat == 8)
        #expect(harness.takeSent().map(\.message.body) == [.answer([])])
        #expect(harness.gossip.refusedMessages == 0)
    }

    @Test func gossipAboutAndFromUnknownNodesIsCounted() {
        let harness = GossipHarness("a", view: testView(1, ["a", "b"]))
        harness.receive(exchange(harness, [entry(5, 1, 1)]), from: "b")
        #expect(harness.gossip.refusedMessages == 1)
        harness.receive(exchange(harness, [entry(1, 1, 50)]), from: "z")
        #expect(harness.gossip.refusedMessages == 2)
        harness.receive(exchange(harness, []), from: "a")
        #expect(harness.gossip.refusedMessages == 3)
        harness.handle(.message(from: NodeID("b"), bytes: ByteBuffer(repeating: 0, count: 70_000)))
        #expect(harness.gossip.refusedMessages == 4)
        #expect(harness.report("b")?.heartbeat == 1)
        #expect(harness.takeSent().isEmpty)
    }

    @Test func aClusterOfOneTalksToNobody() {
        let harness = GossipHarness("a", view: testView(1, ["a"]))
        harness.pass(.seconds(60))
        #expect(harness.takeSent().isEmpty)
        #expect(harness.report("a")?.heartbeat ?? 0 > 100)
    }
}
