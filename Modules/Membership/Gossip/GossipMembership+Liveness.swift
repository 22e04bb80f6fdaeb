import StatorCore

/// Heartbeats in, liveness out.
extension GossipMembership {
    /// Takes what was heard of a member, from itself or through others. O(1).
    func hear(_ index: Int, _ version: HeartbeatVersion, now: Instant, outbox: inout Outbox<MembershipEffect>) {
        if index == ownIndex {
            refute(version)
        } else if version > members[index].version {
            let wasAlive = members[index].liveness == .alive
            members[index].hear(version, detector: detector, now: now)
            if !wasAlive { outbox.append(.livenessChanged(view.members[index].node, .alive)) }
        }
    }

    /// Others remember a later life, or a later heartbeat of this one: go on above it, or they would ignore us.
    private func refute(_ remembered: HeartbeatVersion) {
        guard remembered > own else { return }
        if remembered.heartbeat < HeartbeatVersion.largestNumber, remembered.generation == own.generation {
            own.heartbeat = remembered.heartbeat + 1
        } else if remembered.generation < HeartbeatVersion.largestNumber {
            own = HeartbeatVersion(generation: remembered.generation + 1, heartbeat: 1)
        }
    }

    /// Compares every silence with its deadlines. O(members).
    func judge(now: Instant, outbox: inout Outbox<MembershipEffect>) {
        for index in members.indices where index != ownIndex {
            let liveness = members[index].judged(now: now)
            // Only a heartbeat makes a member better; that a deadline moved does not.
            guard liveness.rawValue > members[index].liveness.rawValue else { continue }
            members[index].liveness = liveness
            outbox.append(.livenessChanged(view.members[index].node, liveness))
        }
    }

    /// A tick that is more than an interval late means that this node stood still, not that all others did.
    func forgiveOwnPause(now: Instant) {
        guard let due = tickDue else { return }
        let late = now.elapsed(since: due)
        guard late > settings.interval else { return }
        tickDue = now
        for index in members.indices { members[index].forgive(late) }
    }

    /// Every member gets a full silence from now on.
    func restartSilences(now: Instant) {
        for index in members.indices { members[index].restartSilence(detector: detector, now: now) }
    }
}
