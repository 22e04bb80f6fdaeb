public import Hashing
public import StatorCore

/// Consistent hashing with one token per node, as ``MD5Ring``, with XXH3 in place of MD5.
///
/// Paper: D. Karger et al., "Consistent Hashing and Random Trees", STOC 1997 (doi 10.1145/258533.258660). Terms, cost and
/// the deviations 2 to 4 are those of ``MD5Ring``.
///
/// Deviations
/// 1. XXH3 is not cryptographic: who chooses keys at will can crowd them into one partition. MD5 is broken too, but
///    that takes work; neither is a defence.
///
/// Choose it over `md5-ring` where hashing a key should cost nanoseconds; compare the two to see what the hash changes.
public struct XXHashRing: Partitioner {
    public typealias Settings = NoSettings

    public static let kind = "xxhash-ring"
    public static let summary = "One XXH3 token per node: the basic ring with a fast hash, and as uneven."
    public static let guarantees: Set<Guarantee> = [PartitionerGuarantees.minimalMovement]

    public let hash = HashFunction.xxh3

    public init(settings: NoSettings) {}

    public func placement(members: [Member], replicas: Int, fallbacks: Int, previous: Placement?) -> Placement {
        TokenRing(onePerMember: members, hash: hash)
            .placement(members: members, replicas: replicas, fallbacks: fallbacks)
    }
}
