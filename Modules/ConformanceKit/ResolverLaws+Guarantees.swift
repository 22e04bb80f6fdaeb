public import ConflictResolution
public import StatorCore

/// Guarantees, held against the oracle over random schedules.
extension ResolverLaws {
    /// Runs of each profile for a guarantee that is given.
    static let runsPerProfile = 4
    /// Runs in search of a counter-example for one that is denied.
    static let searchRuns = 200

    /// - Throws: ``LawViolation`` when a schedule breaks `guarantee`.
    public static func holds(
        _ guarantee: Guarantee, _ resolver: any ConflictResolver, kind: String, seed: UInt64
    ) throws {
        var generator = RandomGenerator(seed: seed)
        for profile in ResolverWorld.Profile.all {
            for _ in 0..<runsPerProfile {
                let runSeed = generator.next()
                if let finding = try violation(of: guarantee, resolver, kind: kind, profile: profile, seed: runSeed) {
                    throw LawViolation(
                        kind: kind, law: guarantee.name, finding: "\(profile.name): \(finding)", seed: runSeed)
                }
            }
        }
    }

    /// - Returns: the counter-example, in a sentence.
    /// - Throws: ``LawViolation`` when no schedule breaks `guarantee`: then it ought to be declared.
    @discardableResult
    public static func fails(
        _ guarantee: Guarantee, _ resolver: any ConflictResolver, kind: String, seed: UInt64
    ) throws -> String {
        var generator = RandomGenerator(seed: seed)
        for run in 0..<searchRuns {
            let profile = ResolverWorld.Profile.all[run % ResolverWorld.Profile.all.count]
            let runSeed = generator.next()
            if let finding = try violation(of: guarantee, resolver, kind: kind, profile: profile, seed: runSeed) {
                return "\(profile.name), seed \(runSeed): \(finding)"
            }
        }
        throw LawViolation(
            kind: kind, law: guarantee.name,
            finding: "it is denied, yet \(searchRuns) schedules show no counter-example", seed: seed)
    }

    /// What one run shows against `guarantee`, or `nil`.
    private static func violation(
        of guarantee: Guarantee, _ resolver: any ConflictResolver, kind: String, profile: ResolverWorld.Profile,
        seed: UInt64
    ) throws -> String? {
        var world = ResolverWorld(resolver: resolver, kind: kind, profile: profile, seed: seed, clockSeed: seed)
        try world.run()
        guard guarantee == ResolverGuarantees.clockIndependent else {
            return world.findings.first { $0.guarantee == guarantee }?.text
        }
        var other = ResolverWorld(resolver: resolver, kind: kind, profile: profile, seed: seed, clockSeed: ~seed)
        try other.run()
        for (step, (one, two)) in zip(world.trace, other.trace).enumerated() where one != two {
            return "at step \(step) other clocks show \(two) where these show \(one)"
        }
        return nil
    }

    /// A write with the context that `read` gave supersedes everything in that body: where it is made, and wherever
    /// the two meet.
    public static func readContextSupersedes(_ resolver: any ConflictResolver, kind: String, seed: UInt64) throws {
        let pool = try ResolverPool(resolver: resolver, kind: kind, seed: seed)
        let actor = Actor(node: NodeID("reader"), shard: 0, incarnation: seed)
        let content = Content(form: .raw, bytes: ResolverWorld.bytes(of: 1_000_000))
        for (index, body) in pool.bodies.enumerated() {
            let stamp = WriteStamp(dot: Dot(actor: actor, counter: UInt64(index) + 1), wall: pool.wall)
            do {
                let context = try resolver.read(body).context
                let write = VersionWrite(content: content, basis: .context(context))
                let inPlace = try resolver.body(of: write, over: body, stamp: stamp)
                let elsewhere = try resolver.body(of: write, over: nil, stamp: stamp)
                for result in [inPlace, try resolver.merge(body, elsewhere), try resolver.merge(inPlace, body)] {
                    let left = try resolver.read(result).versions.map(\.content)
                    if left == [content] { continue }
                    throw LawViolation(
                        kind: kind, law: ResolverGuarantees.contextWins.name,
                        finding: "\(left.count) versions are left after a write with the context of all", seed: seed)
                }
            } catch let error as ResolverError {
                throw refusal(error, kind: kind, seed: seed)
            }
        }
    }
}
