/// Where a node listens: a host name or address and a TCP port.
public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    public let host: String
    public let port: Int

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    public var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

/// A member's part in the ring. Whether it answers is ``Liveness``, never this.
public enum MemberStatus: UInt8, Sendable, CaseIterable, CustomStringConvertible {
    /// It is to own ranges in the next epoch, and is receiving them now.
    case joining = 1
    /// It owns ranges.
    case active = 2
    /// It owns ranges until the next epoch; others are receiving them now.
    case leaving = 3

    public var description: String {
        switch self {
        case .joining: "joining"
        case .active: "active"
        case .leaving: "leaving"
        }
    }
}

/// Who answers, as one node sees it. It never changes the ring.
public enum Liveness: UInt8, Sendable, CustomStringConvertible {
    case alive = 1
    case suspected = 2
    case dead = 3

    public var description: String {
        switch self {
        case .alive: "alive"
        case .suspected: "suspected"
        case .dead: "dead"
        }
    }
}

/// One node of a view.
public struct Member: Hashable, Sendable {
    public let node: NodeID
    public var status: MemberStatus
    /// The failure zone (rack, room); replicas of one partition fall in distinct zones while there are enough.
    public var zone: String
    /// The share of the ring relative to other members, 1 to 1,000.
    public var weight: Int
    public var peerEndpoint: Endpoint
    public var httpEndpoint: Endpoint
    /// `nil` where it does not speak RESP.
    public var respEndpoint: Endpoint?

    public init(
        node: NodeID, status: MemberStatus, zone: String, weight: Int, peerEndpoint: Endpoint, httpEndpoint: Endpoint,
        respEndpoint: Endpoint? = nil
    ) {
        self.node = node
        self.status = status
        self.zone = zone
        self.weight = weight
        self.peerEndpoint = peerEndpoint
        self.httpEndpoint = httpEndpoint
        self.respEndpoint = respEndpoint
    }
}

/// Who is in the cluster: an agreed, epoch-numbered list of members.
public struct View: Hashable, Sendable {
    /// The most members that a view may have.
    public static let maximumMembers = 4096
    /// The epoch of the members that a cluster begins with.
    package static let first = Epoch(1)

    public let epoch: Epoch
    /// Sorted by node, without duplicates.
    public let members: [Member]

    /// - Precondition: no node appears twice.
    public init(epoch: Epoch, members: [Member]) {
        let sorted = members.sorted { $0.node < $1.node }
        for (earlier, later) in zip(sorted, sorted.dropFirst()) {
            precondition(earlier.node != later.node, "member \(later.node) appears twice")
        }
        self.epoch = epoch
        self.members = sorted
    }

    /// O(log members).
    public func member(_ node: NodeID) -> Member? { position(of: node).map { members[$0] } }

    public func contains(_ node: NodeID) -> Bool { position(of: node) != nil }

    private func position(of node: NodeID) -> Int? {
        var low = 0
        var high = members.count
        while low < high {
            let middle = (low + high) / 2
            if members[middle].node < node { low = middle + 1 } else { high = middle }
        }
        return low < members.count && members[low].node == node ? low : nil
    }

    /// The members that own ranges in this epoch: active and leaving ones.
    public var owners: [Member] { members.filter { $0.status != .joining } }

    /// The members that will own ranges in the next epoch: active and joining ones.
    public var nextOwners: [Member] { members.filter { $0.status != .leaving } }

    /// Whether a change of the ring is under way.
    public var isChanging: Bool { members.contains { $0.status != .active } }
}
