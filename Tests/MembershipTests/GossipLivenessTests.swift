import StatorCore
import Testing

@testable import Membership

@Suite struct GossipLivenessTests {
    private let view = testView(1, ["a", "b", "c"])

    /// `b` heard of every half second, ten seconds long.
    private func settled(_ harness: GossipHarness, from first: UInt64 = 1, every milliseconds: Int = 500) -> UInt64 {
        for beat in first..<first + 20 {
            harness.hear("b", heartbeat: beat)
            harness.hear("c", heartbeat: beat)
            harness.pass(.milliseconds(milliseconds))
        }
        return first + 20
    }

    @Test func silenceLeadsFromAliveToSuspectedToDeadAndAHeartbeatBack() {
        let harness = GossipHarness("a", view: view)
        let next = settled(harness)
        #expect(harness.takeLiveness().isEmpty)
        for beat in next..<next + 20 {
            harness.hear("c", heartbeat: beat)
            harness.pass(.milliseconds(500))
        }
        #expect(harness.takeLiveness() == ["b suspected", "b dead"])
        #expect(harness.report("b")?.phi ?? 0 > 10)
        #expect(harness.report("c")?.liveness == .alive)
        harness.hear("b", heartbeat: next)
        #expect(harness.takeLiveness() == ["b alive"])
        #expect(harness.report("b")?.lastHeard == .zero)
    }

    @Test func thresholdsAreReachedWhereThePaperPutsThem() {
        var settings = GossipSettings()
        settings.interval = .milliseconds(20)
        let harness = GossipHarness("a", view: view, settings: settings)
        // Mean 500 ms and deviation 0, hence the least one of 500 ms, and a pause of 2,000 ms.
        _ = settled(harness, from: 1)
        _ = settled(harness, from: 21)
        _ = settled(harness, from: 41)
        _ = settled(harness, from: 61)
        harness.hear("b", heartbeat: 1000)
        let expected = 2500 + 500 * NormalTail.deviations(phi: 5)
        harness.pass(.milliseconds(Int(expected) - 30))
        #expect(harness.report("b")?.liveness == .alive)
        harness.pass(.milliseconds(60))
        #expect(harness.report("b")?.liveness == .suspected)
        #expect(abs((harness.report("b")?.phi ?? 0) - 5) < 1)
    }

    @Test func aMemberThatNeverSpeaksIsFoundDead() {
        let harness = GossipHarness("a", view: view)
        harness.pass(.seconds(2))
        #expect(harness.takeLiveness().isEmpty)
        harness.pass(.seconds(10))
        #expect(harness.takeLiveness() == ["b suspected", "c suspected", "b dead", "c dead"])
        #expect(harness.report("b")?.lastHeard == nil)
    }

    @Test func slowHeartbeatsEarnPatience() {
        let quick = GossipHarness("a", view: view)
        let slow = GossipHarness("a", view: view)
        let next = settled(quick)
        _ = settled(slow, every: 2500)
        quick.hear("b", heartbeat: next)
        slow.hear("b", heartbeat: next)
        quick.pass(.seconds(4))
        slow.pass(.seconds(4))
        #expect(quick.report("b")?.phi ?? 0 > 1)
        #expect(slow.report("b")?.phi ?? 9 < 0.5)
    }

    @Test func anOldHeartbeatOrGenerationIsNoSignOfLife() {
        let harness = GossipHarness("a", view: view, generation: 7)
        harness.hear("b", generation: 3, heartbeat: 10)
        harness.pass(.seconds(1))
        harness.hear("b", generation: 2, heartbeat: 99)
        harness.hear("b", generation: 3, heartbeat: 10)
        harness.hear("b", generation: 3, heartbeat: 9)
        #expect(harness.report("b")?.lastHeard == .seconds(1))
        #expect(harness.report("b")?.generation == 3)
        #expect(harness.report("b")?.heartbeat == 10)
    }

    @Test func aNewGenerationStartsANewWindow() {
        let harness = GossipHarness("a", view: view)
        _ = settled(harness, every: 3000)
        harness.hear("b", generation: 2, heartbeat: 1)
        #expect(harness.gossip.members[1].window.count == 2)
        #expect(harness.gossip.members[1].window.mean == 500)
        #expect(harness.report("b")?.generation == 2)
    }

