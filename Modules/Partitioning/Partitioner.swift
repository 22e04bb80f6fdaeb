public import Hashing
public import StatorCore

/// Decides which nodes own which part of the token space: compiles a view into a ``Placement``.
///
/// A partitioner is a value and its one requirement is a pure function: every node that holds the same view compiles
/// the same placement, so placements are never sent. The hot path reads the placement and never crosses this seam.
public protocol Partitioner: Strategy, Sendable {
    /// Which laws hold; see ``PartitionerGuarantees``.
    static var guarantees: Set<Guarantee> { get }

    /// - Parameter settings: checked against ``StrategySettings/fields`` and `problems()` before.
    init(settings: Settings)

    /// The hash that turns keys into tokens. Every node of a cluster uses the same, and it never changes while there
    /// is data.
    var hash: HashFunction { get }

    /// Compiles `members` into a placement.
    ///
    /// Pure: it reads nothing but its arguments and the settings, draws no random number and iterates nothing unordered.
    /// - Parameters:
    ///   - members: who owns ranges, sorted by node, at least one; their `status` does not matter here.
    ///   - replicas: N, at least 1; fewer members than N give as many replicas as there are members.
    ///   - fallbacks: F, how many nodes beyond N a preference list names, at least 0.
    ///   - previous: the placement before this change, for partitioners that move as little as possible.
    /// - Returns: a placement that covers the token space, whose preference lists hold distinct nodes and, while there
    ///   are enough zones, put the replicas of one partition into distinct zones.
    /// - Complexity: at most 50 ms for 1,000 nodes of 128 tokens.
    func placement(members: [Member], replicas: Int, fallbacks: Int, previous: Placement?) -> Placement
}

/// The laws of partitioners, at their default settings. Distinct replicas, coverage, zones and determinism hold for all of
/// them and are not listed.
public enum PartitionerGuarantees {
    public static let balanced = Guarantee(
        "balanced",
        "With equal weights and 10 nodes or more, the busiest node is the first replica of less than 1.5 times the mean share."
    )
    public static let minimalMovement = Guarantee(
        "minimal-movement",
        "When a member joins or leaves, the set of a token's replicas changes only where that member gains or loses it, and by one other member at most, with any zones."
    )
    public static let weighted = Guarantee(
        "weighted", "Members of twice the weight are the first replicas of about twice the share, taken together.")
}
