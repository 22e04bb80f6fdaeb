import Hashing
import Partitioning
import StatorCore

/// Rendezvous hashing, also known as highest random weight, over a fixed number of equal slots.
///
/// Paper: D. Thaler and C. Ravishankar, "Using name-based mappings to increase hit rates", IEEE/ACM Transactions on
/// Networking 6(1), 1998 (doi 10.1109/90.663936).
///
/// | the paper's term | here |
/// |---|---|
/// | object name | slot |
/// | server | node |
/// | weight of a server for a name | score |
/// | the server of the highest weight | first of the preference list |
///
/// Deviations
/// 1. Nodes are ranked for each of Q slots of the token space instead of for each key, so that the ranking is done once
///    for a view and a look-up does not grow with the number of nodes.
/// 2. A node's weight is honoured by that many scores, of which its best counts: it then wins in proportion, in whole
///    numbers only, without the logarithm of weighted rendezvous, which need not give the same bits everywhere.
/// 3. There are at most ``maximumScores`` scores a slot. Beyond, every node halves its number until they fit, keeping at
///    least one; the step at which that happens moves more than is minimal.
/// 4. Replicas prefer distinct zones: the best node of each zone first, in the order of their scores.
///
/// Cost: O(Q x scores) to compile, Q ranges. A node is the first replica of Q / n slots on average with a relative
/// deviation of sqrt(n / Q): with the default of 8,192 slots the busiest of 100 nodes has about 1.3 times the mean.
///
/// Choose it over a ring of virtual nodes where the number of partitions should not grow with the cluster.
public struct RendezvousPartitioner: Partitioner {
    public static let kind = "rendezvous"
    public static let summary = "Highest random weight over equal slots: a fixed number of partitions, least movement."
    public static let guarantees: Set<Guarantee> = [
        PartitionerGuarantees.balanced, PartitionerGuarantees.minimalMovement, PartitionerGuarantees.weighted,
    ]

    /// The most scores that are compared for one slot.
    public static let maximumScores = 4 * View.maximumMembers

    public struct Settings: StrategySettings, Equatable {
        /// Q: into how many equal partitions the token space is cut.
        public var slots = 8192
        public var hash = HashFunction.xxh3

        public init() {}

        public static var fields: [SettingField<Settings>] {
            [
                .integer("slots", \.slots, 64...65_536, "Equal partitions of the token space; more balance better."),
                .choice("hash", \.hash, "The hash that turns keys and node names into tokens."),
            ]
        }
    }

    public let hash: HashFunction
    private let slots: Int

    public init(settings: Settings) {
        hash = settings.hash
        slots = settings.slots
    }

    public func placement(members: [Member], replicas: Int, fallbacks: Int, previous: Placement?) -> Placement {
        precondition(!members.isEmpty && replicas >= 1 && fallbacks >= 0, "a placement needs a member and a replica")
        let stride = min(members.count, replicas + fallbacks)
        let scorers = scorers(of: members)
        var election = SlotElection(members: members, replicas: min(replicas, members.count), stride: stride)
        var slotSeeds = RandomGenerator(seed: 0)
        var lastTokens: [UInt64] = []
        var owners: [UInt16] = []
        lastTokens.reserveCapacity(slots)
        owners.reserveCapacity(slots * stride)
        for slot in 0..<slots {
            let seed = slotSeeds.next()
            election.begin()
            for (owner, seeds) in scorers.enumerated() {
                var best: UInt64 = 0
                for own in seeds { best = max(best, mixed(own ^ seed)) }
                election.enter(owner: owner, score: best)
            }
            lastTokens.append(TokenRange.ofShard(slot, count: slots).last.value)
            election.appendList(to: &owners)
        }
        return Placement(members: members, replicas: replicas, lastTokens: lastTokens, owners: owners)
    }

    /// For each member the seeds of its scores, as many as it weighs.
    private func scorers(of members: [Member]) -> [[UInt64]] {
        var counts = members.map { max(1, $0.weight) }
        while counts.reduce(0, +) > RendezvousPartitioner.maximumScores {
            counts = counts.map { max(1, $0 / 2) }
        }
        return zip(members, counts).map { member, count in
            var generator = RandomGenerator(seed: hash.token(of: member.node.name).value)
            return (0..<count).map { _ in generator.next() }
        }
    }
}

/// SplitMix64's finalizer: every bit of the input changes every bit of the score with probability one half.
private func mixed(_ value: UInt64) -> UInt64 {
    var mixed = value
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
}
