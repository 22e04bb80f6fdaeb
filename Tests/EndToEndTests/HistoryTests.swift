import Foundation
import Processes
import Testing

extension EndToEnd {
    /// `stator-bench record` against running nodes, and what the checkers say of its histories.
    @Suite struct Histories {
        private static let promises = ["keeps-acknowledged", "no-false-concurrency", "context-wins", "no-resurrection"]

        private func record(_ cluster: Cluster, _ arguments: [String], output: String) throws -> ChildProcess {
            let nodes = cluster.nodes.flatMap { ["--node", "http://127.0.0.1:\($0.client.port)"] }
            return try ChildProcess(
                "the recorder", [try Binaries.bench(), "record", "--output", output] + nodes + arguments,
                log: output + ".log", folder: cluster.folder.path)
        }

        private func check(_ history: String) throws -> ChildProcess.Finished {
            let promises = Self.promises.flatMap { ["--promise", $0] }
            return try ChildProcess.run([try Binaries.bench(), "check", history] + promises, within: 120)
        }

        /// Waits until the running nodes have counted that many operations of clients from now on; one that is forwarded
        /// counts twice.
        private func waitForOperations(_ count: Int, of cluster: Cluster) throws {
            func done() throws -> Int { try cluster.sum("operations", "gets") + cluster.sum("operations", "puts") }
            let before = try done()
            try eventually("\(count) operations of clients", within: 60) { try done() - before >= count }
        }

        private func log(_ output: String) -> String {
            (try? String(contentsOfFile: output + ".log", encoding: .utf8)) ?? "(no log)"
        }

        @Test func aStoreOfWhichANodeIsKilledKeepsItsPromisesAndALostWriteWouldBeSeen() throws {
            try withCluster { cluster in
                let output = cluster.folder.path + "/history.jsonl"
                let recorder = try record(
                    cluster, ["--operations", "1000000", "--rate", "300", "--duration-seconds", "3600", "--seed", "5"],
                    output: output)
                try waitForOperations(600, of: cluster)
                try cluster["D"].kill()
                try waitForOperations(600, of: cluster)
                try cluster["D"].start()
                try cluster["D"].waitUntilReady()
                try waitForOperations(600, of: cluster)
                recorder.signal(SIGINT)
                try #require(try recorder.waitForEnd(within: 240) == 0, "\(log(output))")

                var history = try HistoryFile(output)
                let worked = history.lines.filter { !$0.isFinal }
                #expect(worked.count > 600)
                #expect(worked.contains { $0.outcome != "ok" }, "the kill has to be noticed")
                #expect(worked.filter { $0.outcome == "ok" }.count > worked.count * 3 / 4)
                #expect(Set(worked.compactMap { $0.json["node"].text }).isSuperset(of: ["A", "B", "C", "D"]))
                let finals = history.lines.filter(\.isFinal)
                #expect(finals.count == 20 && finals.allSatisfy { $0.outcome == "ok" }, "\(log(output))")
                #expect(log(output).contains("stator-bench check \(output) --promise keeps-acknowledged"))

                let clean = try check(output)
                #expect(clean.status == 0, "\(clean.output)\(clean.errors)")

                let write = history.loseAWrite()
                let lost = try #require(write)
                let wrong = cluster.folder.path + "/wrong.jsonl"
                try history.write(to: wrong)
                let found = try check(wrong)
                #expect(found.status == 1, "\(found.output)")
                #expect(found.output.contains("write \(lost)") && found.output.contains("is lost"), "\(found.output)")
            }
        }

        @Test func anInterruptedRecordingIsWrittenAllTheSame() throws {
            try withCluster(["A", "B", "C"]) { cluster in
                let output = cluster.folder.path + "/history.jsonl"
                let recorder = try record(
                    cluster, ["--operations", "1000000", "--rate", "200", "--duration-seconds", "3600"], output: output)
                try waitForOperations(500, of: cluster)
                recorder.signal(SIGINT)
                #expect(try recorder.waitForEnd(within: 60) == 0)
                let lines = try HistoryFile(output).lines
                #expect(lines.filter { !$0.isFinal }.count >= 100)
                #expect(lines.contains { $0.isFinal && $0.outcome == "ok" }, "the final reads are a stage of their own")
                #expect(try check(output).status == 0)
                let left = try FileManager.default.contentsOfDirectory(atPath: cluster.folder.path)
                #expect(!left.contains { $0.hasSuffix(".partial") })
            }
        }

        @Test func aRecordingThatCannotBeginLeavesNoFile() throws {
            let folder = try TemporaryFolder()
            defer { folder.remove() }
            let output = folder.path + "/history.jsonl"
            let nobody = "http://127.0.0.1:\(try FreePorts.take())"
            func run(_ arguments: String...) throws -> ChildProcess.Finished {
                try ChildProcess.run([try Binaries.bench(), "record", "--node", nobody] + arguments)
            }
            let unanswered = try run("--output", output)
            #expect(unanswered.status == 1)
            #expect(unanswered.errors.contains("no node answers"), "\(unanswered.errors)")
            for place in [folder.path, folder.path + "/missing/history.jsonl"] {
                let unwritable = try run("--output", place)
                #expect(unwritable.status == 1)
                #expect(unwritable.errors.contains("cannot write \(place)"), "\(unwritable.errors)")
            }
            let refused = try run("--output", output, "--clients", "0", "--keys", "0", "--deletes=-1", "--node", "x y")
            #expect(refused.status == 64)
            for name in ["--clients", "--keys", "--deletes", "--node"] {
                #expect(refused.errors.contains("\(name):"), "\(refused.errors)")
            }
            #expect(try run().status == 64)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
        }
    }
}
