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

    /// Writes `key-0`, `key-1`, ... through all running nodes, each with its own value.
    /// - Returns: the values by key.
    func fill(_ count: Int) throws -> [String: String] {
        let keys = (0..<count).map { "key-\($0)" }
        let failed = try Lanes.run(keys, ports: running.map(\.client.port)) { key, client in
            let answer = try client.put(key, "value of \(key)")
            return answer.isStored ? nil : "\(key): \(answer)"
        }
        guard failed.isEmpty else { throw HarnessError("\(failed.count) writes failed, as \(failed[0])") }
        return [String: String](uniqueKeysWithValues: keys.map { ($0, "value of \($0)") })
    }

    /// The keys whose replicas do not all hold the same, as `/kv/{key}/explain` shows it, which repairs nothing.
    func divergentKeys(_ keys: [String], asking node: ClusterNode) throws -> [String] {
        try Lanes.run(keys, ports: [node.client.port]) { key, client in
            let page = try client.page("/kv/\(key)/explain")
            let replicas = page["replicas"].elements.filter { $0["role"].text == "replica" }
            let digests = replicas.map { $0["digest"].text }
            guard replicas.count == page["n"].int, let first = digests.first, first != nil else { return key }
            return digests.contains { $0 != first } ? key : nil
        }.sorted()
    }

    func waitUntilConverged(_ keys: [String], asking node: ClusterNode, within limit: Double = 60) throws {
        var remaining = try divergentKeys(keys, asking: node)
        try eventually("\(keys.count) keys to be the same at all their replicas", within: limit, every: 0.3) {
            remaining = try divergentKeys(remaining, asking: node)
            guard remaining.isEmpty else {
                let shown = try node.client.page("/kv/\(remaining[0])/explain")
                throw HarnessError("\(remaining.count) differ, as \(remaining[0]): \(shown)")
            }
            return true
        }
    }

    /// Reads every key at every running node and compares.
    /// - Returns: what was found wrong, in sentences; at most ten for a node.
    func wrongReads(_ expected: [String: String], query: String = "r=all") throws -> [String] {
        try running.flatMap { node in
            let name = node.name
            return try Lanes.run(expected.keys.sorted(), ports: [node.client.port]) { key, client -> String? in
                let answer = try client.get(key, query: query)
                let values = answer.status == 200 ? try answer.values() : []
                if values == [expected[key] ?? ""] { return nil }
                return "\(key) at \(name) is \(answer), expected \(expected[key] ?? "")"
            }.prefix(10)
        }
    }
}
