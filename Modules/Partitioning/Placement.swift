public import StatorCore

/// An immutable table from token ranges to preference lists, compiled by a partitioner for one view.
///
/// Ranges are sorted, do not wrap and cover the token space; every preference list has the same length. A copy is one
/// reference. Memory: 12 + 2 x stride bytes a range.
public struct Placement: Sendable, Equatable {
    let table: PlacementTable

    /// One range as a partitioner lists it.
    public struct Assignment: Sendable {
        public let last: Token
        /// Indices into the member list, distinct, the first N the replicas.
        public let owners: [UInt16]

        public init(last: Token, owners: [UInt16]) {
            self.last = last
            self.owners = owners
        }
    }

    /// - Parameters:
    ///   - members: sorted by node; owner indices point here.
    ///   - replicas: N.
    ///   - assignments: rising `last`, the final one at the maximum token; equal numbers of owners.
    /// - Precondition: as said; a partitioner that breaks it is wrong.
    public init(members: [Member], replicas: Int, assignments: [Assignment]) {
        precondition(!assignments.isEmpty, "a placement needs at least one range")
        let stride = assignments[0].owners.count
        var lastTokens: [UInt64] = []
        var owners: [UInt16] = []
        lastTokens.reserveCapacity(assignments.count)
        owners.reserveCapacity(assignments.count * stride)
        for assignment in assignments {
            precondition(assignment.owners.count == stride, "preference lists have one length")
            lastTokens.append(assignment.last.value)
            owners.append(contentsOf: assignment.owners)
        }
        self.init(members: members, replicas: replicas, lastTokens: lastTokens, owners: owners)
    }

    /// The same from flat lists, for partitioners with very many ranges.
    ///
    /// - Parameters:
    ///   - members: sorted by node; owner indices point here.
    ///   - replicas: N.
    ///   - lastTokens: the last token of each range, rising, the final one the maximum.
    ///   - owners: the preference lists, one after the other, all of one length, in the order of the ranges.
    /// - Precondition: as said; a partitioner that breaks it is wrong.
    /// - Complexity: O(ranges x stride^2).
    public init(members: [Member], replicas: Int, lastTokens: [UInt64], owners: [UInt16]) {
        table = PlacementTable(members: members, replicas: replicas, lastTokens: lastTokens, owners: owners)
    }

    /// N as it could be met: at most the number of nodes.
    public var replicaCount: Int { table.replicaCount }
    /// The members that the placement was compiled for, sorted; owner indices point here.
    public var nodes: [NodeID] { table.nodes }
    /// The zone of each node, by the same index.
    public var zones: [String] { table.zones }

    public var rangeCount: Int { table.lastTokens.count }

    /// The range that holds `token`. O(1) where tokens are spread evenly, O(log ranges) at worst, without allocation.
    public func rangeIndex(of token: Token) -> Int {
        table.rangeIndex(of: token.value)
    }

    public func range(at index: Int) -> TokenRange {
        let first = index == 0 ? 0 : table.lastTokens[index - 1] + 1
        return TokenRange(first: Token(first), last: Token(table.lastTokens[index]))
    }

    public func preferenceList(at index: Int) -> PreferenceList {
        PreferenceList(table: table, start: index * table.stride)
    }

    /// The preference list of the partition that holds `token`. As ``rangeIndex(of:)``.
    public func preferenceList(for token: Token) -> PreferenceList {
        preferenceList(at: rangeIndex(of: token))
    }

    /// Whether `node` is one of the N replicas for `token`. O(N) beyond the look-up.
    public func isReplica(_ node: NodeID, for token: Token) -> Bool {
        preferenceList(for: token).replicas.contains(node)
    }

    /// The ranges of which `node` is a replica, adjacent ones joined, in token order. O(ranges x N).
    public func replicaRanges(of node: NodeID) -> [TokenRange] {
        ranges { $0.replicas.contains(node) }
    }

    /// The ranges of which both are replicas, adjacent ones joined, in token order. O(ranges x N).
    public func sharedRanges(_ one: NodeID, _ other: NodeID) -> [TokenRange] {
        ranges { $0.replicas.contains(one) && $0.replicas.contains(other) }
    }

    /// The ranges whose preference list satisfies `condition`, adjacent ones joined, in token order.
    public func ranges(where condition: (PreferenceList) -> Bool) -> [TokenRange] {
        var found: [TokenRange] = []
        for index in 0..<rangeCount where condition(preferenceList(at: index)) {
            let range = range(at: index)
            if let previous = found.last, previous.last.value &+ 1 == range.first.value {
                found[found.count - 1] = TokenRange(first: previous.first, last: range.last)
            } else {
                found.append(range)
            }
        }
        return found
    }

    /// The share of the token space of which each node is a replica, by node index; the shares add up to N.
    public func replicaShares() -> [Double] { shares(ofFirst: replicaCount) }

    /// The share of the token space of which each node is the first replica, by node index; the shares add up to 1.
    public func primaryShares() -> [Double] { shares(ofFirst: 1) }

    private func shares(ofFirst counted: Int) -> [Double] {
        var shares = [Double](repeating: 0, count: nodes.count)
        for index in 0..<rangeCount {
            let fraction = range(at: index).fraction
            let start = index * table.stride
            for owner in table.owners[start..<(start + counted)] { shares[Int(owner)] += fraction }
        }
        return shares
    }

    public static func == (left: Placement, right: Placement) -> Bool {
        left.table === right.table || left.table.isEqual(to: right.table)
    }
}
