internal import StatorCore

/// Whether an empty data folder is this node's first one, in a cluster that begins.
///
/// Such a node has lost nothing, so that nobody has to be waited for. From the folder alone it cannot be told from a lost disk:
/// the nodes that share ranges with this one, its partners, know. The cluster is being founded where a majority of these
/// nodes, this one among them, have new folders as well, and so has every partner that can be reached; nobody has met
/// another folder of one of the others. A start that fails, and the next one with the same folder, change nothing.
///
/// Where a majority has new folders and those that know better are away, a lost disk passes for a new one.
struct Founding {
    /// The folder was new at this start, and nobody was heard who was there before.
    private var isPossible: Bool
    /// Those that share ranges with this node.
    private var partners: Set<NodeID> = []
    /// Those that said that they may be founding the cluster with this node, and with which folders.
    private var claims: [NodeID: UInt64] = [:]
    /// Those of them that have answered: they know the same of this node.
    private var founders: Set<NodeID> = []
    /// It was found out that the cluster is being founded: who comes later changes that only by saying otherwise.
    private var isSettled = false
    /// The first folder of each peer that was heard of, and whether there was another.
    private var met: [NodeID: (first: UInt64, hasOther: Bool)] = [:]

    init(isPossible: Bool) {
        self.isPossible = isPossible
    }

    /// The folder turned out to be no new one.
    mutating func ruleOut() { isPossible = false }

    /// Another plan follows, whose partners are added one by one.
    mutating func forgetPartners() { partners = [] }

    mutating func add(partners others: some Sequence<NodeID>) { partners.formUnion(others) }

    /// A peer says which data folder it has, and whether it may be founding the cluster together with this node. Once it has
    /// said so it may be through with that, and even have started again: with the same folder it knows no more than it did.
    /// - Parameter isAnswer: whether it has heard the same of this node. Who counted another one before would be through, and
    ///   say otherwise after another start, while that one has heard nothing.
    mutating func hear(_ peer: NodeID, folder: UInt64, isFounder: Bool, isAnswer: Bool) {
        if let known = met[peer] {
            if known.first != folder { met[peer]?.hasOther = true }
        } else {
            met[peer] = (folder, false)
        }
        if isFounder { claims[peer] = folder }
        guard claims[peer] == folder else {
            isPossible = false
            return
        }
        if isAnswer { founders.insert(peer) }
    }

    /// Whether, as far as this node knows, it may be founding the cluster together with a peer.
    func mayInclude(_ peer: NodeID) -> Bool { isPossible && met[peer]?.hasOther != true }

    /// O(partners).
    mutating func isOver(isReachable: (NodeID) -> Bool) -> Bool {
        guard isPossible else { return false }
        if isSettled { return true }
        // ordered: a count and a condition on all, in any order
        let others = partners.subtracting(founders)
        guard 2 * others.count < partners.count + 1 else { return false }
        isSettled = others.allSatisfy { !isReachable($0) }
        return isSettled
    }
}
