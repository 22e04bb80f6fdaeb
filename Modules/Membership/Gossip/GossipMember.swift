import StatorCore

/// What one node knows of one other member.
struct GossipMember {
    /// How far the member's life has come. Never heard of: 0 and 0, below every real one.
    var version = HeartbeatVersion.unknown
    var liveness = Liveness.alive
    /// When its version last rose here; `nil` if it never did.
    var heardAt: Instant?
    /// From when its silence counts: the same, moved forward by pauses of this node's own.
    var silentSince: Instant
    var window: ArrivalWindow
    private var suspectedFrom: Instant
    private var deadFrom: Instant

    init(detector: GossipDetector, now: Instant) {
        silentSince = now
        window = detector.freshWindow()
        suspectedFrom = now
        deadFrom = now
        (suspectedFrom, deadFrom) = detector.deadlines(of: self)
    }

    /// What a silence up to `now` makes of it.
    func judged(now: Instant) -> Liveness {
        if now >= deadFrom { return .dead }
        return now >= suspectedFrom ? .suspected : .alive
    }

    /// Takes a version that is newer than the one held. O(1).
    mutating func hear(_ newer: HeartbeatVersion, detector: GossipDetector, now: Instant) {
        let silence = now.elapsed(since: silentSince)
        if newer.generation > version.generation {
            window = detector.freshWindow()
        } else if silence <= deadFrom.elapsed(since: silentSince) * 2 {
            // A longer one is an outage, not an interval. One that is only somewhat too long has to be learned from.
            window.record(silence)
        }
        version = newer
        heardAt = now
        liveness = .alive
        restartSilence(detector: detector, now: now)
    }

    /// Its silence counts from now.
    mutating func restartSilence(detector: GossipDetector, now: Instant) {
        silentSince = now
        (suspectedFrom, deadFrom) = detector.deadlines(of: self)
    }

    /// This node itself stood still for so long: nobody could have been heard.
    mutating func forgive(_ pause: Duration) {
        silentSince = silentSince.advanced(by: pause)
        suspectedFrom = suspectedFrom.advanced(by: pause)
        deadFrom = deadFrom.advanced(by: pause)
    }
}

/// A member's generation and its heartbeat within it: the later start wins, then the higher heartbeat.
struct HeartbeatVersion: Hashable, Comparable, Sendable {
    static let unknown = HeartbeatVersion(generation: 0, heartbeat: 0)
    /// Numbers above are never sent, so that there is always one above what others say of us.
    static let largestNumber = UInt64.max >> 1

    var generation: UInt64
    var heartbeat: UInt64

    var isValid: Bool {
        generation <= HeartbeatVersion.largestNumber && heartbeat <= HeartbeatVersion.largestNumber
    }

    static func < (left: HeartbeatVersion, right: HeartbeatVersion) -> Bool {
        left.generation != right.generation
            ? left.generation < right.generation : left.heartbeat < right.heartbeat
    }
}
