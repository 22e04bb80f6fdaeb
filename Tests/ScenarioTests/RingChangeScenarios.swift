import Replication
import Simulation
import StatorCore
import Testing

@Suite("Join and leave in the simulated driver")
struct RingChangeScenarios {
    private func isSettled(_ fixture: SimulatedFixture, epoch: UInt64) -> Bool {
        fixture.cluster.names.allSatisfy { name in
            guard let view = fixture.cluster.membership(of: name)?.view else { return false }
            return view.epoch == Epoch(epoch) && !view.isChanging
        }
    }

    @Test func aFifthNodeJoinsAndLeavesWhileEveryKeyStaysReadable() throws {
        for seed in 1...4 as ClosedRange<UInt64> {
            let fixture = try SimulatedFixture(outsiders: ["E"], seed: seed)
            for name in fixture.cluster.names { fixture.cluster.start(name) }
            _ = fixture.cluster.run(atMost: .seconds(10)) {
                ["A", "B", "C", "D"].allSatisfy { fixture.cluster.notReadyReason(of: NodeID($0)) == nil }
            }
            for index in 0..<120 { try fixture.put("k\(index)", "v\(index)", at: "A") }

            guard case .accepted = try fixture.administer(.join, at: "E") else {
                Issue.record("not let in; seed \(seed)")
                return
            }
            for index in 0..<120 {
                #expect(try fixture.values("k\(index)", at: ["A", "B", "C", "D"][index % 4]) == ["v\(index)"])
                if index % 3 == 0 { try fixture.put("k\(index)", "v\(index)", at: "D") }
            }
            #expect(fixture.cluster.run(atMost: .seconds(30)) { isSettled(fixture, epoch: 3) }, "seed \(seed)")
            fixture.cluster.run(for: .seconds(30))
            #expect(try fixture.divergentKeys() == [], "seed \(seed)")
            #expect(!fixture.cluster.records(of: "E").isEmpty)
            for index in 0..<120 { #expect(try fixture.values("k\(index)", at: "E") == ["v\(index)"]) }

            guard case .accepted = try fixture.administer(.leave(nil), at: "E") else {
                Issue.record("not let go; seed \(seed)")
                return
            }
            for index in 0..<120 { #expect(try fixture.values("k\(index)", at: "B") == ["v\(index)"]) }
            #expect(fixture.cluster.run(atMost: .seconds(30)) { isSettled(fixture, epoch: 5) }, "seed \(seed)")
            fixture.cluster.run(for: .seconds(30))
            #expect(try fixture.divergentKeys() == [], "seed \(seed)")
            #expect(fixture.cluster.records(of: "E").isEmpty)
            for index in 0..<120 { #expect(try fixture.values("k\(index)", at: "C") == ["v\(index)"]) }
        }
    }

    @Test func aChangeOnAnUnhealthyClusterIsRefusedWithTheReason() throws {
        let fixture = try SimulatedFixture(outsiders: ["E"])
        for name in fixture.cluster.names { fixture.cluster.start(name) }
        fixture.cluster.run(for: .seconds(5))
        fixture.cluster.crash("B")
        fixture.cluster.run(for: .seconds(1))
        guard case .refused(let reason) = try fixture.administer(.join, at: "E") else {
            Issue.record("let in although B is down")
            return
        }
        #expect(reason.contains("B"))
    }

    @Test func aSecondChangeMeanwhileIsRefused() throws {
        let fixture = try SimulatedFixture(outsiders: ["E", "F"])
        for name in fixture.cluster.names { fixture.cluster.start(name) }
        fixture.cluster.run(for: .seconds(5))
        let first = fixture.cluster.administer(.join, at: "E")
        let second = fixture.cluster.administer(.join, at: "F")
        fixture.cluster.run(for: .seconds(10))
        let outcomes = [first, second].compactMap { fixture.cluster.adminResponses[$0] }
        #expect(outcomes.count == 2)
        #expect(outcomes.count { if case .accepted = $0 { true } else { false } } <= 1)
    }

    @Test func aClusterThatWouldHaveTooFewReplicasRefusesALeave() throws {
        let fixture = try SimulatedFixture(members: ["A", "B", "C"])
        try fixture.start()
        guard case .refused(let reason) = try fixture.administer(.leave(nil), at: "C") else {
            Issue.record("let go")
            return
        }
        #expect(reason.contains("3 replicas"))
    }

    @Test func aNewcomerThatDiesCanBeGivenUp() throws {
        let fixture = try SimulatedFixture(outsiders: ["E"])
        for name in fixture.cluster.names { fixture.cluster.start(name) }
        fixture.cluster.run(for: .seconds(5))
        for index in 0..<50 { try fixture.put("k\(index)", "v\(index)", at: "A") }
        guard case .accepted = try fixture.administer(.join, at: "E") else {
            Issue.record("not let in")
            return
        }
        fixture.cluster.crash("E")
        fixture.cluster.run(for: .seconds(2))
        for index in 0..<50 { #expect(try fixture.values("k\(index)", at: "B") == ["v\(index)"]) }
        guard case .accepted = try fixture.administer(.leave(NodeID("E")), at: "A") else {
            Issue.record("not given up")
            return
        }
        fixture.cluster.run(for: .seconds(2))
        #expect(fixture.cluster.membership(of: "A")?.view.members.count == 4)
        guard case .stored = try fixture.put("k1", "new", at: "A", RequestOptions(writeQuorum: .all)) else {
            Issue.record("not stored")
            return
        }
    }

    @Test func staticMembershipRefusesChanges() throws {
        let fixture = try SimulatedFixture(overrides: ["strategies.membership.kind=static"])
        try fixture.start()
        guard case .refused(let reason) = try fixture.administer(.leave(nil), at: "A") else {
            Issue.record("let go")
            return
        }
        #expect(reason.contains("static"))
    }
}
