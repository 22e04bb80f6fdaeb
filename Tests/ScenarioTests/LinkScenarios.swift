import NIOCore
import Replication
import Simulation
import StatorCore
import Testing

/// The links of whole nodes over simulated connections.
@Suite("Links in the simulated driver")
struct LinkScenarios {
    private func isWhole(_ fixture: SimulatedFixture, within limit: Duration = .seconds(15)) -> Bool {
        fixture.cluster.run(atMost: limit) { fixture.cluster.unusableLink == nil }
    }

    private func started(_ seed: UInt64 = 1) throws -> SimulatedFixture {
        let fixture = try SimulatedFixture(members: ["A", "B", "C"], seed: seed)
        try fixture.start()
        #expect(isWhole(fixture), "seed \(seed)")
        return fixture
    }

    @Test func quietLinksStayUp() throws {
        let fixture = try started()
        fixture.cluster.run(for: .seconds(120))
        #expect(fixture.cluster.network.counters.brokenLinks == 0)
        #expect(fixture.cluster.unusableLink == nil)
    }

    @Test func aShortCutDelaysAndBreaksNothing() throws {
        for seed in 1...10 as ClosedRange<UInt64> {
            let fixture = try started(seed)
            fixture.cluster.partition([["A"], ["B", "C"]])
            fixture.cluster.run(for: .milliseconds(900))
            fixture.cluster.heal()
            fixture.cluster.run(for: .seconds(10))
            #expect(fixture.cluster.network.counters.brokenLinks == 0, "seed \(seed)")
            #expect(fixture.cluster.network.counters.retransmitted > 0, "seed \(seed)")
        }
    }

    @Test func aLongCutBreaksLinksBySilenceAndTheyComeBack() throws {
        let fixture = try started()
        fixture.cluster.partition([["A"], ["B", "C"]])
        fixture.cluster.run(for: .seconds(4))
        #expect(fixture.cluster.network.counters.brokenLinks == 4)
        fixture.cluster.heal()
        #expect(isWhole(fixture))
        #expect(fixture.cluster.network.counters.brokenLinks == 4)
    }

    /// What passes one way only is not answered, and so is no link either way.
    @Test func aCutOneWayTakesTheLinksDownBothWays() throws {
        let fixture = try started()
        fixture.cluster.apply(.oneWay(from: [0], to: [1]))
        fixture.cluster.run(for: .seconds(4))
        #expect(fixture.cluster.network.counters.brokenLinks == 2)
        fixture.cluster.lift(.oneWay(from: [0], to: [1]))
        #expect(isWhole(fixture))
    }

    @Test func aProcessThatDiesIsNoticedAtOnceAndFoundAgain() throws {
        let fixture = try started()
        fixture.cluster.crash("C")
        fixture.cluster.run(for: .milliseconds(10))
        #expect(fixture.cluster.network.counters.brokenLinks == 2)
        fixture.cluster.run(for: .seconds(10))
        fixture.cluster.start("C")
        #expect(isWhole(fixture, within: .seconds(3)))
    }

    @Test func aMachineWithoutPowerIsNoticedBySilence() throws {
        let fixture = try started()
        fixture.cluster.silentCrashes = 1
        fixture.cluster.crash("C")
        fixture.cluster.run(for: .seconds(1))
        #expect(fixture.cluster.network.counters.brokenLinks == 0)
        fixture.cluster.run(for: .seconds(3))
        #expect(fixture.cluster.network.counters.brokenLinks == 2)
        fixture.cluster.start("C")
        #expect(isWhole(fixture))
    }

    /// The peers still have connections of the earlier life; what they send on them is answered with a reset.
    @Test func aNodeIsBackWhileItsOldConnectionsLinger() throws {
        for seed in 1...10 as ClosedRange<UInt64> {
            let fixture = try started(seed)
            fixture.cluster.silentCrashes = 1
            fixture.cluster.crash("C")
            fixture.cluster.run(for: .milliseconds(100))
            fixture.cluster.start("C")
            #expect(isWhole(fixture), "seed \(seed)")
            #expect(fixture.cluster.network.counters.resets >= 2, "seed \(seed)")
            let done = fixture.cluster.run(atMost: .seconds(30)) { fixture.cluster.areAllReady }
            #expect(done, "seed \(seed)")
            guard case .stored = try fixture.put("k", "v", at: "C", RequestOptions(writeQuorum: .all)) else {
                Issue.record("not stored; seed \(seed)")
                continue
            }
        }
    }

    /// The window of a receiver that reads nothing fills up, then the queue in front of it, then frames are dropped.
    @Test func aPausedReceiverPushesBackUntilFramesAreDropped() throws {
        let fixture = try started()
        let megabyte = String(repeating: "x", count: 1 << 20)
        fixture.cluster.pause("C")
        for number in 0..<8 { try fixture.put("k\(number)", megabyte, at: "A") }
        #expect(fixture.cluster.network.counters.dropped > 0)
        fixture.cluster.resume("C")
        #expect(isWhole(fixture))
        #expect(fixture.cluster.run(atMost: .seconds(120)) { (try? fixture.divergentKeys().isEmpty) ?? false })
    }

    @Test func aPauseThatIsShortLosesNothing() throws {
        let fixture = try started()
        fixture.cluster.pause("C")
        fixture.cluster.run(for: .milliseconds(1200))
        fixture.cluster.resume("C")
        fixture.cluster.run(for: .seconds(5))
        #expect(fixture.cluster.network.counters.brokenLinks == 0)
    }

    @Test func aNodeThatIsSlowForLongIsNotDialledInVain() throws {
        let fixture = try started()
        fixture.cluster.network.setLatencyFactor(100, of: 2)
        fixture.cluster.run(for: .seconds(20))
        #expect(fixture.cluster.network.counters.brokenLinks == 0, "two tenths of a second are no silence")
        fixture.cluster.network.setLatencyFactor(1, of: 2)
        #expect(isWhole(fixture))
    }
}
