import ConflictResolution
import NIOCore
import StatorCore

/// Bodies of one key that came about along different histories, and the contexts that reading them gives.
struct ResolverPool {
    private(set) var bodies: [ByteBuffer] = []
    private(set) var contexts: [ByteBuffer] = []
    /// A wall time that no body is later than, save for counted-up timestamps.
    let wall: WallTime

    init(resolver: any ConflictResolver, kind: String, seed: UInt64) throws {
        let profile = ResolverWorld.Profile(
            name: "pool", replicas: 4, clients: 6, steps: 70, skew: 1_000_000, restarts: 0.05)
        var world = ResolverWorld(resolver: resolver, kind: kind, profile: profile, seed: seed, clockSeed: seed)
        try world.run()
        wall = world.clock.latest
        for holding in world.messages + world.replicas.map(\.holding) {
            guard let body = holding.body, !bodies.contains(body) else { continue }
            bodies.append(body)
            do {
                contexts.append(try resolver.read(body).context)
            } catch {
                throw ResolverLaws.refusal(error, kind: kind, seed: seed)
            }
        }
    }
}
