import StatorCore

/// The thresholds of phi accrual as times, worked out once per view so that a heartbeat costs a square root and a check
/// costs a comparison.
///
/// Hayashibara et al., section IV: phi(t) = -log10(P(interval > t)) for intervals of the normal distribution that the
/// window suggests. Phi rises with t, so "phi >= threshold" is "t >= mean + z(threshold) * deviation".
struct GossipDetector {
    private let deviationsToSuspect: Double
    private let deviationsToDeath: Double
    /// In milliseconds, as the two below.
    private let minimumDeviation: Double
    private let acceptablePause: Double
    private let firstAllowance: Double
    private let firstEstimate: Duration
    private let windowSize: Int

    /// The cluster's size matters twice. A window with no samples starts from how often a member's entry comes by when
    /// a message holds only some of them. And the first news of a member takes as many intervals to cross the cluster
    /// as an epidemic takes: about log2(members), divided by the share of members that one interval tells of.
    init(settings: GossipSettings, members: Int) {
        deviationsToSuspect = NormalTail.deviations(phi: settings.phiSuspected)
        deviationsToDeath = NormalTail.deviations(phi: settings.phiDead)
        minimumDeviation = settings.minimumDeviation.milliseconds
        acceptablePause = settings.acceptablePause.milliseconds
        windowSize = settings.windowSize
        let toldPerInterval = Double(2 * settings.fanout * settings.entriesPerMessage)
        let turns = max(1, Double(members) / toldPerInterval)
        let interval = Double(settings.interval.nanoseconds)
        firstEstimate = .nanoseconds(Int64(interval * turns))
        let doublings = Double(Int.bitWidth - members.leadingZeroBitCount)
        firstAllowance = settings.interval.milliseconds * turns * doublings
    }

    func freshWindow() -> ArrivalWindow {
        ArrivalWindow(capacity: windowSize, estimate: firstEstimate)
    }

    /// When a member that stays silent will be suspected and dead.
    func deadlines(of member: GossipMember) -> (suspected: Instant, dead: Instant) {
        let (usual, deviation) = expectation(member)
        func instant(_ deviations: Double) -> Instant {
            let milliseconds = max(0, usual + deviations * deviation)
            return member.silentSince.advanced(by: .nanoseconds(Int64(milliseconds * 1_000_000)))
        }
        return (instant(deviationsToSuspect), instant(deviationsToDeath))
    }

    func phi(of member: GossipMember, now: Instant) -> Double {
        let (usual, deviation) = expectation(member)
        let silence = now.elapsed(since: member.silentSince).milliseconds
        return NormalTail.phi(deviations: (silence - usual) / deviation)
    }

    private func expectation(_ member: GossipMember) -> (usual: Double, deviation: Double) {
        let allowance = member.heardAt == nil ? firstAllowance : 0
        return (
            member.window.mean + acceptablePause + allowance, max(member.window.deviation, minimumDeviation)
        )
    }
}
