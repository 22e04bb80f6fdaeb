public import Hashing
public import StatorCore

/// Consistent hashing with one token per node, both nodes and keys placed by MD5: the basic scheme of the Dynamo paper.
///
/// Papers: D. Karger et al., "Consistent Hashing and Random Trees", STOC 1997 (doi 10.1145/258533.258660);
/// G. DeCandia et al., "Dynamo: Amazon's Highly Available Key-value Store", SOSP 2007, section 4.2, second paragraph
/// (doi 10.1145/1294261.1294281).
///
/// | the papers' term | here |
/// |---|---|
/// | position of a node, of an item | token |
/// | region between a node and its predecessor | partition |
/// | the first node with a position larger than the item's | first of the preference list |
/// | coordinator and its N - 1 clockwise successors | replicas |
///
/// Deviations
/// 1. The token is the first 64 bits of the 128-bit MD5.
/// 2. A node's token is the MD5 of its name instead of a random value, so that it is the same on every node without
///    being agreed on.
/// 3. A key exactly at a node's token belongs to that node, not to the next one.
/// 4. Replicas prefer distinct zones (section 6 of the Dynamo paper asks for that without an algorithm).
///
/// Cost: O(n log n) to compile n nodes, n + 1 ranges. The busiest of n nodes owns about ln n times the mean, which is
/// why ``PartitionerGuarantees/balanced`` and ``PartitionerGuarantees/weighted`` are denied: member weights are ignored.
///
/// Choose it to reproduce the basic scheme, or as the baseline that other partitioners are compared with.
public struct MD5Ring: Partitioner {
    public typealias Settings = NoSettings

    public static let kind = "md5-ring"
    public static let summary =
        "Dynamo's basic ring, one MD5 token per node: simple and uneven; a baseline for comparisons."
    public static let guarantees: Set<Guarantee> = [PartitionerGuarantees.minimalMovement]

    public let hash = HashFunction.md5

    public init(settings: NoSettings) {}

    public func placement(members: [Member], replicas: Int, fallbacks: Int, previous: Placement?) -> Placement {
        TokenRing(onePerMember: members, hash: hash)
            .placement(members: members, replicas: replicas, fallbacks: fallbacks)
    }
}

extension TokenRing {
    /// One position per member: the hash of its name.
    init(onePerMember members: [Member], hash: HashFunction) {
        self.init(
            members.enumerated().map { index, member in
                Position(token: hash.token(of: member.node.name).value, owner: UInt16(index))
            })
    }
}
