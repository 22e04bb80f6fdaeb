public import ConflictResolution
public import StatorCore

/// Guarantees, held against the oracle over random schedules.
extension ResolverLaws {
    /// Runs of each profile for guarantees that are given.
    static let runsPerProfile = 2
    /// Runs in search of counter-examples for those that are denied.
    static let searchRuns = 200

    /// - Throws: ``LawViolation`` when a schedule breaks one of `guarantees`.
    public static func holds(
        _ guarantees: [Guarantee], _ resolver: any ConflictResolver, kind: String, seed: UInt64
    ) throws {
        var generator = RandomGenerator(seed: seed)
        for profile in ResolverWorld.Profile.all {
            for _ in 0..<runsPerProfile {
                let runSeed = generator.next()
                let found = try findings(for: guarantees, resolver, kind: kind, profile: profile, seed: runSeed)
                if let finding = found.first {
                    throw LawViolation(
                        kind: kind, law: finding.guarantee.name, finding: "\(profile.name): \(finding.text)",
                        seed: runSeed)
                }
            }
        }
    }

    /// - Returns: a counter-example for each of `guarantees`, in a sentence, in their order.
    /// - Throws: ``LawViolation`` when no schedule breaks one of them: then it ought to be declared.
    @discardableResult
    public static func fails(
        _ guarantees: [Guarantee], _ resolver: any ConflictResolver, kind: String, seed: UInt64
    ) throws -> [String] {
        var generator = RandomGenerator(seed: seed)
        var examples: [String?] = guarantees.map { _ in nil }
        for run in 0..<searchRuns where examples.contains(nil) {
            let profile = ResolverWorld.Profile.all[run % ResolverWorld.Profile.all.count]
            let runSeed = generator.next()
            let found = try findings(for: guarantees, resolver, kind: kind, profile: profile, seed: runSeed)
            for (index, guarantee) in guarantees.enumerated() where examples[index] == nil {
                let finding = found.first { $0.guarantee == guarantee }
                examples[index] = finding.map { "\(guarantee): \(profile.name), seed \(runSeed): \($0.text)" }
            }
        }
        if let index = examples.firstIndex(of: nil) {
            throw LawViolation(
                kind: kind, law: guarantees[index].name,
                finding: "it is denied, yet \(searchRuns) schedules show no counter-example", seed: seed)
        }
        return examples.compactMap { $0 }
    }

    /// What one run shows against `guarantees`.
    private static func findings(
        for guarantees: [Guarantee], _ resolver: any ConflictResolver, kind: String, profile: ResolverWorld.Profile,
        seed: UInt64
    ) throws -> [ResolverWorld.Finding] {
        var world = ResolverWorld(resolver: resolver, kind: kind, profile: profile, seed: seed, clockSeed: seed)
        try world.run()
        var found = world.findings.filter { guarantees.contains($0.guarantee) }
        if guarantees.contains(ResolverGuarantees.clockIndependent), profile.skew > 0 {
            var other = ResolverWorld(resolver: resolver, kind: kind, profile: profile, seed: seed, clockSeed: ~seed)
            try other.run()
            let pairs = zip(world.trace, other.trace).enumerated()
            if let (step, (one, two)) = pairs.first(where: { $0.element.0 != $0.element.1 }) {
                let text = "at step \(step) other clocks show \(two) where these show \(one)"
                found.append(ResolverWorld.Finding(guarantee: ResolverGuarantees.clockIndependent, text: text))
            }
        }
        return found
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
