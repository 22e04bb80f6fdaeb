import Foundation
import Processes
import Testing

extension EndToEnd {
    /// How a node starts, refuses to start, and stops.
    @Suite struct StartAndStop {
        @Test func stopInOrderExitsWithZeroLeavesNoLockAndRestartsClean() throws {
            try withCluster(["A", "B", "C"]) { cluster in
                for number in 0..<50 { #expect(try cluster["A"].client.put("key-\(number)", "value").status == 201) }
                let a = cluster["A"]
                #expect(try a.terminate() == 0)
                #expect(!FileManager.default.fileExists(atPath: a.dataFolder + "/lock"))
                #expect(a.logTail.contains("stopped"))
                #expect(try cluster["B"].client.put("while-down", "value").isStored)

                try a.start()
                try cluster.waitUntilReady()
                #expect(try a.stats()["errors"]["corrupt_records"].int == 0)
                #expect(!a.logTail.contains("warning") && !a.logTail.contains("error"), "\(a.logTail)")
                try cluster.waitUntilHintsAreDelivered()
                for number in 0..<50 {
                    #expect(try a.client.get("key-\(number)", query: "r=all").status == 200)
                }
                for node in cluster.nodes {
                    #expect(try node.terminate() == 0)
                    #expect(!FileManager.default.fileExists(atPath: node.dataFolder + "/lock"))
                }
            }
        }

        @Test func wrongConfigurationEndsWith78AndNamesEveryProblem() throws {
            let settings: [String: Any] = [
                "replication.w": 4, "hints.maximumByte": 1, "strategies.partitioner.kind": "vnodering",
                "antiEntropy.enabled": "yes",
            ]
            try withCluster(["A", "B", "C"], settings: settings, starting: false) { cluster in
                let path = cluster["A"].configPath
                for arguments in [[], ["--check"]] {
                    let ended = try ChildProcess.run([try Binaries.node(), "--config", path] + arguments)
                    #expect(ended.status == 78)
                    #expect(ended.output.isEmpty)
                    let problems = [
                        "replication.w", "hints.maximumByte", "strategies.partitioner.kind", "antiEntropy.enabled",
                    ]
                    for problem in problems { #expect(ended.errors.contains(problem), "\(ended.errors)") }
                    #expect(ended.errors.contains("vnode-ring") && ended.errors.contains("maximumBytes"))
                }
                #expect(!FileManager.default.fileExists(atPath: cluster["A"].dataFolder), "nothing may be started")
                let missing = try ChildProcess.run([try Binaries.node(), "--config", path + ".missing"])
                #expect(missing.status == 78)
                #expect(missing.errors.contains(path + ".missing"))
                #expect(try ChildProcess.run([try Binaries.node()]).status == 64)
                try Data("{\"node\": ".utf8).write(to: URL(fileURLWithPath: path))
                #expect(try ChildProcess.run([try Binaries.node(), "--config", path]).status == 78)
            }
        }

        @Test func checkPrintsTheConfigurationInForceAndStartsNothing() throws {
            try withCluster(["A", "B", "C"], starting: false) { cluster in
                let ended = try ChildProcess.run([
                    try Binaries.node(), "--config", cluster["A"].configPath, "--set", "replication.w=3", "--check",
                ])
                #expect(ended.status == 0)
                let page = try JSON(Array(ended.output.utf8))
                #expect(page["replication"]["w"].int == 3)
                #expect(page["strategies"]["storage"]["kind"].text == "log")
                #expect(!FileManager.default.fileExists(atPath: cluster["A"].dataFolder))
            }
        }

        @Test func whatPreventsAStartIsSaidInOneSentence() throws {
            try withCluster(["A", "B", "C"]) { cluster in
                let a = cluster["A"]
                let spare = try FreePorts.take()
                func start(_ overrides: [String], of node: String = "A") throws -> ChildProcess.Finished {
                    let set = overrides.flatMap { ["--set", $0] }
                    return try ChildProcess.run([try Binaries.node(), "--config", cluster[node].configPath] + set)
                }
                func moved(_ what: String, to port: Int) -> [String] {
                    ["node.\(what)=127.0.0.1:\(port)", "cluster.members.0.\(what)=127.0.0.1:\(port)"]
                }
                let ownFolder = "node.dataFolder=\(cluster.folder.path)/spare"

                // A second process on the folder, on other ports.
                let second = try start(moved("peer", to: spare) + moved("http", to: spare + 1))
                expectRefusal(second, naming: a.dataFolder)
                let pid = try #require(a.process?.pid)
                #expect(second.errors.contains("\(pid)"), "\(second.errors)")

                expectRefusal(try start([ownFolder] + moved("http", to: spare)), naming: "\(a.file.peerPort)")
                expectRefusal(try start([ownFolder] + moved("peer", to: spare)), naming: "\(a.file.httpPort)")

                // A folder under a file cannot be made, not even by root.
                let file = "\(cluster.folder.path)/file"
                try Data().write(to: URL(fileURLWithPath: file))
                let free = moved("peer", to: spare) + moved("http", to: spare + 1)
                expectRefusal(try start(["node.dataFolder=\(file)/data"] + free), naming: "\(file)/data")

                // B's folder while B is down.
                try cluster["B"].terminate()
                let foreign = try start(["node.dataFolder=\(cluster["B"].dataFolder)"] + free)
                expectRefusal(foreign, naming: cluster["B"].dataFolder)
                #expect(foreign.errors.contains("node B"), "\(foreign.errors)")
                try cluster["B"].start()
                try cluster.waitUntilReady()
                #expect(a.isRunning)
            }
        }

        private func expectRefusal(
            _ ended: ChildProcess.Finished, naming what: String, at location: SourceLocation = #_sourceLocation
        ) {
            #expect(ended.status == 1, "\(ended.errors)", sourceLocation: location)
            let sentences = ended.errors.split(separator: "\n").filter { $0.hasPrefix("stator-node: ") }
            #expect(sentences.count == 1, "\(ended.errors)", sourceLocation: location)
            #expect(sentences.last?.contains(what) == true, "\(ended.errors)", sourceLocation: location)
        }
    }
}
