import NIOCore
public import StatorCore

/// Dynamo's membership: every interval a node exchanges what it knows with a few members drawn at random, and takes
/// a member for dead when its heartbeat has not risen for much longer than usual.
///
/// Choose it for any cluster whose members come and go; beyond about 500 members it finds failures more slowly.
///
/// Papers:
/// - DeCandia et al., "Dynamo: Amazon's Highly Available Key-value Store", SOSP 2007, section 4.8: explicit joins and
///   leaves spread by gossip; failures are transient and never change the ring.
/// - van Renesse, Minsky, Hayden, "A Gossip-Style Failure Detection Service", Middleware 1998: heartbeat counters.
/// - van Renesse, Dumitriu, Gough, Thomas, "Efficient Reconciliation and Flow Control for Anti-Entropy Protocols",
///   LADIS 2008: push-pull by digest, and messages that stay within a size however much there is to say.
/// - Hayashibara, Defago, Yared, Katayama, "The phi Accrual Failure Detector", SRDS 2004.
///
/// Terms: the papers' *state* of a process is its ``HeartbeatVersion``; Cassandra's *generation* is the number of a
/// node's start; the *digest* is the exchange, the *delta* the answer; the sampling window is ``ArrivalWindow``.
///
/// Deviations:
/// 1. The members come from views agreed elsewhere; gossip spreads views and never makes one. Dynamo reconciles
///    membership histories instead.
/// 2. Entries name members by their index in the view, so a message's size does not depend on names. Nodes that hold
///    different views only take each other's own heartbeats until the one behind has fetched the later view.
/// 3. An exchange tells of at most ``GossipSettings/entriesPerMessage`` members, in turns around the view, rather than
///    the freshest first (LADIS, section 3): freshest first starves the same members everywhere. The answer covers the
///    same members, so each one is asked about every members / (entries * fanout) intervals, without luck.
/// 4. As in Cassandra, a dead member is gossiped with too, with probability dead / (others + 1) per interval, so that
///    both sides of a healed partition find each other.
/// 5. A pause is added to the window's mean, the deviation has a least value, a window starts with an estimate, and a
///    silence more than twice as long as what counts as death is an outage and no sample (as in Akka, Cassandra).
/// 6. When this node itself stood still (its timer came more than an interval late), the time lost counts as nobody's
///    silence.
/// 7. A node that hears of a version of its own above the one it has (its generation counter was lost with its disk)
///    moves above it, as a SWIM member refutes by its incarnation.
/// 8. Phi comes from a table; see ``NormalTail``.
///
/// Cost per interval: on average 2 * fanout messages each way, whatever the cluster's size, each with at most
/// entriesPerMessage entries of 3 to 20 bytes; O(members) time. Memory: about 150 bytes a member and 4 bytes a window
/// sample. With the defaults and without loss, in the simulated network of the membership laws: 1.8 KB a second per node
/// at 100 members, 2.4 KB at 400, 2.6 KB at 1,000; a member that stopped is dead to all others after 7, 12 and 35
/// seconds, a chosen view is everywhere after 2. Beyond 2 * entriesPerMessage * fanout members (512) detection slows
/// down in proportion, to some two minutes at 4,096: raise entriesPerMessage to trade bytes for it.
public final class GossipMembership: MembershipProtocol {
    public typealias Settings = GossipSettings

    public static let kind = "gossip"
    public static let summary =
        "Dynamo's gossip: heartbeats by push-pull anti-entropy, failures by phi accrual. The default for elastic clusters."
    public static let guarantees: Set<Guarantee> = [
        MembershipGuarantees.convergesViews, MembershipGuarantees.detectsFailures,
        MembershipGuarantees.forgivesSlowness, MembershipGuarantees.acceptsChanges,
    ]

    static let tick = MembershipTimer(0)

    public internal(set) var refusedMessages = 0
    let settings: GossipSettings
    let node: NodeID
    var random: RandomGenerator

