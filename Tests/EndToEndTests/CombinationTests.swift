import Testing

extension EndToEnd {
    /// Strategies selected by nothing but the configuration file.
    @Suite struct Combinations {
        @Test func everyTwoKindsMeetInTheCoveringSet() {
            let met = Set(Combination.covering.flatMap(\.pairs))
            #expect(met == Set(Combination.all.flatMap(\.pairs)))
            #expect(Combination.covering.count <= 16)
        }

        @Test(arguments: Combination.covering)
        func smallClusterWorksThroughACrash(combination: Combination) throws {
            try withCluster(["A", "B", "C"], settings: combination.settings) { cluster in
                let a = cluster["A"]
                let b = cluster["B"]
                let c = cluster["C"]
                let config = try b.client.page("/config")["strategies"]
                for (family, kind) in zip(Combination.families, combination.kinds) {
                    #expect(config[family]["kind"].text == kind)
                }
                #expect(try a.client.put("kept", "first").status == 201)
                #expect(try b.client.get("kept").values() == ["first"])
                #expect(try b.client.put("kept", "second").status == 200)
                #expect(try c.client.get("kept").values() == ["second"])
                #expect(try c.client.put("gone", "value").status == 201)
                #expect(try a.client.delete("gone").status == 200)
                #expect(try b.client.get("gone").status == 404)

                try b.kill()
                for number in 0..<20 {
                    let stored = try [a, c][number % 2].client.put("late-\(number)", "value \(number)")
                    try #require(stored.status == 201, "\(stored)")
                }
                try b.start()
                try cluster.waitUntilReady()
                let late = (0..<20).map { "late-\($0)" }
                try cluster.waitUntilConverged(late + ["kept", "gone"], asking: a)
                for node in cluster.nodes {
                    #expect(try node.client.get("kept", query: "r=all").values() == ["second"])
                    #expect(try node.client.get("gone", query: "r=all").status == 404)
                }
                let wrong = try cluster.wrongReads(
                    [String: String](uniqueKeysWithValues: late.map { ($0, "value " + $0.dropFirst(5)) }))
                try #require(wrong.isEmpty, "\(wrong)")
                #expect(try b.client.put("after", "value").status == 201)
                for node in cluster.nodes { #expect(try node.terminate() == 0) }
            }
        }
    }
}
