import StatorCore

/// Consistent hashing's ring: nodes at positions of the token space, a token owned by the nodes that a clockwise walk
/// from it meets. All ring partitioners are this, with different positions.
///
/// Where a walk goes: a position owns the tokens after the position before it, up to and including its own. The
/// preference list of a range is
/// 1. the first node that the walk meets of each zone, in the order met, at most N of them;
/// 2. then all other nodes in the order met, cut at N + F.
///
/// So the first node met is always the first replica, replicas lie in distinct zones while there are enough, and a node
/// that joins or leaves displaces at most one other owner, only where it is an owner itself, zones or not.
///
/// Two nodes at one position are ordered by name: the range of the later one is empty, but the walk meets both.
struct TokenRing {
    struct Position {
        let token: UInt64
        /// An index into the members.
        let owner: UInt16

        static func precedes(_ left: Position, _ right: Position) -> Bool {
            left.token != right.token ? left.token < right.token : left.owner < right.owner
        }
    }

    /// Sorted by token, then owner.
    let positions: [Position]

    /// - Parameter positions: in any order; every member has at least one.
    init(_ positions: [Position]) {
        self.positions = TokenRing.sorted(positions)
    }

    /// - Complexity: O(positions x (N + F)), without allocation per position.
    func placement(members: [Member], replicas: Int, fallbacks: Int) -> Placement {
        precondition(replicas >= 1 && fallbacks >= 0, "at least one replica, no fewer than no fallbacks")
        precondition(!positions.isEmpty, "a ring has a position")
        let stride = min(members.count, replicas + fallbacks)
        let wraps = positions[positions.count - 1].token != .max
        let rangeCount = distinctTokenCount + (wraps ? 1 : 0)
        var lastTokens = [UInt64](repeating: .max, count: rangeCount)
        var owners = [UInt16](repeating: 0, count: rangeCount * stride)

        var walk = RingWalk(members: members, replicas: replicas)
        for position in positions.reversed() { walk.enter(owner: position.owner) }
        var range = wraps ? rangeCount - 1 : rangeCount
        for index in positions.indices.reversed() {
            walk.enter(owner: positions[index].owner)
            let isEmpty = index > 0 && positions[index - 1].token == positions[index].token
            if isEmpty { continue }
            range -= 1
            lastTokens[range] = positions[index].token
            walk.write(into: &owners, at: range * stride, count: stride)
        }
        // Tokens after the last position walk on from the first one.
        if wraps { walk.write(into: &owners, at: (rangeCount - 1) * stride, count: stride) }
        return Placement(members: members, replicas: replicas, lastTokens: lastTokens, owners: owners)
    }

    private var distinctTokenCount: Int {
        var count = 1
        for index in positions.indices.dropFirst() where positions[index - 1].token != positions[index].token {
            count += 1
        }
        return count
    }
}

/// What a clockwise walk meets from the position that was entered last, positions being entered backwards.
private struct RingWalk {
    private var nodes: RecencyList
    private var zones: RecencyList
    /// By zone, the node of it that the walk meets first.
    private var firstOfZone: [UInt16]
    /// By node, the index of its zone.
    private let zoneOf: [Int32]
    /// By node, the list that it was last chosen for as its zone's first.
    private var chosenFor: [Int]
    private var list = 0
    private let replicas: Int

    init(members: [Member], replicas: Int) {
        var names: [String: Int32] = [:]
        zoneOf = members.map { member in
            if let known = names[member.zone] { return known }
            let fresh = Int32(names.count)
            names[member.zone] = fresh
            return fresh
        }
        nodes = RecencyList(count: members.count)
        zones = RecencyList(count: names.count)
        firstOfZone = Array(repeating: 0, count: names.count)
        chosenFor = Array(repeating: 0, count: members.count)
        self.replicas = min(replicas, members.count)
    }

    mutating func enter(owner: UInt16) {
        let zone = zoneOf[Int(owner)]
        nodes.moveToFront(Int32(owner))
        zones.moveToFront(zone)
        firstOfZone[Int(zone)] = owner
    }

    mutating func write(into owners: inout [UInt16], at start: Int, count: Int) {
        list += 1
        var written = 0
        var zone = zones.first
        while zone != RecencyList.none, written < replicas {
            let owner = firstOfZone[Int(zone)]
            chosenFor[Int(owner)] = list
            owners[start + written] = owner
            written += 1
            zone = zones.next(after: zone)
        }
        var node = nodes.first
        while written < count {
            precondition(node != RecencyList.none, "every member has a position")
            if chosenFor[Int(node)] != list {
                owners[start + written] = UInt16(node)
                written += 1
            }
            node = nodes.next(after: node)
        }
    }
}
