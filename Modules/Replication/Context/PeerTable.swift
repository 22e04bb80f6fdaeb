internal import StatorCore

/// What a shard knows of the other nodes: whether the transport reaches them, and whether they answer.
struct PeerTable {
    private struct Peer {
        let node: NodeID
        /// Taken as unreachable until a link is up.
        var isLinkUp = false
        var isDead = false
    }

    /// Sorted by node.
    private var peers: [Peer] = []
    /// Whether the dead count as unreachable. A node that is no member hears of nobody's return, and goes by its links.
    var mindsLiveness = true

    /// Whether a message to this node has a chance now. O(log peers).
    func isReachable(_ node: NodeID) -> Bool {
        let place = place(of: node)
        guard place < peers.count, peers[place].node == node else { return false }
        return peers[place].isLinkUp && !(peers[place].isDead && mindsLiveness)
    }

    /// Whether it is taken for dead. Whoever was not heard of yet is not.
    func isDead(_ node: NodeID) -> Bool {
        let place = place(of: node)
        return place < peers.count && peers[place].node == node && peers[place].isDead
    }

    mutating func noteLink(_ node: NodeID, isUp: Bool) {
        peers[madePlace(of: node)].isLinkUp = isUp
    }

    mutating func noteLiveness(_ node: NodeID, _ liveness: Liveness) {
        peers[madePlace(of: node)].isDead = liveness == .dead
    }

    private mutating func madePlace(of node: NodeID) -> Int {
        let place = place(of: node)
        if place == peers.count || peers[place].node != node { peers.insert(Peer(node: node), at: place) }
        return place
    }

    private func place(of node: NodeID) -> Int {
        var low = 0
        var high = peers.count
        while low < high {
            let middle = (low + high) / 2
            if peers[middle].node < node { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
