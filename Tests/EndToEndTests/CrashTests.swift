import Testing

extension EndToEnd {
    /// Nodes that are killed without a warning (SIGKILL).
    @Suite struct Crashes {
        @Test(arguments: ["B", "D"])
        func writesGoOnWhileOneNodeIsDownAndItsHintsReachIt(victim: String) throws {
            try withCluster { cluster in
                let others = cluster.nodes.filter { $0.name != victim }
                let load = LoadLoop.writing("key", ports: others.map(\.client.port))
                try load.wait(for: 100)
                let beforeKill = secondsNow()
                try cluster[victim].kill()
                let killed = secondsNow()
                // Long enough for the others to take it for dead.
                pause(4)
                try load.wait(for: 100)
                try cluster[victim].start()
                try cluster.waitUntilReady()
                try load.wait(for: 100)
                let results = try load.stop()

                let after = results.filter { $0.began >= killed }
                let failed = after.filter { !$0.isStored }
                try #require(failed.isEmpty, "writes begun after the kill failed: \(failed.shown)")
                let before = results.filter { $0.ended < beforeKill && !$0.isStored }
                try #require(before.isEmpty, "writes ended before the kill failed: \(before.shown)")
                let inFlight = results.filter { $0.began < killed && !$0.isStored && $0.status != 504 }
                try #require(inFlight.isEmpty, "writes in flight may only end as unknown: \(inFlight.shown)")

                try #require(try cluster.sum("hints", "created") > 0)
                try cluster.waitUntilHintsAreDelivered()
                let acknowledged = results.acknowledged
                try cluster.waitUntilConverged(acknowledged.keys.sorted(), asking: others[0])
                let wrong = try cluster.wrongReads(acknowledged)
                try #require(wrong.isEmpty, "\(wrong)")
                let unknown = results.filter { !$0.isStored }.count
                let live = try cluster.sum("keys", "live")
                try #require(live >= 3 * acknowledged.count && live <= 3 * (acknowledged.count + unknown))
            }
        }

        @Test func everyAcknowledgedWriteIsThereAfterAllNodesWereKilled() throws {
            try withCluster { cluster in
                let load = LoadLoop.writing("key", ports: cluster.nodes.map(\.client.port), interval: 0)
                try load.wait(for: 1000)
                for node in cluster.nodes { try node.kill() }
                let acknowledged = try load.stop().acknowledged
                try #require(acknowledged.count > 100, "\(acknowledged.count) writes")

                try cluster.startAndWait()
                let wrong = try cluster.wrongReads(acknowledged, query: "")
                try #require(wrong.isEmpty, "\(wrong)")
                #expect(try cluster.sum("errors", "corrupt_records") == 0)
                try cluster.waitUntilHintsAreDelivered()
                try cluster.waitUntilConverged(acknowledged.keys.sorted(), asking: cluster["A"])
                let wrongAfter = try cluster.wrongReads(acknowledged)
                try #require(wrongAfter.isEmpty, "\(wrongAfter)")
            }
        }

        @Test func writesAfterARestartSupersedeThoseBefore() throws {
            try withCluster(["A", "B", "C"]) { cluster in
                // A killed node must not issue a dot twice: were it to, one of two writes would vanish.
                for round in 0..<3 {
                    let value = "round \(round)"
                    for node in cluster.nodes {
                        #expect(try node.client.put("from-\(node.name)", value).isStored)
                    }
                    try cluster["A"].kill()
                    try cluster["A"].start()
                    try cluster.waitUntilReady()
                    for node in cluster.nodes {
                        for name in ["A", "B", "C"] {
                            let found = try node.client.get("from-\(name)", query: "r=all")
                            #expect(try found.values() == [value], "\(found)")
                        }
                    }
                }
            }
        }
    }
}
