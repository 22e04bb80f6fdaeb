import Foundation
import Processes
import Testing

extension EndToEnd {
    /// `statorctl status` where each member by itself has nothing to complain of.
    @Suite struct Verdict {
        private struct Said {
            let status: Int32
            let text: String

            func has(_ part: String) -> Bool { text.contains(part) }
        }

        private func status(_ cluster: Cluster, asking name: String? = nil, _ more: String...) throws -> Said {
            let asked = name.map { [cluster[$0]] } ?? cluster.nodes
            let urls = asked.map { "http://127.0.0.1:\($0.client.port)" }.joined(separator: ",")
            let ended = try ChildProcess.run([try Binaries.control(), "status", "--node", urls] + more, within: 120)
            return Said(status: ended.status, text: ended.output + ended.errors)
        }

        /// A node of the cluster with other settings, or in another place.
        private func changed(
            _ cluster: Cluster, _ name: String, _ change: (inout NodeFile) throws -> Void
        ) throws -> ClusterNode {
            var file = cluster[name].file
            try change(&file)
            let folder = "\(cluster.folder.path)/changed"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            return try ClusterNode(file, folder: folder)
        }

        private func waitUntilHealthy(_ cluster: Cluster) throws {
            let said = try status(cluster, "--wait", "60")
            guard said.status == 0 else { throw HarnessError("status: \(said.text)") }
        }

        /// With one replica a new folder is in no doubt: nothing but the others' refusals tells that anything is wrong.
        @Test func aMemberThatAllOthersRefuseIsNamedFromEveryNodeAndIsNotReady() throws {
            let alone: [String: Any] = ["replication.n": 1, "replication.r": 1, "replication.w": 1]
            try withCluster(settings: alone) { cluster in
                try waitUntilHealthy(cluster)
                try cluster["D"].terminate()
                try FileManager.default.removeItem(atPath: cluster["D"].dataFolder)
                let odd = try changed(cluster, "D") { $0.settings["strategies.partitioner.tokensPerNode"] = 16 }
                try odd.start()
                defer { odd.end() }
                try eventually("D not to be ready") { try odd.client.send("GET", "/ready").status == 503 }
                let reason = try odd.client.send("GET", "/ready").text
                #expect(reason.contains("A, B and C refuse this node: partitioner is"), "\(reason)")
                #expect(try odd.client.send("GET", "/health").status == 200, "the node itself works")
                for name in ["A", "B", "C", "D"] {
                    let said = try status(cluster, asking: name)
                    #expect(said.status == 1, "\(said.text)")
                    #expect(said.has("D is refused by A, B and C: partitioner is"), "\(said.text)")
                    #expect(said.has("tokensPerNode\":16") && said.has("tokensPerNode\":32"), "\(said.text)")
                }
                for name in ["A", "B", "C"] { #expect(cluster[name].isReady, "one odd node makes no others unready") }
                let callers = try cluster["A"].stats()["refused_callers"].elements
                #expect(callers.map { $0["node"].text } == ["D"])

                // Put right, it is let in, and nothing of it remains.
                try odd.terminate()
                try FileManager.default.removeItem(atPath: cluster["D"].dataFolder)
                try cluster["D"].start()
                try waitUntilHealthy(cluster)
                #expect(cluster["D"].isReady)
                #expect(try cluster["A"].stats()["refused_callers"].elements.isEmpty)
            }
        }

        @Test func aMemberThatListensWhereNobodyLooksIsToldWithBothAddresses() throws {
            try withCluster { cluster in
                try waitUntilHealthy(cluster)
                try cluster["D"].terminate()
                let port = try FreePorts.take()
                let moved = try changed(cluster, "D") { file in
                    file.peerPort = port
                    for index in file.members.indices where file.members[index].name == "D" {
                        file.members[index].peerPort = port
                    }
                }
                try moved.start()
                defer { moved.end() }
                try moved.waitUntilReady()
                try eventually("status to tell it") {
                    let said = try status(cluster, asking: "B")
                    let known = "127.0.0.1:\(cluster["D"].file.peerPort)"
                    guard said.status == 1, said.has("D is reached by none of A, B and C at its peer address \(known)"),
                        said.has("its own node.peer is 127.0.0.1:\(port)")
                    else { throw HarnessError(said.text) }
                    return true
                }
            }
        }

        @Test func quorumsThatDifferAreAProblemUnlessTheyAreBeingChanged() throws {
            try withCluster(["A", "B", "C"]) { cluster in
                try waitUntilHealthy(cluster)
                try cluster["C"].terminate()
                let other = try changed(cluster, "C") { $0.settings["replication.w"] = 1 }
                try other.start()
                defer { other.end() }
                try other.waitUntilReady()
                try eventually("status to have nothing else to tell") {
                    let said = try status(cluster, "--changing", "replication.w")
                    guard said.status == 0, said.has("note: replication.w is 2 at A and B and 1 at C") else {
                        throw HarnessError(said.text)
                    }
                    return true
                }
                let said = try status(cluster)
                #expect(
                    said.status == 1 && said.has("problem: replication.w is 2 at A and B and 1 at C"), "\(said.text)")
            }
        }

        @Test func membersThatAreDownLeaveTheOthersReadyWithoutAMajority() throws {
            try withCluster { cluster in
                try waitUntilHealthy(cluster)
                for name in ["C", "D"] { try cluster[name].kill() }
                try eventually("status to tell who has no majority") {
                    let said = try status(cluster, asking: "A")
                    guard said.status == 1, said.has("A and B reach 2 of 4 members, which is no majority") else {
                        throw HarnessError(said.text)
                    }
                    return true
                }
                let health = try cluster["A"].client.page("/health")
                #expect(health["problems"].elements.contains { $0.text?.contains("no majority") == true }, "\(health)")
                #expect(cluster["A"].isReady && cluster["B"].isReady, "they answer what their quorums allow")
                #expect(try cluster["A"].client.put("key", "value").isStored)
                for name in ["C", "D"] { try cluster[name].start() }
                try waitUntilHealthy(cluster)
            }
        }
    }
}
