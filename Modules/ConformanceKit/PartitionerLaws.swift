public import Partitioning
public import StatorCore

/// The laws that every partitioner must pass, ours or yours.
///
/// Call ``check(_:kind:guarantees:seed:)`` with the default settings from any test framework; each law can also be
/// called alone. Cases are drawn from the seed, so a violation can be seen again.
///
/// Of the laws in `PartitionerGuarantees`, each one that the strategy gives is tested, and for each one it denies a
/// counter-example is looked for: a strategy that passes a law it denies declares too little, which is a violation too.
public enum PartitionerLaws {
    /// All laws. Some seconds in a debug build.
    public static func check(
        _ partitioner: any Partitioner, kind: String, guarantees: Set<Guarantee>, seed: UInt64
    ) throws(LawViolation) {
        try coversAndFinds(partitioner, kind: kind, seed: seed)
        try namesDistinctNodes(partitioner, kind: kind, seed: seed)
        try isDeterministic(partitioner, kind: kind, seed: seed)
        try spreadsOverZones(partitioner, kind: kind, seed: seed)
        try usesEveryNode(partitioner, kind: kind, seed: seed)
        try expect(PartitionerGuarantees.balanced, in: guarantees, kind: kind, seed: seed) { () throws(LawViolation) in
            try isBalanced(partitioner, kind: kind, seed: seed)
        }
        try expect(PartitionerGuarantees.minimalMovement, in: guarantees, kind: kind, seed: seed) {
            () throws(LawViolation) in
            try movesMinimally(partitioner, kind: kind, seed: seed)
        }
        try expect(PartitionerGuarantees.weighted, in: guarantees, kind: kind, seed: seed) { () throws(LawViolation) in
            try honoursWeights(partitioner, kind: kind, seed: seed)
        }
    }

    /// Runs `law`; where `guarantee` is denied, its violation is what is expected.
    static func expect(
        _ guarantee: Guarantee, in given: Set<Guarantee>, kind: String, seed: UInt64,
        law: () throws(LawViolation) -> Void
    ) throws(LawViolation) {
        if given.contains(guarantee) { return try law() }
        do {
            try law()
        } catch {
            return
        }
        throw LawViolation(
            kind: kind, law: guarantee.name,
            finding: "it is denied, but no counter-example was found; declare it", seed: seed)
    }
}
