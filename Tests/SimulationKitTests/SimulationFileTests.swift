import Composition
import Foundation
import Replication
import Simulation
import SimulationKit
import Testing

@Suite struct SimulationFileTests {
    private func problems(_ json: String, _ overrides: [String] = []) -> [String] {
        do {
            _ = try SimulationFile.load(json: Array(json.utf8), overrides: overrides, registry: .standard)
            return []
        } catch {
            return error.problems.map { "\($0.path): \($0.message)" }
        }
    }

    @Test func anEmptyObjectIsAWholeSimulation() throws {
        let file = try SimulationFile.load(json: Array("{}".utf8), registry: .standard)
        #expect(file.configurations.count == 5)
        #expect(file.kinds.conflictResolver == "dotted-version-vector")
        #expect(FaultPlan(file, seed: 1).faults.isEmpty)
    }

    @Test func everyProblemIsToldWithItsPath() {
        let found = problems(
            """
            {"cluster": {"nodes": 0, "knodes": 3}, "workload": {"clients": "many"}, "faults": {"downMaximum": 9},
             "network": {"latency": {"kind": "uniform", "minimumMicroseconds": 9, "maximumMicroseconds": 3}},
             "strategies": {"sync": {"kind": "merkel"}}, "colour": 1}
            """)
        for path in ["colour", "cluster.nodes", "cluster.knodes", "strategies.sync.kind"] {
            #expect(found.contains { $0.hasPrefix(path + ":") }, "\(path) in \(found)")
        }
    }

    @Test func problemsOfSectionsAreToldTogether() {
        let found = problems(
            """
            {"workload": {"clients": "many", "reads": 0, "updates": 0, "heldWrites": 0, "siblingWrites": 0, "deletes": 0},
             "faults": {"downMaximum": 9, "crashesPerMinute": -1},
             "network": {"latency": {"kind": "uniform", "minimumMicroseconds": 9, "maximumMicroseconds": 3}},
             "phases": {"settleMilliseconds": 10}}
            """)
        let paths = [
            "workload.clients", "faults.downMaximum", "faults.crashesPerMinute", "network.latency.maximumMicroseconds",
            "phases.settleMilliseconds",
        ]
        for path in paths { #expect(found.contains { $0.hasPrefix(path + ":") }, "\(path) in \(found)") }
    }

    @Test(arguments: [
        ("faults.bitFlipsPerMinute=1", "strategies.storage.kind=memory", "faults.bitFlipsPerMinute"),
        ("faults.damagedFilesPerMinute=1", "strategies.storage.kind=memory", "faults.damagedFilesPerMinute"),
        ("faults.lostWritesPerMinute=1", "strategies.storage.kind=memory", "faults.lostWritesPerMinute"),
        ("faults.failingSyncsPerMinute=1", "strategies.storage.kind=memory", "faults.failingSyncsPerMinute"),
        (
            "faults.membershipChangesPerMinute=1", "strategies.membership.kind=static",
            "faults.membershipChangesPerMinute"
        ),
        ("cluster.nodes=3", "faults.membershipChangesPerMinute=1", "faults.membershipChangesPerMinute"),
        ("cluster.outsiders=1", "cluster.nodes=4", "cluster.outsiders"),
        ("cluster.nodes=2", "replication.n=3", "replication.n"),
    ])
    func whatCannotHappenIsRefused(one: String, other: String, path: String) {
        let found = problems("{}", [one, other])
        #expect(found.contains { $0.hasPrefix(path + ":") }, "\(found)")
    }

    @Test func zonesNeedAWholeMatrix() {
        let constant = #"{"kind": "constant", "minimumMicroseconds": 5}"#
        let found = problems(
            #"{"cluster": {"zones": 2}, "network": {"zoneLatencies": [[\#(constant), \#(constant)], [\#(constant)]]}}"#)
        #expect(found.contains { $0.hasPrefix("network.zoneLatencies.1:") }, "\(found)")
    }

    @Test func mixturesAreReadPartByPart() throws {
        let json = """
            {"network": {"latency": {"kind": "mixture", "parts": [
              {"weight": 9, "kind": "constant", "minimumMicroseconds": 100},
              {"weight": 1, "kind": "pareto", "minimumMicroseconds": 100, "shape": 1.5}]}}}
            """
        let file = try SimulationFile.load(json: Array(json.utf8), registry: .standard)
        guard case .mixture(let shares) = file.latency else {
            Issue.record("\(file.latency)")
            return
        }
        #expect(shares.map(\.weight) == [9, 1])
    }

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test func theSchemaIsCurrent() throws {
        let url = Self.root.appending(path: "configs/schema/simulation.json")
        let wanted = SimulationSchema.json(.standard)
        let found = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
        if ProcessInfo.processInfo.environment["STATOR_REWRITE"] == "1", found != wanted {
            try wanted.write(to: url, atomically: true, encoding: .utf8)
        } else {
            #expect(found == wanted, "STATOR_REWRITE=1 swift test --filter SimulationKitTests makes it anew")
        }
    }

    @Test func everyFileOfTheRepositoryIsAccepted() throws {
        let folder = Self.root.appending(path: "configs/simulation")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names.count > 5)
        for name in names {
            let bytes = try Data(contentsOf: folder.appending(path: name))
            let file = try SimulationFile.load(json: Array(bytes), registry: .standard)
            #expect("\(file.name).json" == name)
            #expect(!file.question.isEmpty)
        }
    }
}
