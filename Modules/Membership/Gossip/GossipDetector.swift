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
    private let laterAllowance: Double
    private let firstEstimate: Duration
    private let windowSize: Int

    /// The cluster's size matters where exchanges take turns: news of a member then comes by less often and by chance,
    /// with a tail longer than a normal distribution's. One turn is how many intervals it takes until as many entries as
    /// there are members were exchanged, and news crosses the cluster in about log2(members) turns, as epidemics do. So
    /// long is waited for the first news of a member, and so long less one interval a doubling is added to the pause for
    /// the later ones, which is nothing in a cluster that needs no turns.
    init(settings: GossipSettings, members: Int) {
        deviationsToSuspect = NormalTail.deviations(phi: settings.phiSuspected)
        deviationsToDeath = NormalTail.deviations(phi: settings.phiDead)
        minimumDeviation = settings.minimumDeviation.milliseconds
        acceptablePause = settings.acceptablePause.milliseconds
        windowSize = settings.windowSize
        let toldPerInterval = Double(2 * settings.fanout * settings.entriesPerMessage)
        let turns = max(1, Double(members) / toldPerInterval)
        let interval = Double(settings.interval.nanoseconds)
        firstEstimate = .nanoseconds(Int64(interval * (2 * turns - 1)))
        let doublings = Double(Int.bitWidth - members.leadingZeroBitCount)
        firstAllowance = settings.interval.milliseconds * turns * doublings
        laterAllowance = settings.interval.milliseconds * (turns - 1) * doublings
    }

    func freshWindow() -> ArrivalWindow {
        ArrivalWindow(capacity: windowSize, estimate: firstEstimate)
    }

    /// When a member that stays silent will be suspected and dead.
    func deadlines(of member: GossipMember) -> (suspected: Instant, dead: Instant) {
        let (usual, deviation) = expectation(member)
        func instant(_ deviations: Double) -> Instant {
            let milliseconds = max(0, usual + deviations * deviation)
            return member.silentSince.advanced(by: Duration(nanoseconds: Int64(milliseconds * 1_000_000)))
        }
        return (instant(deviationsToSuspect), instant(deviationsToDeath))
    }

    func phi(of member: GossipMember, now: Instant) -> Double {
        let (usual, deviation) = expectation(member)
        let silence = now.elapsed(since: member.silentSince).milliseconds
        return NormalTail.phi(deviations: (silence - usual) / deviation)
    }

    private func expectation(_ member: GossipMember) -> (usual: Double, deviation: Double) {
        let allowance = member.heardAt == nil ? firstAllowance : laterAllowance
        return (
            member.window.mean + acceptablePause + allowance, max(member.window.deviation, minimumDeviation)
        )
    }
}
