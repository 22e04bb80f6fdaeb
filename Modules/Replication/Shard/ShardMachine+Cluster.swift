internal import Partitioning
internal import StatorCore

/// The cluster as this shard knows it: views, reachability, whose key it is.
extension ShardMachine {
    mutating func adopt(_ state: ClusterState) {
        let held = heldRanges
        if let known = cluster {
            guard state.epoch > known.epoch else { return }
            earlierStates.append(known)
            if earlierStates.count > ReplicationLimits.rememberedStates { earlierStates.removeFirst() }
        }
        cluster = state
        peers.mindsLiveness = isMember
        recordsForgotAt = dotsIssued
        guard !isStarting else { return }
        replanOperations()
        planStreams(holding: held)
        setTimer(.dropUnowned, after: ReplicationLimits.dropDelay)
        deliverHints()
    }

    mutating func noteLiveness(_ peer: NodeID, _ state: Liveness) {
        peers.noteLiveness(peer, state)
        if state == .alive { reached(peer) } else if state == .dead { lost(peer) }
    }

    mutating func noteLink(_ peer: NodeID, isUp: Bool) {
        peers.noteLink(peer, isUp: isUp)
        if isUp { reached(peer) } else { lost(peer) }
    }

    /// Whether a message to this node has a chance now.
    func isReachable(_ peer: NodeID) -> Bool {
        peer == node || peers.isReachable(peer)
    }

    private mutating func reached(_ peer: NodeID) {
        guard !isStarting, isReachable(peer) else { return }
        deliverHints(to: peer)
        advanceStreams()
    }

    private mutating func lost(_ peer: NodeID) {
        failRequests(askedOf: peer)
        failForwards(to: peer)
        failDeliveries(to: peer)
        failSessions(with: peer)
        failStreams(from: peer)
    }

    /// Whether the owners of a token are the same now as they were in `epoch`, as far as this node remembers.
    func ownersChanged(of token: Token, since epoch: Epoch) -> Bool {
        // Nearly every request comes under the present epoch.
        guard epoch < self.epoch, let cluster else { return false }
        guard let then = earlierStates.first(where: { $0.epoch == epoch }) else { return true }
        return owners(of: token, in: then) != owners(of: token, in: cluster)
    }

    private func owners(of token: Token, in state: ClusterState) -> [[NodeID]] {
        [state.placement, state.nextPlacement].compactMap { placement in
            placement.map { Array($0.preferenceList(for: token).replicas).sorted() }
        }
    }

    /// Whether this node owns the token in this epoch, or will in the next.
    func owns(_ token: Token) -> Bool {
        guard let cluster else { return false }
        return cluster.placement?.isReplica(node, for: token) == true
            || cluster.nextPlacement?.isReplica(node, for: token) == true
    }

    /// Whether the view held names this node.
    var isMember: Bool { cluster?.view.contains(node) ?? false }

    func isRecovering(_ token: Token) -> Bool {
        recoveringIndex(of: token) != nil
    }

    /// The range in ``recovering`` that holds a token. O(log ranges).
    func recoveringIndex(of token: Token) -> Int? {
        var low = 0
        var high = recovering.count
        while low < high {
            let middle = (low + high) / 2
            if recovering[middle].last < token { low = middle + 1 } else { high = middle }
        }
        return low < recovering.count && recovering[low].contains(token) ? low : nil
    }

    /// Why this shard serves no client now, or `nil`.
    var unavailability: ClientError? {
        if let storageFailure { return .unavailable("storage failed: \(storageFailure)") }
        if isStopping { return .unavailable("the node is stopping") }
        if isStarting { return .unavailable("the node is starting") }
        if cluster?.placement == nil { return .unavailable("the node knows no members") }
        // One that has left does not hear of later views: what it would coordinate could go to the wrong owners.
        if !isMember { return .unavailable("this node is not a member of the cluster") }
        return nil
    }
}
