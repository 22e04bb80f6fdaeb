import Testing

extension EndToEnd {
    /// A network split in two halves, {A, C} and {B, D}, with real packets dropped.
    @Suite(.enabled(if: Firewall.isUsable, "needs root, iptables and setpriv; the simulated scenarios show the same"))
    struct Partitions {
        @Test func bothHalvesTakeWritesAndTheirSiblingsMeetAfterwards() throws {
            try withHalves(resolver: "dotted-version-vector") { cluster in
                for key in keys {
                    let found = try cluster["A"].client.get(key, query: "r=all")
                    #expect(found.status == 300, "\(key): \(found)")
                    #expect(try found.values() == ["left \(key)", "right \(key)"])
                }
                for key in keys {
                    for node in cluster.nodes {
                        #expect(try node.client.get(key).values() == ["left \(key)", "right \(key)"])
                    }
                    let context = try #require(try cluster["B"].client.get(key).context)
                    #expect(try cluster["D"].client.put(key, "both", context: context, query: "w=all").status == 200)
                }
                try cluster.waitUntilConverged(keys, asking: cluster["A"])
                let expected = [String: String](uniqueKeysWithValues: keys.map { ($0, "both") })
                let wrong = try cluster.wrongReads(expected)
                try #require(wrong.isEmpty, "\(wrong)")
                for key in keys {
                    let replicas = try cluster["C"].client.page("/kv/\(key)/explain")["replicas"].elements
                    let counts = replicas.filter { $0["role"].text == "replica" }.map { $0["siblings"].int ?? -1 }
                    #expect(counts.allSatisfy { $0 <= 1 }, "\(key): \(replicas)")
                }
            }
        }

        @Test func lastWriterWinsKeepsTheLaterOfBothHalves() throws {
            try withHalves(resolver: "lww-hlc") { cluster in
                // The right half wrote after the left one.
                let expected = [String: String](uniqueKeysWithValues: keys.map { ($0, "right \($0)") })
                let wrong = try cluster.wrongReads(expected)
                try #require(wrong.isEmpty, "\(wrong)")
            }
        }

        private let keys = (0..<12).map { "split-\($0)" }

        /// Splits a cluster, writes the same keys in both halves, heals it and waits until it has converged.
        private func withHalves(resolver: String, _ body: (Cluster) throws -> Void) throws {
            let settings: [String: Any] = ["strategies.conflictResolver.kind": resolver]
            try withCluster(settings: settings, starting: false) { cluster in
                Firewall.prepare(cluster)
                try cluster.startAndWait()
                for key in keys { #expect(try cluster["A"].client.put(key, "before").status == 201) }
                try Firewall.split(cluster, ["A", "C"])
                defer { Firewall.heal() }
                for node in cluster.nodes {
                    try eventually("\(node.name) to see only its half") {
                        let alive = try node.client.page("/gossip")["members"].elements
                            .filter { $0["liveness"].text == "alive" }.compactMap { $0["node"].text }
                        let links = try node.stats()["transport"]["links_up"].int ?? -1
                        guard links == 1, alive.count == 2 else {
                            throw HarnessError("\(links) links, alive: \(alive)")
                        }
                        return true
                    }
                }
                for (port, side) in [(cluster["A"], "left"), (cluster["B"], "right")] {
                    for key in keys {
                        let stored = try port.client.put(key, "\(side) \(key)")
                        try #require(stored.isStored, "\(key) in the \(side) half: \(stored)")
                    }
                    pause(0.05)
                }
                for key in keys {
                    #expect(try cluster["C"].client.get(key).values() == ["left \(key)"])
                    #expect(try cluster["D"].client.get(key).values() == ["right \(key)"])
                }
                #expect(try cluster.sum("hints", "pending") > 0)
                Firewall.heal()
                try cluster.waitUntilReady()
                try cluster.waitUntilHintsAreDelivered()
                try cluster.waitUntilConverged(keys, asking: cluster["A"])
                try body(cluster)
            }
        }
    }
}
