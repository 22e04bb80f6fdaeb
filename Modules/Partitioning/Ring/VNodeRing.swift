public import Hashing
public import StatorCore

/// Consistent hashing with T tokens per node ("virtual nodes"): strategy 1 of the Dynamo paper, and the default.
///
/// Paper: G. DeCandia et al., "Dynamo: Amazon's Highly Available Key-value Store", SOSP 2007, sections 4.2 and 6.2,
/// "Strategy 1: T random tokens per node and partition by token value" (doi 10.1145/1294261.1294281).
///
/// | the paper's term | here |
/// |---|---|
/// | T, tokens of a node | `tokensPerNode` times the member's weight |
/// | virtual node | position on the ring |
/// | partition between two tokens | partition |
/// | number of virtual nodes by a node's capacity | weight |
///
/// Deviations
/// 1. Tokens are not drawn once and gossiped: they are the first draws of a generator seeded by the hash of the node's
///    name, hence random for the paper's purpose, and the same on every node without being agreed on.
/// 2. Replicas prefer distinct zones; a key exactly at a token belongs to that token.
/// 3. A ring has at most ``maximumTokens`` tokens. Beyond (weights in the hundreds on many nodes) every node halves its
///    tokens until they fit, keeping at least one; the step at which that happens moves more than is minimal.
///
/// Cost: O(m log m) to compile m = T x n tokens, m + 1 ranges. A share's relative deviation is about 1 / sqrt(T): with
/// the default 128 the busiest of 1,000 nodes owns about 1.3 times the mean. What ``guarantees`` says holds from about
/// 64 tokens on.
///
/// Choose it unless you study something else: balanced, honours weights, moves the least, needs no agreed history.
/// Its price is many ranges: with T x n of them, almost every pair of nodes shares some.
public struct VNodeRing: Partitioner {
    public static let kind = "vnode-ring"
    public static let summary =
        "Dynamo's strategy 1, many tokens per node: balanced, weighted, least movement; the default."
    public static let guarantees: Set<Guarantee> = [
        PartitionerGuarantees.balanced, PartitionerGuarantees.minimalMovement, PartitionerGuarantees.weighted,
    ]

    /// The most tokens in one ring: the largest cluster at the largest `tokensPerNode`, all of weight 1.
    public static let maximumTokens = View.maximumMembers * Settings.maximumTokensPerNode

    public struct Settings: StrategySettings, Equatable {
        public static let maximumTokensPerNode = 1024

        /// T: positions of a node of weight 1.
        public var tokensPerNode = 128
        public var hash = HashFunction.xxh3

        public init() {}

        public static var fields: [SettingField<Settings>] {
            [
                .integer(
                    "tokensPerNode", \.tokensPerNode, 1...maximumTokensPerNode,
                    "Positions on the ring of a node of weight 1; more of them balance better and make more ranges."),
                .choice("hash", \.hash, "The hash that turns keys and node names into tokens."),
            ]
        }
    }

    public let hash: HashFunction
    private let tokensPerNode: Int

    public init(settings: Settings) {
        hash = settings.hash
        tokensPerNode = settings.tokensPerNode
    }

    public func placement(members: [Member], replicas: Int, fallbacks: Int, previous: Placement?) -> Placement {
        let counts = tokenCounts(of: members)
        var positions: [TokenRing.Position] = []
        positions.reserveCapacity(counts.reduce(0, +))
        for (index, member) in members.enumerated() {
            var generator = RandomGenerator(seed: hash.token(of: member.node.name).value)
            for _ in 0..<counts[index] {
                positions.append(TokenRing.Position(token: generator.next(), owner: UInt16(index)))
            }
        }
        return TokenRing(positions).placement(members: members, replicas: replicas, fallbacks: fallbacks)
    }

    /// How many tokens each member has.
    func tokenCounts(of members: [Member]) -> [Int] {
        var counts = members.map { tokensPerNode * max(1, $0.weight) }
        while counts.reduce(0, +) > VNodeRing.maximumTokens {
            counts = counts.map { max(1, $0 / 2) }
        }
        return counts
    }
}