    @Test func aSilenceSomewhatTooLongIsLearnedFrom() {
        let harness = GossipHarness("a", view: view)
        let next = settled(harness)
        let before = harness.gossip.members[1].window.count
        harness.pass(.seconds(8))
        #expect(harness.report("b")?.liveness == .dead)
        harness.hear("b", heartbeat: next)
        #expect(harness.gossip.members[1].window.count == before + 1)
        #expect(harness.gossip.members[1].window.deviation > 1000)
    }

    @Test func aClusterThatTakesTurnsIsWaitedForLonger() {
        func patience(_ members: Int, heard: Bool) -> Double {
            let detector = GossipDetector(settings: GossipSettings(), members: members)
            var member = GossipMember(detector: detector, now: Instant(nanoseconds: 0))
            if heard {
                let version = HeartbeatVersion(generation: 1, heartbeat: 1)
                member.hear(version, detector: detector, now: Instant(nanoseconds: 0))
            }
            return detector.deadlines(of: member).dead.elapsed(since: Instant(nanoseconds: 0)).milliseconds
        }
        #expect(patience(3, heard: true) == patience(512, heard: true))
        #expect(patience(3, heard: false) < 7500)
        #expect(patience(4096, heard: true) > 40_000)
        #expect(patience(4096, heard: false) > patience(4096, heard: true))
    }

    @Test func anOutageIsNotTakenForAnInterval() {
        let harness = GossipHarness("a", view: view)
        let next = settled(harness)
        let before = harness.gossip.members[1].window.count
        harness.pass(.seconds(600))
        #expect(harness.report("b")?.liveness == .dead)
        harness.hear("b", heartbeat: next)
        #expect(harness.gossip.members[1].window.count == before)
    }

    @Test func standingStillOneselfIsNobodysSilence() {
        let harness = GossipHarness("a", view: view)
        let next = settled(harness)
        harness.stall(.seconds(120))
        harness.pass(.milliseconds(1000))
        #expect(harness.takeLiveness().isEmpty)
        #expect(harness.report("b")?.lastHeard ?? .zero > .seconds(100))
        harness.hear("b", heartbeat: next)
        #expect(harness.gossip.members[1].window.mean < 1000)
        harness.pass(.seconds(30))
        #expect(harness.report("b")?.liveness == .dead)
    }

    @Test func aNodeThatOthersRememberFurtherOnMovesAboveThat() {
        let harness = GossipHarness("a", view: view, generation: 2)
        func tellOfA(_ generation: UInt64, _ heartbeat: UInt64) {
            let version = HeartbeatVersion(generation: generation, heartbeat: heartbeat)
            harness.receive(
                GossipMessage(
                    sender: HeartbeatVersion(generation: 1, heartbeat: 1), view: harness.gossip.viewSummary,
                    body: .answer([HeartbeatEntry(index: 0, version: version)])), from: "b")
        }
        tellOfA(1, 500)
        #expect(harness.gossip.own == HeartbeatVersion(generation: 2, heartbeat: 1))
        tellOfA(2, 500)
        #expect(harness.gossip.own == HeartbeatVersion(generation: 2, heartbeat: 501))
        tellOfA(9, 3)
        #expect(harness.gossip.own == HeartbeatVersion(generation: 10, heartbeat: 1))
        tellOfA(HeartbeatVersion.largestNumber, HeartbeatVersion.largestNumber)
        harness.pass(.seconds(1))
        #expect(harness.gossip.own.generation == 10)
    }

    @Test func reportsAreSortedAndIncludeTheNodeItself() {
        let harness = GossipHarness("b", view: view, generation: 4)
        harness.pass(.seconds(2))
        #expect(harness.reports.map(\.member.node.name) == ["a", "b", "c"])
        #expect(harness.report("b")?.liveness == .alive)
        #expect(harness.report("b")?.generation == 4)
        #expect(harness.report("b")?.heartbeat ?? 0 >= 4)
    }
}
