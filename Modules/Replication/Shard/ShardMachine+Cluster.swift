internal import StatorCore

/// The cluster changes: views, reachability.
extension ShardMachine {
    mutating func adopt(_ state: ClusterState) {
        let held = streams.heldRanges(&base.context)
        guard base.context.adopt(state) else { return base.context.reach(.viewOlderIgnored) }
        guard !base.context.isStarting else { return base.context.reach(.viewAdoptedWhileStarting) }
        coordinator.replan(&base)
        streams.plan(holding: held, &base.context)
        antiEntropy.forgetDeparted(&base.context, &base.keys)
        handOver.abandon()
        planHandOver()
        base.hints.deliver(&base.context, &base.keys)
    }

    /// What is not owned any more is looked at once others have had time to learn the epoch as well. What a node hands over
    /// that leaves holds the change up, and one that has left is waited for.
    mutating func planHandOver() {
        let delay: Duration =
            switch base.context.cluster?.view.member(base.context.node)?.status {
            case .leaving: .zero
            case nil: ReplicationLimits.handOverRetry
            case .active, .joining: ReplicationLimits.handOverDelay
            }
        base.context.setTimer(.handOver, after: delay)
    }

    mutating func noteLiveness(_ peer: NodeID, _ state: Liveness) {
        base.context.peers.noteLiveness(peer, state)
        if state == .alive { reach(peer) } else if state == .dead { lose(peer) }
    }

    mutating func noteLink(_ peer: NodeID, isUp: Bool) {
        base.context.peers.noteLink(peer, isUp: isUp)
        if isUp { base.context.tellTime(to: peer) }
        if isUp { reach(peer) } else { lose(peer) }
    }

    private mutating func reach(_ peer: NodeID) {
        guard !base.context.isStarting, base.context.isReachable(peer) else { return }
        base.hints.deliver(to: peer, &base.context, &base.keys)
        streams.noteReached(peer)
        streams.advance(&base.context)
    }

    private mutating func lose(_ peer: NodeID) {
        coordinator.lose(peer, &base)
        base.hints.lose(peer, &base.context, &base.keys)
        antiEntropy.lose(peer, &base.context, &base.keys)
        streams.lose(peer, &base.context)
        handOver.lose(peer, &base.context, &base.keys)
    }
}
