import Foundation
import Testing

extension EndToEnd {
    /// `stator-bench` as a program: what differs between processes, and exit statuses.
    @Suite struct BenchTool {
        private static let calm = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("configs/simulation/calm.json").path

        private func run(_ arguments: [String]) throws -> ChildProcess.Finished {
            try ChildProcess.run([try Binaries.bench()] + arguments, within: 240)
        }

        @Test func aSeedGivesTheSameHashInEveryProcess() throws {
            // Swift seeds its hashes in each process: an unordered collection that is iterated shows here.
            try #require(ProcessInfo.processInfo.environment["SWIFT_DETERMINISTIC_HASHING"] == nil)
            let arguments = [
                "simulate", Self.calm, "--set", "phases.faultsMilliseconds=2000", "--seed", "3", "--json",
            ]
            let pages = try (0..<2).map { _ in
                let ended = try run(arguments)
                try #require(ended.status == 0, "\(ended.errors)")
                return try JSON(Array(ended.output.utf8))
            }
            let hash = try #require(pages[0]["hash"].text)
            #expect(pages[1]["hash"].text == hash)
            #expect(pages[1]["inputs"].int == pages[0]["inputs"].int)
            let other = try run(arguments.map { $0 == "3" ? "4" : $0 })
            #expect(try JSON(Array(other.output.utf8))["hash"].text != hash, "another seed is another run")
        }

        @Test func aHistoryTakesTheFilesPlaceAndALinkStaysALink() throws {
            let folder = try TemporaryFolder()
            defer { folder.remove() }
            let (file, link) = (folder.path + "/history.jsonl", folder.path + "/link")
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file)
            for path in [file, link] {
                try Data("old".utf8).write(to: URL(fileURLWithPath: file))
                let ended = try run([
                    "simulate", Self.calm, "--set", "phases.faultsMilliseconds=500", "--history", path,
                ])
                #expect(ended.status == 0, "\(ended.errors)")
                #expect(try HistoryFile(file).lines.contains(where: \.isFinal))
            }
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == file)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["history.jsonl", "link"])
        }

        @Test func aWrongFileEndsWith78AndEveryProblemIsNamed() throws {
            let folder = try TemporaryFolder()
            defer { folder.remove() }
            let path = folder.path + "/wrong.json"
            let text = """
                {"cluster": {"nodes": 0}, "workload": {"clients": "many"}, "faults": {"crashesPerMinute": -1},
                 "strategies": {"sync": {"kind": "merkel"}}, "colour": 1}
                """
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            let wrong = try run(["simulate", path])
            #expect(wrong.status == 78)
            #expect(wrong.output.isEmpty)
            for place in [path, "colour", "cluster.nodes", "strategies.sync.kind"] {
                #expect(wrong.errors.contains(place), "\(place) in \(wrong.errors)")
            }
            let sections = try run([
                "simulate", Self.calm, "--set", "workload.clients=many", "--set", "faults.crashesPerMinute=-1",
            ])
            #expect(sections.status == 78)
            for place in ["workload.clients", "faults.crashesPerMinute"] {
                #expect(sections.errors.contains(place), "\(place) in \(sections.errors)")
            }
            #expect(try run(["simulate", folder.path + "/missing.json"]).status == 78)
            #expect(try run(["check", folder.path + "/missing.jsonl"]).status == 78)
            let noHistory = try run(["check", path])
            #expect(noHistory.status == 78 && noHistory.errors.contains(path), "\(noHistory.errors)")
        }

        @Test(arguments: [
            ["frobnicate"], ["simulate"], ["simulate", calm, "--seed", "1", "--seeds", "1..2"],
            ["simulate", calm, "--seeds", "9..1"], ["simulate", calm, "--seed", "x"],
            ["simulate", calm, "--faults", "x"], ["simulate", calm, "--faults", "9999"],
            ["simulate", calm, "--faults", "0", "--seeds", "1..2"], ["simulate", calm, "--jobs", "0"],
            ["simulate", calm, "--seeds", "0..18446744073709551615"], ["simulate", calm, "--trace", "colour:red"],
            ["check"],
            ["check", calm, "--promise", "everything"], ["record"], ["record", "--output", "x"],
        ])
        func wrongArgumentsEndWith64(arguments: [String]) throws {
            let ended = try run(arguments)
            #expect(ended.status == 64, "\(ended.output)\(ended.errors)")
            #expect(ended.output.isEmpty && !ended.errors.isEmpty)
        }
    }
}
