import Foundation
import Testing

extension EndToEnd {
    /// Replicas that come back behind the others.
    @Suite struct Recovery {
        @Test func antiEntropyAloneBringsAReplicaUpToDateAtTheCostOfWhatDiffers() throws {
            let total = Int(ProcessInfo.processInfo.environment["STATOR_SYNC_KEYS"] ?? "") ?? 20_000
            let changed = 100
            let settings: [String: Any] = [
                "hints.enabled": false, "antiEntropy.intervalMilliseconds": 2000, "replication.readRepair": false,
                "durability.mode": "none",
                "strategies.sync.kind": "merkle", "strategies.sync.depth": 12,
            ]
            try withCluster(settings: settings) { cluster in
                _ = try cluster.fill(total)
                let keys = (0..<changed).map { "key-\($0 * (total / changed))" }
                let down = cluster["D"]
                try down.terminate()
                let others = cluster.running
                for (number, key) in keys.enumerated() {
                    let answer = try others[number % others.count].client.put(key, "changed")
                    try #require(answer.isStored, "\(key): \(answer)")
                }
                // What the writes themselves still have under way must not be counted.
                try waitUntilSessionsFindNothing(cluster)
                let before = try Totals(cluster.running)
                try down.start()
                try cluster.waitUntilReady()
                try cluster.waitUntilConverged(keys, asking: cluster["A"], within: 120)
                let spent = try Totals(cluster.running) - before

                let leaves = try down.client.page("/merkle")["shards"].elements.first?["index"]
                let mean = try #require(leaves?["meanKeysPerOccupiedLeaf"].double, "\(leaves?.description ?? "")")
                print("sync of \(changed) of \(total) keys: \(spent), \(mean) keys a leaf")
                #expect(spent.recordsSent <= 2 * changed)
                #expect(spent.dirtyLeaves > 0)
                #expect(Double(spent.keysListed) <= Double(spent.dirtyLeaves) * mean)
                #expect(try cluster.sum("hints", "created") == 0)
                #expect(try cluster.sum("repairs", "read_repairs") == 0)
            }
        }

        @Test func replicaWithoutItsFolderSaysThatItRecoversAndReadsStayRight() throws {
            try withCluster { cluster in
                let expected = try cluster.fill(1500)
                let lost = cluster["B"]
                let held = try lost.stats()["keys"]["records"].int ?? 0
                try lost.kill()
                try FileManager.default.removeItem(atPath: lost.dataFolder)
                // While the others do not answer it cannot recover, and has to say so.
                let others = cluster.running
                for node in others { node.process?.signal(SIGSTOP) }
                try lost.start()
                try eventually("B to say that it recovers") {
                    let answer = try lost.client.send("GET", "/ready")
                    return answer.status == 503 && answer.text.contains("recovering")
                }
                for node in others { node.process?.signal(SIGCONT) }
                var wrong: [String] = []
                var round = 0
                try eventually("B to be ready again", within: 60, every: 0.01) {
                    guard let answer = try? lost.client.send("GET", "/ready") else { return false }
                    if answer.status == 200 { return true }
                    #expect(answer.status == 503)
                    for node in cluster.nodes {
                        round += 1
                        let key = "key-\(round * 37 % 1500)"
                        let found = try node.client.get(key)
                        let values = found.status == 200 ? try found.values() : []
                        if values != [expected[key] ?? ""] { wrong.append("\(key) at \(node.name): \(found)") }
                    }
                    return false
                }
                #expect(wrong.isEmpty, "of \(round) reads: \(wrong.prefix(5))")
                #expect(try lost.stats()["repairs"]["records_streamed_in"].int ?? 0 >= held)
                try cluster.waitUntilConverged(expected.keys.sorted(), asking: cluster["A"])
                let left = try cluster.wrongReads(expected)
                try #require(left.isEmpty, "\(left)")
            }
        }

        private func waitUntilSessionsFindNothing(_ cluster: Cluster) throws {
            // Since when nothing was found different: two rounds of every pair, in both directions.
            var quiet = try Totals(cluster.running)
            let rounds = 2 * cluster.running.count * (cluster.running.count - 1)
            try eventually("\(rounds) sessions in a row without a difference", within: 240, every: 0.5) {
                let now = try Totals(cluster.running)
                if (now - quiet).dirtyLeaves > 0 { quiet = now }
                return (now - quiet).sessions >= rounds
            }
        }
    }
}

/// What the sync sessions of some nodes have done, from `/merkle`.
private struct Totals: CustomStringConvertible {
    var sessions = 0
    var dirtyLeaves = 0
    var keysListed = 0
    var recordsSent = 0

    init(_ nodes: [ClusterNode]) throws {
        for node in nodes {
            let totals = try node.client.page("/merkle")["totals"]
            sessions += totals["sessions"].int ?? 0
            dirtyLeaves += totals["dirty_leaves"].int ?? 0
            keysListed += totals["keys_listed"].int ?? 0
            recordsSent += totals["records_sent"].int ?? 0
        }
    }

    static func - (left: Totals, right: Totals) -> Totals {
        var difference = left
        difference.sessions -= right.sessions
        difference.dirtyLeaves -= right.dirtyLeaves
        difference.keysListed -= right.keysListed
        difference.recordsSent -= right.recordsSent
        return difference
    }

    var description: String { "\(dirtyLeaves) dirty leaves, \(keysListed) keys listed, \(recordsSent) records sent" }
}
