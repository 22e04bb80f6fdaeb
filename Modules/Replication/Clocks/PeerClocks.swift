internal import StatorCore

/// What this node's wall clock is worth, where a resolver orders versions by it: how far it is from those of the others.
///
/// Nodes tell one another what their wall clocks show, and each notes it by its own monotonic clock; so a step of its own
/// wall clock shows at once. A clock is held against the median of all, its own included: a minority of wrong clocks moves
/// nothing. With fewer than two others nobody can tell who is wrong, and nothing is held against anyone.
struct PeerClocks {
    private struct Reading {
        let node: NodeID
        /// What its wall clock showed, in microseconds, when this node's monotonic clock began.
        let origin: Int64
        let heardAt: Instant
    }

    private var readings: [Reading] = []
    /// The median of all lies between these, wherever this node's own clock stands.
    private var bounds: ClosedRange<Int64>?
    /// Who is told next.
    private var turn = 0

    /// Notes what a peer's wall clock showed when it sent that. O(peers · log peers).
    mutating func note(_ wall: WallTime, of node: NodeID, at now: Instant) {
        readings.removeAll {
            $0.node == node || now.elapsed(since: $0.heardAt) > ReplicationLimits.clockReadingLifetime
        }
        readings.append(Reading(node: node, origin: PeerClocks.origin(wall, now), heardAt: now))
        let origins = readings.map(\.origin).sorted()
        let middle = origins.count / 2
        // Of an even number of all the lower one is taken: who runs ahead does more harm.
        bounds = origins.count < 2 ? nil : origins[max(0, middle - 1)]...origins[middle]
    }

    /// How far this node's wall clock is ahead of the median; `nil` where too few were heard of. O(1).
    func skew(at now: Now) -> Duration? {
        guard let bounds else { return nil }
        let own = PeerClocks.origin(now.wall, now.monotonic)
        let skew = own.subtractingReportingOverflow(min(max(own, bounds.lowerBound), bounds.upperBound))
        return skew.overflow ? nil : .microseconds(skew.partialValue)
    }

    /// The members to tell the time next, in turns.
    mutating func next(among members: [NodeID]) -> [NodeID] {
        guard !members.isEmpty else { return [] }
        let count = min(members.count, ReplicationLimits.clockReadingsSent)
        defer { turn = (turn + count) % members.count }
        return (0..<count).map { members[(turn + $0) % members.count] }
    }

    private static func origin(_ wall: WallTime, _ now: Instant) -> Int64 {
        wall.microseconds.subtractingReportingOverflow(now.nanoseconds / 1000).partialValue
    }
}
