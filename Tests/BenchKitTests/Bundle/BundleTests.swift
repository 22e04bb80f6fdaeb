import Analysis
import Composition
import Foundation
import SimulationKit
import StatorCore
import Testing
import Workload

@testable import BenchKit

@Suite struct BundleTests {
    private static let matrix = """
        {
          "name": "tiny", "question": "Does it resume?", "repetitions": 4, "seed": 3,
          "factors": [{"name": "r", "path": "replication.r", "values": [1, 2]}],
          "base": {
            "cluster": {"nodes": 3}, "strategies": {"storage": {"kind": "memory"}},
            "workload": {"loop": "open", "operationsPerSecond": 400, "preset": "ycsb-a"},
            "faults": {"schedule": [{"kind": "crash", "node": "B", "atMilliseconds": 200, "forMilliseconds": 500}]},
            "phases": {"loadKeys": true, "warmUpMilliseconds": 200, "faultsMilliseconds": 1000,
                       "livenessMilliseconds": 0}
          }
        }
        """

    private func plan() throws -> MatrixPlan {
        try MatrixPlan(MatrixFile.load(json: Array(Self.matrix.utf8)), registry: .standard)
    }

    private func manifest(_ plan: MatrixPlan, program: String = "p") -> Manifest {
        Manifest(
            design: plan.design, matrix: plan.matrix.document, matrixHash: "m", programHash: program, part: 1, parts: 1,
            provenance: [("commit", "none")])
    }

    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "bundle-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await body(path)
    }

    private func carryOut(_ plan: MatrixPlan, _ runs: [MatrixPlan.Run], _ folder: BundleFolder) async throws {
        let runner = MatrixRunner(
            plan: plan, runs: runs, executor: SimulatedExecutor(concurrency: 2), folder: folder)
        try await runner.run { _, _ in }
    }

    @Test func aKilledMatrixResumesToTheSameBytes() async throws {
        let plan = try plan()
        var texts: [Data] = []
        try await withFolder { path in
            let folder = try BundleFolder.create(path, manifest(plan))
            try await carryOut(plan, plan.runs, folder)
            try folder.sort()
            texts.append(try Data(contentsOf: URL(fileURLWithPath: path + "/runs.jsonl")))
        }
        try await withFolder { path in
            do {
                let folder = try BundleFolder.create(path, manifest(plan))
                try await carryOut(plan, Array(plan.runs.prefix(5)), folder)
            }
            // The kill came in the middle of a line.
            let file = URL(fileURLWithPath: path + "/runs.jsonl")
            var bytes = try Data(contentsOf: file)
            bytes.removeLast(100)
            try bytes.write(to: file)
            let folder = try BundleFolder.resume(path, manifest(plan))
            #expect(folder.runs.count == 4)
            try await carryOut(plan, plan.runs, folder)
            try folder.sort()
            texts.append(try Data(contentsOf: file))
        }
        #expect(texts[0] == texts[1])
        #expect(texts[0].count { $0 == UInt8(ascii: "\n") } == plan.runs.count)
    }

    @Test func runsSurviveTheirLines() async throws {
        let plan = try plan()
        let run = await SimulatedExecutor(concurrency: 1).run(plan.runs[0], in: plan.cells[plan.runs[0].cell])
        #expect(run.failures.isEmpty, "\(run.failures)")
        for name in ["throughputPerSecond", "readP99Milliseconds", "staleReadShare", "bytesPerOperation"] {
            #expect(run.metrics[name] != nil, "no \(name)")
        }
        let line = RunLine.encode(run)
        let again = try RunLine.decode(Array(line.utf8))
        #expect(RunLine.encode(again) == line)
        #expect(again.metrics == run.metrics && again.histograms == run.histograms && again.series == run.series)
    }

    @Test(arguments: ["", "{}", "[1]", #"{"run":1}"#, #"{"run":-1,"cell":0,"arm":"main","repetition":0,"seed":"1"}"#])
    func strangeLinesAreRefused(_ line: String) {
        #expect(throws: BundleError.self) { try RunLine.decode(Array(line.utf8)) }
    }

    @Test func aManifestSurvivesItsText() throws {
        var manifest = manifest(try plan())
        manifest.design.pruned = [.init(levels: [1], reason: "because")]
        let again = try Manifest(json: try JSONParser.parse(Array(manifest.json.text(pretty: true).utf8)))
        #expect(again.json == manifest.json)
    }

    @Test func aBundleIsNotOverwrittenAndNotMixedWithAnother() async throws {
        let plan = try plan()
        try await withFolder { path in
            _ = try BundleFolder.create(path, manifest(plan))
            #expect(throws: BenchError.self) { try BundleFolder.create(path, manifest(plan)) }
            #expect(throws: BenchError.self) { try BundleFolder.resume(path, manifest(plan, program: "q")) }
            let folder = try BundleFolder.resume(path, manifest(plan))
            // Two at once.
            #expect(throws: BenchError.self) { try BundleFolder.resume(path, manifest(plan)) }
            _ = folder
        }
    }

    @Test func aFullDiskKeepsWhatWasThereBefore() async throws {
        let plan = try plan()
        try await withFolder { path in
            let folder = try BundleFolder.create(path, manifest(plan))
            try await carryOut(plan, Array(plan.runs.prefix(2)), folder)
            let file = URL(fileURLWithPath: path + "/runs.jsonl")
            let before = try Data(contentsOf: file)
            // Standing in for a full disk: no file of this process may grow beyond what this one has.
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            signal(SIGXFSZ, SIG_IGN)
            var small = limit
            small.rlim_cur = rlim_t(before.count + 10)
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &small)
            let run = await SimulatedExecutor(concurrency: 1).run(plan.runs[2], in: plan.cells[plan.runs[2].cell])
            #expect(throws: BenchError.self) { try folder.append(run) }
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            #expect(try Data(contentsOf: file) == before)
        }
    }

    @Test func settingsThatDifferAreNamedByPath() throws {
        let one = try JSONParser.parse(Array(#"{"a": {"b": 1, "c": [1, 2]}, "d": 1}"#.utf8))
        let other = try JSONParser.parse(Array(#"{"a": {"b": 2, "c": [1, 3]}, "e": "x"}"#.utf8))
        #expect(
            Difference.all(one, other) == [
                Difference(path: "a.b", before: "1", after: "2"), Difference(path: "a.c.1", before: "2", after: "3"),
                Difference(path: "d", before: "1", after: nil), Difference(path: "e", before: nil, after: "\"x\""),
            ])
    }
}
