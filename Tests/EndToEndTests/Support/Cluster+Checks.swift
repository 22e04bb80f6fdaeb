import Foundation

/// What tests ask of a whole cluster.
extension Cluster {
    /// A figure of `/stats`, summed over the running nodes.
    func sum(_ path: String...) throws -> Int {
        try running.reduce(0) { sum, node in
            var value = try node.stats()
            for name in path { value = value[name] }
            guard let number = value.int else { throw HarnessError("/stats has no \(path.joined(separator: "."))") }
            return sum + number
        }
    }

    func waitUntilHintsAreDelivered(within limit: Double = 60) throws {
        try eventually("all hints to be delivered", within: limit) {
            let pending = try sum("hints", "pending")
            guard pending == 0 else { throw HarnessError("\(pending) are waiting") }
            return true
        }
    }

    /// The keys whose replicas do not all hold the same, as `/kv/{key}/explain` shows it, which repairs nothing.
    func divergentKeys(_ keys: [String], asking node: ClusterNode) throws -> [String] {
        try keys.filter { key in
            let page = try node.client.page("/kv/\(key)/explain")
            let replicas = page["replicas"].elements.filter { $0["role"].text == "replica" }
            let digests = replicas.map { $0["digest"].text }
            guard replicas.count == page["n"].int, let first = digests.first, first != nil else { return true }
            return digests.contains { $0 != first }
        }
    }

    func waitUntilConverged(_ keys: [String], asking node: ClusterNode, within limit: Double = 60) throws {
        var remaining = keys
        try eventually("\(keys.count) keys to be the same at all their replicas", within: limit, every: 0.3) {
            remaining = try divergentKeys(remaining, asking: node)
            guard remaining.isEmpty else { throw HarnessError("\(remaining.count) differ, as \(remaining[0])") }
            return true
        }
    }

    /// Reads every key at every running node and compares.
    /// - Returns: what was found wrong, in sentences; at most ten.
    func wrongReads(_ expected: [String: String], query: String = "r=all") throws -> [String] {
        var wrong: [String] = []
        for node in running {
            for key in expected.keys.sorted() {
                let answer = try node.client.get(key, query: query)
                let values = answer.status == 200 ? try answer.values() : []
                if values != [expected[key] ?? ""] {
                    wrong.append("\(key) at \(node.name) is \(answer), expected \(expected[key] ?? "")")
                    if wrong.count == 10 { return wrong }
                }
            }
        }
        return wrong
    }
}
