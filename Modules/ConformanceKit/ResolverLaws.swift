public import ConflictResolution
import NIOCore
public import StatorCore

/// The contract suite of conflict resolvers.
///
/// It knows nothing of a strategy's metadata. Replicas, clients and delayed messages are simulated, and beside them an
/// oracle keeps, for every write, the explicit set of writes that it saw. What a resolver shows is compared with the maxima
/// of that order: directly where a guarantee is given, and until a counter-example appears where it is denied.
///
/// The oracle recognises a version by its content and a tombstone by its dot. A resolver that keeps no dots is run
/// without deletes. One whose values are not what clients wrote (a counter, say) can be held to
/// ``mergeAgrees(_:kind:bodies:seed:)`` on bodies of its own only.
///
/// Each law is a function of its own that throws ``LawViolation``, so it runs under any test framework.
public enum ResolverLaws {
    /// All laws. A few seconds in a debug build.
    /// - Parameters:
    ///   - resolver: any instance; guarantees may depend on its settings.
    ///   - kind: the name in violations.
    ///   - guarantees: what this instance gives; all other ``ResolverGuarantees`` are taken as denied.
    ///   - seed: the same seed gives the same run.
    public static func check(
        _ resolver: any ConflictResolver, kind: String, guarantees: Set<Guarantee>, seed: UInt64
    ) throws {
        try algebra(resolver, kind: kind, seed: seed)
        try hostileBytes(resolver, kind: kind, seed: seed)
        try shortBytes(resolver, kind: kind, seed: seed)
        try holds(all.filter(guarantees.contains), resolver, kind: kind, seed: seed)
        try fails(all.filter { !guarantees.contains($0) }, resolver, kind: kind, seed: seed)
        if guarantees.contains(ResolverGuarantees.contextWins) {
            try readContextSupersedes(resolver, kind: kind, seed: seed)
        }
    }

    /// The guarantees in the order in which they are checked.
    static let all = [
        ResolverGuarantees.keepsConcurrent, ResolverGuarantees.noFalseConcurrency,
        ResolverGuarantees.noFalseDominance, ResolverGuarantees.clockIndependent, ResolverGuarantees.contextWins,
        ResolverGuarantees.singleValue,
    ]

    /// How the suite names a resolver's refusal of what it made itself.
    static func refusal(_ error: ResolverError, kind: String, seed: UInt64) -> LawViolation {
        LawViolation(kind: kind, law: "accepts-its-own", finding: "\(error)", seed: seed)
    }
}
