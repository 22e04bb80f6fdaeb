import Testing

extension EndToEnd {
    /// A node that joins and leaves while clients are at work.
    @Suite struct Elasticity {
        @Test func fifthNodeJoinsAndLeavesUnderLoadWhileEveryKeyStaysReadable() throws {
            let settings: [String: Any] = [
                "strategies.partitioner.kind": "vnode-ring", "strategies.partitioner.tokensPerNode": 128,
                "antiEntropy.intervalMilliseconds": 3000,
            ]
            try withCluster(outsiders: ["E"], settings: settings) { cluster in
                let initial = 2000
                var expected = try cluster.fill(initial)
                let e = cluster["E"]
                try e.start()
                try waitForOutsider(e)

                let ports = cluster.nodes.prefix(4).map(\.client.port)
                let writer = LoadLoop.writing("late", ports: ports, interval: 0.01)
                let reader = LoadLoop(ports: ports, interval: 0.005) { number, client in
                    let key = "key-\(number * 7 % initial)"
                    return (key, "value of \(key)", try client.get(key))
                }
                defer { for load in [writer, reader] { _ = try? load.stop() } }
                try writer.wait(for: 20)
                let joined = try e.client.send("POST", "/admin/join")
                try #require(joined.status == 202, "\(joined)")
                try waitForRing(cluster, of: ["A", "B", "C", "D", "E"])
                try e.waitUntilReady()
                try writer.wait(for: 20)
                try checkShare(cluster, e, keys: initial + writer.soFar.count)

                let left = try e.client.send("POST", "/admin/leave")
                try #require(left.status == 202, "\(left)")
                try waitForRing(cluster, of: ["A", "B", "C", "D"])
                try writer.wait(for: 20)
                let reads = try reader.stop()
                let writes = try writer.stop()

                let unread = reads.filter { $0.status != 200 || !$0.detail.contains("\"\($0.value)\"") }
                try #require(unread.isEmpty, "\(unread.count) of \(reads.count) reads: \(unread.shown)")
                let unwritten = writes.filter { !$0.isStored }
                try #require(unwritten.isEmpty, "\(unwritten.count) of \(writes.count) writes: \(unwritten.shown)")
                #expect(try e.terminate() == 0)

                expected.merge(writes.acknowledged) { $1 }
                try cluster.waitUntilHintsAreDelivered()
                try cluster.waitUntilConverged(expected.keys.sorted(), asking: cluster["A"])
                let wrong = try cluster.wrongReads(expected)
                try #require(wrong.isEmpty, "\(wrong)")
            }
        }

        /// What E holds against the fifth that it should.
        private func checkShare(_ cluster: Cluster, _ e: ClusterNode, keys: Int) throws {
            let held = try e.stats()["keys"]["records"].int ?? 0
            let ideal = Double(3 * keys) / 5
            let streamed = try e.stats()["repairs"]["records_streamed_in"].int ?? 0
            let ratio = Double(held) / ideal
            print("join: E holds \(held) of 3 x \(keys) records, \(ratio) of a fifth; \(streamed) were streamed to it")
            #expect((0.7...1.3).contains(ratio))
            let shares = try e.client.page("/ring")["nodes"].elements.compactMap { $0["replica_share"].double }
            #expect(shares.count == 5)
        }

        private func waitForOutsider(_ node: ClusterNode) throws {
            try eventually("the outsider to answer") { try node.client.send("GET", "/health").status == 200 }
        }

        private func waitForRing(_ cluster: Cluster, of names: [String]) throws {
            for node in cluster.nodes where names.contains(node.name) {
                try eventually("\(node.name) to see the ring of \(names)", within: 120, every: 0.2) {
                    let ring = try node.client.page("/ring")
                    let active = ring["nodes"].elements.filter { $0["status"].text == "active" }
                        .compactMap { $0["node"].text }
                    guard active == names, ring["changing"].bool == false else { throw HarnessError("\(ring)") }
                    return true
                }
            }
        }
    }
}
