public import ConflictResolution
import NIOCore
import StatorCore

/// Bytes from the network and the disk: refused or handled, never trapped on, and merged alike on every replica.
extension ResolverLaws {
    /// Bodies and contexts with random damage, and random bytes, are refused or keep the algebra of merge.
    public static func hostileBytes(_ resolver: any ConflictResolver, kind: String, seed: UInt64) throws {
        let pool = try ResolverPool(resolver: resolver, kind: kind, seed: seed)
        var generator = RandomGenerator(seed: seed)
        for _ in 0..<200 {
            var readable: [ByteBuffer] = []
            while readable.count < 3 {
                let body = pool.bodies[generator.below(pool.bodies.count)]
                let candidate = generator.chance(0.8) ? damaged(body, &generator) : body
                do {
                    _ = try resolver.read(candidate)
                    readable.append(candidate)
                } catch {
                    // Refused, which is fine; the algebra is asked only of what decodes.
                }
            }
            do {
                try mergeAgrees(resolver, kind: kind, bodies: (readable[0], readable[1], readable[2]), seed: seed)
            } catch let error as ResolverError {
                throw LawViolation(
                    kind: kind, law: "hostile-bytes", finding: "merge refuses what read accepts: \(error)", seed: seed)
            }
            try writeOverDamage(resolver, kind: kind, pool: pool, generator: &generator, seed: seed)
        }
    }

    /// A write over a damaged body or with a damaged context is refused or gives a body that reads.
    private static func writeOverDamage(
        _ resolver: any ConflictResolver, kind: String, pool: ResolverPool, generator: inout RandomGenerator,
        seed: UInt64
    ) throws {
        let body = pool.bodies[generator.below(pool.bodies.count)]
        let context = pool.contexts[generator.below(pool.contexts.count)]
        let damagesContext = generator.chance(0.5)
        let basis: WriteBasis = damagesContext ? .context(damaged(context, &generator)) : .held
        let actor = Actor(node: NodeID("n0"), shard: 0, incarnation: generator.next())
        let stamp = WriteStamp(dot: Dot(actor: actor, counter: 1), wall: pool.wall)
        let content = Content(form: .json, bytes: ByteBuffer(string: "1"))
        do {
            let result = try resolver.body(
                of: VersionWrite(content: content, basis: basis),
                over: damagesContext ? body : damaged(body, &generator), stamp: stamp)
            guard (try? resolver.read(result)) != nil else {
                throw LawViolation(
                    kind: kind, law: "hostile-bytes", finding: "a write made a body that does not decode", seed: seed)
            }
        } catch is ResolverError {
            // Refused, which is fine.
        }
    }

    /// Every proper prefix of a body or context is refused, and so is anything that goes on after its end.
    public static func shortBytes(_ resolver: any ConflictResolver, kind: String, seed: UInt64) throws {
        let pool = try ResolverPool(resolver: resolver, kind: kind, seed: seed)
        func refuses(_ attempt: () throws -> Void, _ what: String) throws {
            do { try attempt() } catch is ResolverError { return }
            throw LawViolation(kind: kind, law: "hostile-bytes", finding: "\(what) is accepted", seed: seed)
        }
        let actor = Actor(node: NodeID("n0"), shard: 0, incarnation: seed)
        let stamp = WriteStamp(dot: Dot(actor: actor, counter: 1), wall: pool.wall)
        let shortest = zip(pool.bodies, pool.contexts).sorted { $0.0.readableBytes < $1.0.readableBytes }
        for (body, context) in shortest.prefix(4) {
            for variant in misfits(of: body) {
                try refuses({ _ = try resolver.read(variant) }, "a body cut short or too long")
                try refuses({ _ = try resolver.merge(variant, variant) }, "a body cut short or too long")
                try refuses({ _ = try resolver.merge(body, variant) }, "a body cut short or too long")
            }
            for variant in misfits(of: context) + [body] {
                let write = VersionWrite(content: nil, basis: .context(variant))
                try refuses({ _ = try resolver.body(of: write, over: body, stamp: stamp) }, "a misshapen context")
            }
            try refuses({ _ = try resolver.read(context) }, "a context for a body")
        }
    }

    private static func misfits(of bytes: ByteBuffer) -> [ByteBuffer] {
        var variants = (0..<bytes.readableBytes).compactMap { bytes.getSlice(at: bytes.readerIndex, length: $0) }
        var longer = bytes
        longer.writeInteger(UInt8(0))
        variants.append(longer)
        return variants
    }

    /// A copy with some bytes changed, removed or inserted, or of random bytes altogether.
    static func damaged(_ bytes: ByteBuffer, _ generator: inout RandomGenerator) -> ByteBuffer {
        var array = Array(bytes.readableBytesView)
        if generator.chance(0.05) {
            array = (0..<generator.below(64)).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        }
        for _ in 0...generator.below(3) where !array.isEmpty {
            let position = generator.below(array.count)
            switch generator.below(5) {
            case 0: array.remove(at: position)
            case 1: array.insert(UInt8(truncatingIfNeeded: generator.next()), at: position)
            case 2: array[position] = 0xFF
            case 3: array[position] ^= UInt8(1) << UInt8(generator.below(8))
            default: array[position] = UInt8(truncatingIfNeeded: generator.next())
            }
        }
        return ByteBuffer(bytes: array)
    }
}
