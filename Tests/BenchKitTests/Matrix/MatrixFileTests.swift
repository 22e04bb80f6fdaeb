import Analysis
import Composition
import Foundation
import Replication
import SimulationKit
import StatorCore
import Testing

@testable import BenchKit

@Suite struct MatrixFileTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static let small = """
        {
          "name": "small", "question": "Does it read?", "repetitions": 3, "seed": 7, "sameAgainCells": 1,
          "factors": [
            {"name": "resolver", "path": "strategies.conflictResolver.kind", "values": ["vector-clock", "lww-hlc"]},
            {"name": "quorum", "levels": [
              {"name": "R1", "set": {"replication.r": 1}}, {"name": "R3", "set": {"replication.r": 3}}
            ]}
          ],
          "base": {"cluster": {"nodes": 3}, "phases": {"faultsMilliseconds": 1000}}
        }
        """

    private func plan(_ text: String = small, _ overrides: [String] = []) throws -> MatrixPlan {
        try MatrixPlan(MatrixFile.load(json: Array(text.utf8), overrides: overrides), registry: .standard)
    }

    private func problems(_ overrides: [String], of text: String = small) -> [String] {
        do {
            _ = try plan(text, overrides)
            return []
        } catch let error as ConfigurationError {
            return error.problems.map(\.description)
        } catch {
            return ["\(error)"]
        }
    }

    // MARK: Designs

    @Test func everyCombinationIsACell() throws {
        let plan = try plan()
        #expect(plan.cells.map(\.levels) == [[0, 0], [0, 1], [1, 0], [1, 1]])
        #expect(
            plan.cells.map { $0.file.kinds.conflictResolver } == ["vector-clock", "vector-clock", "lww-hlc", "lww-hlc"])
        #expect(plan.cells.map { $0.file.replication.readQuorum } == [1, 3, 1, 3])
        #expect(plan.design.name(of: plan.design.cells[3]) == "resolver=lww-hlc, quorum=R3")
    }

    @Test func runsOfARepetitionShareTheirSeedAndOthersDoNot() throws {
        let plan = try plan()
        let main = plan.runs.filter { $0.arm == .main }
        for repetition in 0..<3 {
            #expect(Set(main.filter { $0.repetition == repetition }.map(\.seed)).count == 1)
        }
        #expect(Set(main.map(\.seed)).count == 3)
        let again = plan.runs.filter { $0.arm != .main }
        #expect(again.count == 6 && Set(again.map(\.cell)).count == 1)
        #expect(Set(again.map(\.seed)).count == 6)
        #expect(Set(again.map(\.seed)).isDisjoint(with: main.map(\.seed)))
        #expect(Set(plan.runs.map(\.number)) == Set(0..<18))
    }

    @Test func cellsTakeTurnsInAnOrderThatTheSeedDraws() throws {
        let plan = try plan()
        #expect(plan.runs.map(\.repetition) == (0..<3).flatMap { [Int](repeating: $0, count: 6) })
        let other = try self.plan(Self.small, ["seed=8"])
        #expect(plan.runs == (try self.plan()).runs)
        #expect(plan.runs.map(\.cell) != other.runs.map(\.cell) || plan.runs.map(\.seed) != other.runs.map(\.seed))
    }

    @Test func partsMakeTheWholeAndKeepRepetitionsTogether() throws {
        let plan = try plan()
        let parts = (1...2).map { plan.runs(ofPart: $0, of: 2) }
        #expect(Set(parts[0]).isDisjoint(with: parts[1]))
        #expect(parts[0].count + parts[1].count == plan.runs.count)
        #expect(Set(parts[0].map(\.repetition)).isDisjoint(with: parts[1].map(\.repetition)))
    }

    @Test func combinationsThatCannotBeConfiguredAreListed() throws {
        let text = Self.small.replacingOccurrences(
            of: #"{"name": "quorum""#,
            with: #"{"name": "n", "path": "replication.n", "values": [3, 2]}, {"name": "quorum""#)
        let plan = try plan(text)
        #expect(plan.cells.count == 6)
        #expect(plan.pruned.map(\.levels) == [[0, 1, 1], [1, 1, 1]])
        #expect(plan.pruned[0].reason.contains("replication.r"), "\(plan.pruned[0].reason)")
    }

    @Test func excludedCombinationsAreNotRun() throws {
        let plan = try plan(Self.small, [#"exclude=[{"resolver": "lww-hlc", "quorum": "R3"}]"#])
        #expect(plan.cells.map(\.levels) == [[0, 0], [0, 1], [1, 0]])
        #expect(plan.pruned.isEmpty)
    }

    // MARK: Refusals

    @Test func aLevelThatGoesWithNothingIsAMistake() {
        let found = problems([#"factors.0.values=["vector-clock", "lww-hcl"]"#])
        #expect(found.count == 1)
        #expect(
            found.first?.hasPrefix("factors.0.values.1: goes with no other level: strategies.conflictResolver.kind")
                == true)
        #expect(found.first?.contains("lww-hlc") == true, "the nearest name is offered")
    }

    @Test func whatIsWrongWithTheBaseIsSaidOnce() {
        let found = problems(["base.cluster.nodes=0", "base.antiEntropi={}"])
        #expect(found.count == 2, "\(found)")
        #expect(found.contains { $0.hasPrefix("base.cluster.nodes: ") })
        #expect(found.contains { $0.hasPrefix("base.antiEntropi: unknown field") })
    }

    @Test func allProblemsOfTheFileAreFoundAtOnce() {
        let found = problems([
            "name=Mein Versuch", "repetitions=0", "colour=red", "factors.1.levels.0.set={}", "factors.1.name=resolver",
            #"metrics=["readP99Millisecond"]"#, #"nodes=["http://127.0.0.1:5000"]"#, #"exclude=[{"resolver": "dvv"}]"#,
        ])
        for part in [
            "name: ", "repetitions: ", "colour: unknown field", "is there twice", "metrics.0: ", "nodes: is for",
            "exclude.0.resolver: ",
        ] {
            #expect(found.contains { $0.contains(part) }, "no complaint of \(part) in \(found)")
        }
    }

    @Test func factorsThatUndoOneAnotherAreRefused() {
        let found = problems([#"factors.1.levels.0.set={"strategies.conflictResolver": {"kind": "lww-wall"}}"#])
        #expect(found.contains { $0.hasPrefix("factors.1: sets strategies.conflictResolver") }, "\(found)")
    }

    @Test func whatRealNodesDoNotHaveIsRefusedThere() {
        let found = problems(["environment=local", "base.network.loss=0.1"])
        #expect(found.contains { $0.hasPrefix("base.network: cannot be chosen") }, "\(found)")
        let faults = problems([
            "environment=local", #"base.faults.schedule=[{"kind": "clock-step", "node": "A"}]"#,
        ])
        #expect(faults.contains { $0.contains("what can happen to a process") }, "\(faults)")
        #expect(problems(["environment=remote"]).contains { $0.hasPrefix("nodes: is missing") })
    }

    @Test(arguments: [
        "", "[]", "{", #"{"name": 3}"#, #"{"factors": {}}"#, #"{"name":"a","question":"","factors":[1]}"#,
    ])
    func strangeFilesAreRefused(_ text: String) {
        #expect(!problems([], of: text).isEmpty)
    }

    // MARK: Files of the repository

    @Test func readyMadeMatricesCanAllBeRun() throws {
        let folder = Self.root.appending(path: "configs/matrix")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        let names = files.map(\.lastPathComponent).filter { $0.hasSuffix(".json") }.sorted()
        #expect(names.count >= 9)
        for name in names {
            let bytes = Array(try Data(contentsOf: folder.appending(path: name)))
            let plan = try MatrixPlan(MatrixFile.load(json: bytes), registry: .standard)
            #expect(plan.design.name + ".json" == name)
            #expect(plan.design.question.count > 100, "\(name) asks no question")
        }
    }

    @Test func schemaIsCurrent() throws {
        let file = Self.root.appending(path: "configs/schema/matrix.json")
        let found = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        let wanted = MatrixSchema.json(.standard)
        if ProcessInfo.processInfo.environment["STATOR_REWRITE"] == "1", found != wanted {
            try wanted.write(to: file, atomically: true, encoding: .utf8)
        } else {
            #expect(
                found == wanted,
                "made from the code; STATOR_REWRITE=1 swift test --filter MatrixFileTests makes it anew")
        }
    }
}

@Suite struct MetricCatalogueTests {
    @Test func everyMetricIsDescribedInTheDocumentation() throws {
        let text = try String(contentsOf: MatrixFileTests.root.appending(path: "docs/experiments.md"), encoding: .utf8)
        for metric in MetricCatalogue.all where !metric.name.contains("P9") && !metric.name.contains("P5") {
            #expect(text.contains("`\(metric.name)`"), "docs/experiments.md does not name \(metric.name)")
        }
        #expect(Set(MetricCatalogue.all.map(\.name)).count == MetricCatalogue.all.count)
    }
}
