package import StatorCore

/// A version that a node dropped because it no longer owns the key, and who held it then.
package struct DroppedVersion: Hashable, Sendable {
    package var node: NodeID
    package var key: Key
    /// The id of the write or delete in the history.
    package var event: Int
    package var isAcknowledged: Bool
    /// The owners of the key by the view in force.
    package var owners: [NodeID]
    /// Who durably held the version then, or one that supersedes it.
    package var coveredBy: [NodeID]
    /// How many owners must: W where every owner took part, fewer where the configuration promises fewer.
    package var needed: Int
    /// Nanoseconds.
    package var time: Int64

    package init(
        node: NodeID, key: Key, event: Int, isAcknowledged: Bool, owners: [NodeID], coveredBy: [NodeID], needed: Int,
        time: Int64
    ) {
        self.node = node
        self.key = key
        self.event = event
        self.isAcknowledged = isAcknowledged
        self.owners = owners
        self.coveredBy = coveredBy
        self.needed = needed
        self.time = time
    }
}

/// Ring changes endanger nothing: every range has its owners, by all nodes the same, and nobody drops what too few
/// others hold.
///
/// What is said of owners is promised by every configuration, and counts as a violation whatever is promised of
/// acknowledged writes.
package struct RingSafety: Sendable {
    package static let name = "ring-safety"

    private var ranges = 0
    private var badRanges = 0
    private var disagreements = 0
    private var drops = 0
    private var unsafeDrops = 0
    private var builder = VerdictBuilder(RingSafety.name)

    package init() {}

    /// - Parameters:
    ///   - owners: the owners of each range of one placement.
    ///   - replicas: how many distinct owners a range needs: N, or the number of members where that is smaller.
    package mutating func placement(of epoch: Epoch, owners: [[NodeID]], replicas: Int) {
        for (index, list) in owners.enumerated() {
            ranges += 1
            let distinct = RingSafety.distinct(list)
            guard distinct.count != replicas || list.count != replicas else { continue }
            badRanges += 1
            builder.violation(
                """
                in epoch \(epoch) range \(index) has the owners \(list.map(\.name).joined(separator: ", ")): \
                \(replicas) distinct ones were expected
                """)
        }
    }

    /// Two nodes take other nodes for the owners of a range in the same epoch.
    package mutating func disagreement(in epoch: Epoch, between one: NodeID, and other: NodeID) {
        disagreements += 1
        builder.violation("in epoch \(epoch) \(one) and \(other) take other nodes for the owners of some range")
    }

    package mutating func dropped(_ drop: DroppedVersion) {
        guard drop.isAcknowledged else { return }
        drops += 1
        let holders = RingSafety.distinct(drop.coveredBy.filter { drop.owners.contains($0) })
        guard holders.count < drop.needed else { return }
        unsafeDrops += 1
        builder.violation(
            key: drop.key.displayText, operations: [drop.event],
            """
            at \(Text.milliseconds(drop.time)) \(drop.node) dropped the acknowledged write \(drop.event) while only \
            \(holders.count) of \(drop.needed) needed owners held it or what supersedes it (\
            \(holders.map(\.name).joined(separator: ", ")))
            """)
    }

    package func verdict(_ promises: Promises) -> Verdict {
        var builder = builder
        builder.rate("ranges without N distinct owners", badRanges, of: ranges)
        builder.rate("acknowledged versions dropped while too few owners held them", unsafeDrops, of: drops)
        builder.checked = ranges + drops
        return builder.verdict(isPromised: promises.keepsAcknowledged || badRanges + disagreements > 0)
    }

    private static func distinct(_ nodes: [NodeID]) -> [NodeID] {
        nodes.sorted().reduce(into: []) { list, node in if list.last != node { list.append(node) } }
    }
}
