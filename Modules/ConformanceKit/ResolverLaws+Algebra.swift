public import ConflictResolution
public import NIOCore
import StatorCore

/// The algebra of merge, on encoded bodies: equal results are equal bytes.
extension ResolverLaws {
    /// Merge is idempotent, commutative, associative and absorbing on bodies of one key that came about in different ways.
    public static func algebra(_ resolver: any ConflictResolver, kind: String, seed: UInt64) throws {
        let pool = try ResolverPool(resolver: resolver, kind: kind, seed: seed)
        var generator = RandomGenerator(seed: seed)
        do {
            for _ in 0..<60 {
                let one = pool.bodies[generator.below(pool.bodies.count)]
                let two = pool.bodies[generator.below(pool.bodies.count)]
                let three = pool.bodies[generator.below(pool.bodies.count)]
                try mergeAgrees(resolver, kind: kind, bodies: (one, two, three), seed: seed)
            }
        } catch let error as ResolverError {
            throw refusal(error, kind: kind, seed: seed)
        }
    }

    /// The laws for three bodies that decode.
    /// - Throws: ``LawViolation``, or the ``ConflictResolution/ResolverError`` of a merge that refuses them.
    public static func mergeAgrees(
        _ resolver: any ConflictResolver, kind: String, bodies: (ByteBuffer, ByteBuffer, ByteBuffer), seed: UInt64
    ) throws {
        func expect(_ holds: Bool, _ law: String) throws {
            if holds { return }
            let texts = [bodies.0, bodies.1, bodies.2].map { (try? resolver.read($0).causality) ?? "unreadable" }
            throw LawViolation(
                kind: kind, law: law, finding: "the bytes differ for " + texts.joined(separator: " ; "), seed: seed)
        }
        let (one, two, three) = bodies
        let merged = try resolver.merge(one, two)
        try expect(try resolver.merge(one, one) == one, "idempotent-merge")
        try expect(try resolver.merge(two, one) == merged, "commutative-merge")
        try expect(try resolver.merge(merged, one) == merged, "absorbing-merge")
        let left = try resolver.merge(merged, three)
        let right = try resolver.merge(one, try resolver.merge(two, three))
        try expect(left == right, "associative-merge")
        try expect(try resolver.read(merged) == resolver.read(try resolver.merge(two, one)), "deterministic-read")
    }
}
