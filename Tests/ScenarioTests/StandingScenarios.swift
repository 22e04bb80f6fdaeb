import Replication
import Simulation
import StatorCore
import Testing

/// What nodes can tell of their place among the others, over simulated connections.
@Suite("Standing in the simulated driver")
struct StandingScenarios {
    /// From their next start on, with an empty disk.
    private func set(_ names: [NodeID], like source: SimulatedFixture, _ fixture: SimulatedFixture) {
        for name in names {
            if fixture.cluster.isUp(name) { fixture.cluster.crash(name) }
            fixture.cluster.wipe(name)
            fixture.cluster.setBlueprint(source.cluster.blueprint(of: name))
        }
    }

    private func reasons(_ fixture: SimulatedFixture) -> [String?] {
        fixture.cluster.names.map { fixture.cluster.standing(of: $0)?.notReadyReason }
    }

    private func problems(_ fixture: SimulatedFixture, _ name: NodeID) -> [String] {
        fixture.cluster.standing(of: name)?.problems ?? ["it does not run"]
    }

    @Test func theOddNodeAloneDropsOutAndComesBackWhenPutRight() throws {
        for seed in 1...8 as ClosedRange<UInt64> {
            let fixture = try SimulatedFixture(seed: seed)
            let odd = try SimulatedFixture(overrides: ["strategies.partitioner.tokensPerNode=32"], seed: seed)
            try fixture.start()
            #expect(reasons(fixture).allSatisfy { $0 == nil } && problems(fixture, "A").isEmpty, "seed \(seed)")
            set(["D"], like: odd, fixture)
            fixture.cluster.start("D")
            fixture.cluster.run(for: .seconds(2 + Int64(seed)))
            let found = reasons(fixture)
            #expect(found.prefix(3).allSatisfy { $0 == nil }, "seed \(seed): \(found)")
            #expect(
                found[3]?.hasPrefix("A, B and C refuse this node: partitioner is") == true, "seed \(seed): \(found)")
            for name in ["A", "B", "C"] as [NodeID] {
                #expect(problems(fixture, name).first?.hasPrefix("D refuses this node") == true, "seed \(seed)")
            }
            set(["D"], like: try SimulatedFixture(seed: seed), fixture)
            try fixture.start(["D"])
            fixture.cluster.run(for: .seconds(5))
            #expect(reasons(fixture).allSatisfy { $0 == nil }, "seed \(seed)")
            for name in fixture.cluster.names { #expect(problems(fixture, name).isEmpty, "seed \(seed), \(name)") }
        }
    }

    @Test func ofTwoHalvesThatRefuseEachOtherBothServeOn() throws {
        let fixture = try SimulatedFixture()
        let other = try SimulatedFixture(overrides: ["replication.n=2"])
        set(["C", "D"], like: other, fixture)
        for name in fixture.cluster.names { fixture.cluster.start(name) }
        fixture.cluster.run(for: .seconds(10))
        #expect(reasons(fixture).allSatisfy { $0 == nil })
        for name in fixture.cluster.names {
            #expect(problems(fixture, name).first?.contains("refuse this node: replication.n is") == true, "\(name)")
            #expect(problems(fixture, name).last?.contains("2 of 4 members") == true, "\(name)")
        }
    }

    /// A partition takes no node out of the balancer.
    @Test func whoIsCutOffSaysSoAndStaysReady() throws {
        for seed in 1...8 as ClosedRange<UInt64> {
            let fixture = try SimulatedFixture(seed: seed)
            try fixture.start()
            fixture.cluster.partition([["A"], ["B", "C", "D"]])
            fixture.cluster.run(for: .seconds(20))
            #expect(reasons(fixture).allSatisfy { $0 == nil }, "seed \(seed)")
            #expect(
                problems(fixture, "A").count == 1 && problems(fixture, "A")[0].contains("1 of 4 members"),
                "seed \(seed)")
            #expect(problems(fixture, "B").isEmpty, "seed \(seed): it reaches a majority")
            fixture.cluster.heal()
            fixture.cluster.run(for: .seconds(20))
            #expect(problems(fixture, "A").isEmpty, "seed \(seed)")
        }
    }
}
