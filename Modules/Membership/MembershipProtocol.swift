public import NIOCore
public import StatorCore

/// Who is in, and who answers: spreads the agreed views and finds out which members are alive.
///
/// A strategy is a deterministic state machine: it takes an event with the time and appends effects; it never reads a
/// clock, draws only from the generator that its environment gives, and iterates nothing unordered. Joins and leaves
/// are agreed elsewhere and arrive as ``MembershipEvent/viewChosen(_:)``; a strategy spreads views and never makes one,
/// and a failure, however long, never changes a view.
///
/// The driver guarantees: events come one at a time; `started` comes first and once; a message's sender passed the
/// handshake and is who it says; a timer fires once, not before its time. Messages may be lost, delayed, duplicated
/// and reordered, and their bytes may be hostile: what does not decode is ignored and counted.
public protocol MembershipProtocol: Strategy, AnyObject {
    /// Which laws hold; see ``MembershipGuarantees``.
    static var guarantees: Set<Guarantee> { get }

    /// - Parameter settings: checked before.
    init(settings: Settings, environment: MembershipEnvironment)

    /// Takes one event.
    /// - Complexity: O(members) for a gossip message; messages stay below ``MembershipLimits/maximumMessage`` bytes.
    func handle(_ event: MembershipEvent, now: Now, outbox: inout Outbox<MembershipEffect>)

    /// What this node knows of every member, sorted by node, itself included; for `/gossip` and the dashboard.
    func reports(now: Now) -> [MemberReport]

    /// Messages that were ignored because they did not decode or came from strangers.
    var refusedMessages: Int { get }
}

/// What a membership strategy may use of the world.
public struct MembershipEnvironment: Sendable {
    public let node: NodeID
    /// Rises with every start of this node: a later life beats what others remember of an earlier one.
    public let generation: UInt64
    /// The agreed view at the start. This node may not be in it (yet).
    public let view: View
    public let random: RandomGenerator

    public init(node: NodeID, generation: UInt64, view: View, random: RandomGenerator) {
        self.node = node
        self.generation = generation
        self.view = view
        self.random = random
    }
}

public enum MembershipLimits {
    /// The largest message that a strategy may send, in bytes.
    public static let maximumMessage = 60 << 10
}

/// Which timer fired; the strategy chooses the numbers.
public struct MembershipTimer: Hashable, Sendable {
    public let number: UInt32
    public init(_ number: UInt32) { self.number = number }
}

public enum MembershipEvent: Sendable {
    case started
    case timer(MembershipTimer)
    /// Bytes that the same strategy on another node sent.
    case message(from: NodeID, bytes: ByteBuffer)
    /// A view was agreed with this node's part, or read back from disk; it replaces the one held if its epoch is higher.
    case viewChosen(View)
}

public enum MembershipEffect: Sendable {
    /// At most ``MembershipLimits/maximumMessage`` bytes, delivered at most once or lost.
    case send(to: NodeID, bytes: ByteBuffer)
    case setTimer(MembershipTimer, after: Duration)
    /// A member's liveness as this node sees it changed. A member that was never reported counts as alive.
    case livenessChanged(NodeID, Liveness)
    /// A view of a higher epoch than the one held came from another member.
    case viewLearned(View)
}

/// One member as this node sees it.
public struct MemberReport: Hashable, Sendable {
    public let member: Member
    public let liveness: Liveness
    public let generation: UInt64
    public let heartbeat: UInt64
    /// The suspicion level of phi accrual, where the strategy has one.
    public let phi: Double?
    /// The time since it was last heard of, where the strategy knows.
    public let lastHeard: Duration?

    public init(
        member: Member, liveness: Liveness, generation: UInt64, heartbeat: UInt64, phi: Double?, lastHeard: Duration?
    ) {
        self.member = member
        self.liveness = liveness
        self.generation = generation
        self.heartbeat = heartbeat
        self.phi = phi
        self.lastHeard = lastHeard
    }
}

/// The laws of membership strategies. That no failure changes a view, that messages stay bounded and that hostile
/// bytes are refused hold for all of them and are not listed.
public enum MembershipGuarantees {
    public static let convergesViews = Guarantee(
        "converges-views",
        "After a view is chosen at one member, every pair of connected members holds it within the bound.")
    public static let detectsFailures = Guarantee(
        "detects-failures", "A member that stopped is reported dead by every other one within the bound.")
    public static let forgivesSlowness = Guarantee(
        "forgives-slowness", "A member that was reported suspected or dead and answers again is reported alive again.")
    public static let acceptsChanges = Guarantee(
        "accepts-changes", "The cluster may grow and shrink while it runs.")
}
