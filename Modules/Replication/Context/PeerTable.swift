internal import StatorCore

/// What a shard knows of the other nodes: whether the transport reaches them, and whether they answer.
struct PeerTable {
    private struct Peer {
        let node: NodeID
        /// Taken as unreachable until a link is up.
        var isLinkUp = false
        var isDead = false
        /// Since it said that it cannot store.
        var retry = RetryBackoff()
        /// Answered reads and writes that still wait for it.
        var lag = 0
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

    /// Whether any has said that it cannot store, and has stored nothing since.
    private(set) var arePassedOver = false

    func isPassedOver(_ node: NodeID, at now: Instant) -> Bool {
        let place = place(of: node)
        return place < peers.count && peers[place].node == node && peers[place].retry.isWaiting(at: now)
    }

    mutating func noteCannotStore(_ node: NodeID, at now: Instant, _ random: inout RandomGenerator) {
        arePassedOver = true
        peers[madePlace(of: node)].retry.fail(at: now, &random)
    }

    mutating func noteStored(_ node: NodeID) {
        peers[madePlace(of: node)].retry.succeed()
        arePassedOver = peers.contains { $0.retry.hasFailed }
    }

    /// How many answered reads and writes still wait for a node.
    func lag(of node: NodeID) -> Int {
        let place = place(of: node)
        return place < peers.count && peers[place].node == node ? peers[place].lag : 0
    }

    mutating func changeLag(of node: NodeID, by change: Int) {
        peers[madePlace(of: node)].lag += change
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
