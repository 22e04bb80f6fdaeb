package import StatorCore

/// One record that one node held when the cluster had settled.
package struct HeldRecord: Hashable, Sendable {
    package var node: NodeID
    package var token: Token
    package var key: Key
    package var digest: Digest

    package init(node: NodeID, token: Token, key: Key, digest: Digest) {
        self.node = node
        self.token = token
        self.key = key
        self.digest = digest
    }
}

/// A counter of one node: hints that it still held, or records that it sent for repair while the cluster was idle.
package struct NodeCount: Hashable, Sendable {
    package var node: NodeID
    package var count: Int

    package init(node: NodeID, count: Int) {
        self.node = node
        self.count = count
    }
}

/// What the nodes held and sent after the faults ended, the clients stopped and the cluster settled.
package struct Convergence: Sendable {
    package static let name = "convergence"

    /// Of all nodes, owned or not, hints apart.
    package var records: [HeldRecord]
    package var pendingHints: [NodeCount]
    /// Records sent by read repair, anti-entropy and transfer in a span without clients and faults.
    package var idleRepairs: [NodeCount]
    /// Index entries that sync sessions of that span found different.
    package var idleDifferences: [NodeCount]

    package init(
        records: [HeldRecord] = [], pendingHints: [NodeCount] = [], idleRepairs: [NodeCount] = [],
        idleDifferences: [NodeCount] = []
    ) {
        self.records = records
        self.pendingHints = pendingHints
        self.idleRepairs = idleRepairs
        self.idleDifferences = idleDifferences
    }

    /// Owners hold the same bytes of every key, nobody else holds a copy, no hint is left, and repair is silent.
    ///
    /// - Parameter owners: the nodes that own a token; their order does not matter.
    /// - Complexity: O(records log records).
    package func verdict(_ promises: Promises, owners: (Token) -> [NodeID]) -> Verdict {
        var builder = VerdictBuilder(Convergence.name)
        let sorted = records.sorted { one, other in
            if one.token != other.token { return one.token < other.token }
            return one.key != other.key ? one.key < other.key : one.node < other.node
        }
        var keys = 0
        var diverged = 0
        var strays = 0
        var start = 0
        while start < sorted.count {
            let first = sorted[start]
            let end = sorted[start...].firstIndex { $0.token != first.token || $0.key != first.key } ?? sorted.count
            let copies = sorted[start..<end]
            let owning = owners(first.token).sorted()
            keys += 1
            if !Convergence.areEqual(copies, owning, &builder) { diverged += 1 }
            strays += Convergence.strays(copies, owning, &builder)
            start = end
        }
        Convergence.expectNone(pendingHints, "still holds", "hints", &builder)
        Convergence.expectNone(idleRepairs, "sent", "records for repair while the cluster was idle", &builder)
        Convergence.expectNone(
            idleDifferences, "found", "index entries different while the records were equal", &builder)
        builder.rate("keys on which owners differ", diverged, of: keys)
        builder.rate("copies held by nodes that do not own them", strays, of: records.count)
        builder.measure("hints left", pendingHints.reduce(0) { $0 + $1.count }, "hints")
        builder.measure("idle repair traffic", idleRepairs.reduce(0) { $0 + $1.count }, "records")
        builder.checked = keys + pendingHints.count + idleRepairs.count
        return builder.verdict(isPromised: promises.convergence)
    }

    private static func areEqual(
        _ copies: ArraySlice<HeldRecord>, _ owning: [NodeID], _ builder: inout VerdictBuilder
    ) -> Bool {
        let owned = copies.filter { owning.contains($0.node) }
        // Only strays hold it: the owners agree that there is nothing, or lost it; lost-writes tells which.
        guard let first = owned.first else { return true }
        let missing = owning.filter { node in !owned.contains { $0.node == node } }
        let different = owned.filter { $0.digest != first.digest }
        guard !missing.isEmpty || !different.isEmpty else { return true }
        var found = owned.map { "\($0.node) holds \($0.digest)" }
        found += missing.map { "\($0) holds nothing" }
        builder.violation(
            key: first.key.displayText,
            "the owners at token \(first.token) differ: \(found.joined(separator: ", "))")
        return false
    }

    private static func strays(
        _ copies: ArraySlice<HeldRecord>, _ owning: [NodeID], _ builder: inout VerdictBuilder
    ) -> Int {
        let strays = copies.filter { !owning.contains($0.node) }
        for stray in strays {
            builder.violation(
                key: stray.key.displayText,
                """
                \(stray.node) holds \(stray.digest) but the owners at token \(stray.token) are \
                \(owning.map(\.name).joined(separator: ", "))
                """)
        }
        return strays.count
    }

    private static func expectNone(
        _ counts: [NodeCount], _ verb: String, _ what: String, _ builder: inout VerdictBuilder
    ) {
        for entry in counts where entry.count != 0 {
            builder.violation("\(entry.node) \(verb) \(entry.count) \(what), none were expected")
        }
    }
}