    var view: View
    var viewSummary: ViewSummary
    /// `nil` while this node is an outsider: it then answers and asks for later views, but says nothing of others and judges
    /// nobody.
    var ownIndex: Int?
    var own: HeartbeatVersion
    /// Parallel to `view.members`; the own entry is unused.
    var members: [GossipMember]
    var detector: GossipDetector

    /// Where the next exchange's turn around the view starts.
    var cursor = 0
    var assembly: ViewAssembly?
    var partsServed = 0
    /// When the next tick is due, to notice that this node stood still.
    var tickDue: Instant?

    public init(settings: GossipSettings, environment: MembershipEnvironment) {
        self.settings = settings
        node = environment.node
        random = environment.random
        view = environment.view
        viewSummary = ViewSummary(of: environment.view)
        ownIndex = environment.view.index(of: environment.node)
        own = HeartbeatVersion(
            generation: min(environment.generation, HeartbeatVersion.largestNumber), heartbeat: 1)
        let detector = GossipDetector(settings: settings, members: environment.view.members.count)
        self.detector = detector
        let origin = Instant(nanoseconds: 0)
        members = environment.view.members.map { _ in GossipMember(detector: detector, now: origin) }
    }

    public func handle(_ event: MembershipEvent, now: Now, outbox: inout Outbox<MembershipEffect>) {
        let now = now.monotonic
        forgiveOwnPause(now: now)
        switch event {
        case .started: start(now: now, outbox: &outbox)
        case .timer(GossipMembership.tick): gossip(now: now, outbox: &outbox)
        case .timer: break
        case .message(let sender, let bytes): receive(bytes, from: sender, now: now, outbox: &outbox)
        case .viewChosen(let chosen): choose(chosen, now: now, outbox: &outbox)
        }
    }

    /// The first tick falls at a random point of the first interval, so that nodes started together do not march in step.
    private func start(now: Instant, outbox: inout Outbox<MembershipEffect>) {
        restartSilences(now: now)
        if !members.isEmpty { cursor = random.below(members.count) }
        let phase = Double(settings.interval.nanoseconds) * random.fraction()
        setTick(after: Duration(nanoseconds: Int64(phase)), now: now, outbox: &outbox)
    }

    private func gossip(now: Instant, outbox: inout Outbox<MembershipEffect>) {
        if own.heartbeat < HeartbeatVersion.largestNumber { own.heartbeat += 1 }
        partsServed = 0
        if ownIndex != nil {
            judge(now: now, outbox: &outbox)
            exchange(outbox: &outbox)
        } else {
            askForView(outbox: &outbox)
        }
        pursueView(outbox: &outbox)
        setTick(after: random.jittered(settings.interval), now: now, outbox: &outbox)
    }

    private func setTick(after delay: Duration, now: Instant, outbox: inout Outbox<MembershipEffect>) {
        tickDue = now.advanced(by: delay)
        outbox.append(.setTimer(GossipMembership.tick, after: delay))
    }

    public func reports(now: Now) -> [MemberReport] {
        view.members.indices.map { index in
            let member = members[index]
            let isOwn = index == ownIndex
            let version = isOwn ? own : member.version
            return MemberReport(
                member: view.members[index], liveness: isOwn ? .alive : member.liveness,
                generation: version.generation, heartbeat: version.heartbeat,
                phi: isOwn ? 0 : detector.phi(of: member, now: now.monotonic),
                lastHeard: isOwn ? .zero : member.heardAt.map { now.monotonic.elapsed(since: $0) })
        }
    }
}

extension View {
    /// O(log members).
    func index(of node: NodeID) -> Int? {
        var low = 0
        var high = members.count
        while low < high {
            let middle = (low + high) / 2
            if members[middle].node < node { low = middle + 1 } else { high = middle }
        }
        return low < members.count && members[low].node == node ? low : nil
    }
}
