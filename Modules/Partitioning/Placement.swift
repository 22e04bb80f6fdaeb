public import StatorCore

/// An immutable table from token ranges to preference lists, compiled by a partitioner for one view.
///
/// Ranges are sorted, do not wrap and cover the token space; every preference list has the same length. Look-up is a
/// binary search over the ends: O(log ranges), without allocation. Memory: 8 + 2 x stride bytes a range.
public struct Placement: Sendable, Equatable {
    /// N as it could be met: at most the number of nodes.
    public let replicaCount: Int
    /// All nodes that own something, sorted; owner indices point here.
    public let nodes: [NodeID]
    /// The zone of each node, by the same index.
    public let zones: [String]
    private let lastTokens: [UInt64]
    private let owners: [UInt16]
    private let stride: Int

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
        precondition(!members.isEmpty && members.count <= View.maximumMembers, "a placement needs 1 to 4,096 members")
        precondition(assignments.last?.last == .maximum, "the last range ends at the maximum token")
        nodes = members.map(\.node)
        zones = members.map(\.zone)
        replicaCount = min(replicas, members.count)
        stride = assignments[0].owners.count
        precondition(stride >= replicaCount, "a preference list names at least the replicas")
        var lastTokens: [UInt64] = []
        var owners: [UInt16] = []
        lastTokens.reserveCapacity(assignments.count)
        owners.reserveCapacity(assignments.count * stride)
        for assignment in assignments {
            if let previous = lastTokens.last { precondition(assignment.last.value > previous, "ranges rise") }
            precondition(assignment.owners.count == stride, "preference lists have one length")
            for (position, owner) in assignment.owners.enumerated() {
                precondition(Int(owner) < members.count, "owner index out of bounds")
                precondition(!assignment.owners[..<position].contains(owner), "a preference list names a node once")
            }
            lastTokens.append(assignment.last.value)
            owners.append(contentsOf: assignment.owners)
        }
        self.lastTokens = lastTokens
        self.owners = owners
    }

    public var rangeCount: Int { lastTokens.count }

    /// The range that holds `token`. O(log ranges).
    public func rangeIndex(of token: Token) -> Int {
        var low = 0
        var high = lastTokens.count - 1
        while low < high {
            let middle = (low + high) / 2
            if lastTokens[middle] < token.value { low = middle + 1 } else { high = middle }
        }
        return low
    }

    public func range(at index: Int) -> TokenRange {
        let first = index == 0 ? 0 : lastTokens[index - 1] + 1
        return TokenRange(first: Token(first), last: Token(lastTokens[index]))
    }

    public func preferenceList(at index: Int) -> PreferenceList {
        let start = index * stride
        return PreferenceList(
            nodes: nodes, zones: zones, owners: owners[start..<(start + stride)], replicaCount: replicaCount)
    }

    /// The preference list of the partition that holds `token`. O(log ranges).
    public func preferenceList(for token: Token) -> PreferenceList {
        preferenceList(at: rangeIndex(of: token))
    }

    /// Whether `node` is one of the N replicas for `token`. O(log ranges + N).
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
    public func replicaShares() -> [Double] {
        shares { $0.prefix(replicaCount) }
    }

    /// The share of the token space of which each node is the first replica, by node index; the shares add up to 1.
    public func primaryShares() -> [Double] {
        shares { $0.prefix(1) }
    }

    private func shares(_ counted: (ArraySlice<UInt16>) -> ArraySlice<UInt16>) -> [Double] {
        var shares = [Double](repeating: 0, count: nodes.count)
        for index in 0..<rangeCount {
            let fraction = range(at: index).fraction
            for owner in counted(owners[(index * stride)..<((index + 1) * stride)]) { shares[Int(owner)] += fraction }
        }
        return shares
    }
}

/// The ordered distinct nodes of one partition: the first N are its replicas, the rest its fallbacks.
public struct PreferenceList: RandomAccessCollection, Sendable {
    private let nodes: [NodeID]
    private let zones: [String]
    private let owners: ArraySlice<UInt16>
    public let replicaCount: Int

    init(nodes: [NodeID], zones: [String], owners: ArraySlice<UInt16>, replicaCount: Int) {
        self.nodes = nodes
        self.zones = zones
        self.owners = owners
        self.replicaCount = replicaCount
    }

    public var startIndex: Int { 0 }
    public var endIndex: Int { owners.count }
    public subscript(position: Int) -> NodeID { nodes[Int(owners[owners.startIndex + position])] }

    public var replicas: Slice<PreferenceList> { self[0..<replicaCount] }
    public var fallbacks: Slice<PreferenceList> { self[replicaCount..<count] }

    /// The fallbacks in the order in which they stand in for `failed`: those of its zone first, then the others, each
    /// in preference order. A pure function of the placement and the failed replica. O(F).
    public func standIns(for failed: NodeID) -> [NodeID] {
        guard let failedOwner = owners.first(where: { nodes[Int($0)] == failed }) else { return Array(fallbacks) }
        let zone = zones[Int(failedOwner)]
        let candidates = owners.dropFirst(replicaCount)
        let near = candidates.filter { zones[Int($0)] == zone }
        let far = candidates.filter { zones[Int($0)] != zone }
        return (near + far).map { nodes[Int($0)] }
    }
}
