internal import StatorCore

/// The wall time that goes into versions, and how the clocks of a cluster are compared.
extension ShardContext {
    /// What the wall clock shows, held within the resolver's skew of the cluster's clocks: a clock that is off for a moment
    /// stamps nothing that would win, or lose, until the others have caught up.
    mutating func issuedWall() -> WallTime {
        guard let maximumSkew, let skew = clocks.skew(at: now) else { return now.wall }
        let excess =
            skew > maximumSkew ? skew - maximumSkew : skew < .zero - maximumSkew ? skew + maximumSkew : .zero
        guard excess != .zero else { return now.wall }
        counters.timestampsBounded += 1
        reach(.timestampBounded)
        logSkew(skew, maximumSkew)
        return now.wall.advanced(by: .zero - excess)
    }

    private mutating func logSkew(_ skew: Duration, _ maximum: Duration) {
        if let clockLoggedAt, now.monotonic.elapsed(since: clockLoggedAt) < ReplicationLimits.clockReminder { return }
        clockLoggedAt = now.monotonic
        let seconds = Int(skew.nanoseconds / 1_000_000_000)
        let side = seconds < 0 ? "\(-seconds) s behind" : "\(seconds) s ahead of"
        outbox.append(
            .log(
                .warning(
                    """
                    the wall clock is \(side) those of the other nodes: what is written here is stamped within \
                    \(maximum.nanoseconds / 1_000_000) ms of them
                    """)))
    }

    /// How far this node's wall clock is ahead of the cluster's, where a resolver minds and enough others were heard of.
    var clockSkew: Duration? { maximumSkew == nil ? nil : clocks.skew(at: now) }

    // MARK: Telling the time

    /// Tells some other members what this node's wall clock shows, and sees to it that it is done again.
    mutating func tellTime() {
        guard maximumSkew != nil else { return }
        let others = cluster?.view.members.map(\.node).filter { $0 != node && isReachable($0) } ?? []
        for peer in clocks.next(among: others) { tellTime(to: peer) }
        setJitteredTimer(.clocks, after: ReplicationLimits.clockInterval)
    }

    mutating func tellTime(to peer: NodeID) {
        guard maximumSkew != nil else { return }
        send(.clock(now.wall), to: peer)
    }

    mutating func noteTime(_ wall: WallTime, of sender: NodeID) {
        guard maximumSkew != nil, cluster?.view.contains(sender) == true else { return }
        clocks.note(wall, of: sender, at: now.monotonic)
    }
}
