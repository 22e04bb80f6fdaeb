import Composition
import Replication
import SimulationKit
import Testing

/// Settings that each seed draws.
@Suite struct DrawnSettingsTests {
    private static let json = """
        {"cluster": {"nodes": 5, "outsiders": 1}, "faults": {"membershipChangesPerMinute": 4},
         "draws": {
           "strategies.conflictResolver.kind": ["dotted-version-vector", "lww-hlc"],
           "strategies.membership.kind": ["gossip", {"value": "static",
             "with": {"faults.membershipChangesPerMinute": 0, "cluster.outsiders": 0}}],
           "cluster.shards": [1, 2]}}
        """

    private func file(_ overrides: [String] = []) throws -> SimulationFile {
        try SimulationFile.load(json: Array(Self.json.utf8), overrides: overrides, registry: .standard)
    }

    private func problems(_ draws: String) -> [String] {
        do {
            _ = try SimulationFile.load(
                json: Array("{\"draws\": \(draws)}".utf8), registry: .standard)
            return []
        } catch {
            return error.problems.map { "\($0.path): \($0.message)" }
        }
    }

    @Test func everyChoiceIsDrawnByTheSeed() throws {
        let file = try file()
        let drawn = (1...40 as ClosedRange<UInt64>).map { file.drawn(for: $0) }
        #expect(Set(drawn.map(\.kinds.conflictResolver)) == ["dotted-version-vector", "lww-hlc"])
        #expect(Set(drawn.map(\.cluster.shards)) == [1, 2])
        for simulation in drawn {
            let isStatic = simulation.kinds.membership == "static"
            #expect(simulation.cluster.outsiders == (isStatic ? 0 : 1))
            #expect(simulation.changesRing != isStatic)
            #expect(simulation.drawn.count == 3)
        }
        #expect(drawn.map(\.drawn) == (1...40 as ClosedRange<UInt64>).map { file.drawn(for: $0).drawn })
    }

    @Test func aDrawnSimulationDrawsNothingAnew() throws {
        let drawn = try file().drawn(for: 3)
        #expect(drawn.drawn(for: 4).drawn == drawn.drawn)
        #expect(drawn.drawn(for: 4).kinds == drawn.kinds)
    }

    @Test func whatIsSetFromOutsideIsNotDrawn() throws {
        let file = try file(["strategies.conflictResolver.kind=vector-clock"])
        for seed in 1...10 as ClosedRange<UInt64> {
            #expect(file.drawn(for: seed).kinds.conflictResolver == "vector-clock")
            #expect(file.drawn(for: seed).drawn.count == 2)
        }
    }

    @Test func aChoiceThatCanNeverBeIsRefusedWithItsPath() {
        let unknown = problems(#"{"strategies.sync.kind": ["merkle", "merkel"]}"#)
        #expect(unknown.contains { $0.hasPrefix("draws.strategies.sync.kind.1: ") }, "\(unknown)")
        let impossible = problems(#"{"cluster.nodes": [5, 2]}"#)
        #expect(impossible.contains { $0.hasPrefix("draws.cluster.nodes.1: ") }, "\(impossible)")
        #expect(problems(#"{"cluster.nodes": []}"#).contains { $0.hasPrefix("draws.cluster.nodes: ") })
        #expect(
            problems(#"{"cluster.nodes": [{"with": {}}]}"#).contains { $0.hasPrefix("draws.cluster.nodes.0.value: ") })
    }

    /// 2 nodes go with n = 1 only: such a pair is drawn, others of the two nodes are not.
    @Test func combinationsThatCannotBeAreDrawnAnew() throws {
        let json =
            #"{"draws": {"cluster.nodes": [5, 2], "replication.n": [3, 1], "replication.r": [1], "replication.w": [1]}}"#
        let file = try SimulationFile.load(json: Array(json.utf8), registry: .standard)
        let drawn = (1...30 as ClosedRange<UInt64>).map { file.drawn(for: $0) }
        #expect(drawn.contains { $0.cluster.nodes == 2 && $0.replication.replicas == 1 })
        #expect(!drawn.contains { $0.cluster.nodes == 2 && $0.replication.replicas == 3 })
    }

    @Test func theSameSeedRepeatsARun() throws {
        let file = try file(["phases.faultsMilliseconds=1000", "phases.quietMilliseconds=1000"])
        let (one, same) = (SimulationRun(file, seed: 5).run(), SimulationRun(file, seed: 5).run())
        #expect(one.hash == same.hash)
        #expect(one.drawn == file.drawn(for: 5).drawn)
    }
}
