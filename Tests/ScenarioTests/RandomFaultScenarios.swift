import ConflictResolution
import NIOCore
import Replication
import Simulation
import StatorCore
import Testing

/// Random clients under random crashes, cuts and losses; then all faults end and the promises are checked.
///
/// A fixed set of seeds and a fresh one. A failure prints its seed; `STATOR_SEED=<seed> swift test --filter
/// RandomFaultScenarios` replays it.
@Suite("Random faults in the simulated driver")
struct RandomFaultScenarios {
    static let fixedSeeds = Array(1...16 as ClosedRange<UInt64>)
    static let freshSeeds: [UInt64] = {
        var system = SystemRandomNumberGenerator()
        return (0..<4).map { _ in UInt64.random(in: 1000...999_999_999, using: &system) }
    }()
    static let seeds = ReplaySeed.fromEnvironment.map { [$0] } ?? fixedSeeds + freshSeeds

    @Test(arguments: seeds)
    func noAcknowledgedWriteIsLostAndAllReplicasConverge(seed: UInt64) throws {
        let run = try FaultyRun(seed: seed)
        try run.disturb(steps: 60)
        try run.settle()
        try run.check()
    }
}

/// One run: clients that read and then write with the context of what they read, and a record of what each saw.
private final class FaultyRun {
    struct Write {
        let key: String
        let value: String
        /// The values that the writer had read, and so supersedes.
        let saw: [String]
        var isAcknowledged = false
    }

    let seed: UInt64
    let fixture: SimulatedFixture
    var random: RandomGenerator
    var writes: [Write] = []
    let keys = (0..<6).map { "k\($0)" }
    let nodes = ["A", "B", "C", "D"]

    init(seed: UInt64) throws {
        self.seed = seed
        random = RandomGenerator(seed: seed &* 31)
        let shards = seed % 3 == 0 ? 2 : 1
        fixture = try SimulatedFixture(
            overrides: [
                "node.shards=\(shards)", "antiEntropy.intervalMilliseconds=2000",
                "replication.requestTimeoutMilliseconds=1000",
            ], seed: seed)
        try fixture.start()
        fixture.cluster.network.loss = seed % 2 == 0 ? 0.02 : 0
        fixture.cluster.network.duplication = 0.02
    }

    func disturb(steps: Int) throws {
        for step in 0..<steps {
            switch random.below(10) {
            case 0: crashOrRestart()
            case 1: cut()
            case 2: fixture.cluster.heal()
            case 3: fixture.cluster.setWallOffset(.seconds(random.below(600) - 300), of: NodeID(nodes[random.below(4)]))
            default: try readAndWrite(step)
            }
            fixture.cluster.run(for: .milliseconds(random.below(300)))
        }
    }

    private func crashOrRestart() {
        let node = NodeID(nodes[random.below(nodes.count)])
        let others = fixture.cluster.names.count { $0 != node && fixture.cluster.isUp($0) }
        if fixture.cluster.isUp(node), others >= 2 {
            fixture.cluster.crash(node)
        } else if !fixture.cluster.isUp(node) {
            fixture.cluster.start(node)
        }
    }

    private func cut() {
        let alone = NodeID(nodes[random.below(nodes.count)])
        fixture.cluster.partition([[alone], fixture.cluster.names.filter { $0 != alone }])
    }

    private func readAndWrite(_ step: Int) throws {
        let key = keys[random.below(keys.count)]
        let node = nodes[random.below(nodes.count)]
        var saw: [String] = []
        var basis = WriteBasis.nothing
        switch try fixture.get(key, at: node) {
        case .found(let result):
            saw = result.liveVersions.compactMap { $0.content.map { String(buffer: $0.bytes) } }
            basis = .context(result.context)
        case .notFound(let context): basis = context.map { .context($0) } ?? .nothing
        default: return
        }
        let value = "v\(step)"
        writes.append(Write(key: key, value: value, saw: saw))
        let outcome = try fixture.put(key, value, at: nodes[random.below(nodes.count)], basis: basis)
        if case .stored = outcome { writes[writes.count - 1].isAcknowledged = true }
    }

    /// All faults end; everything has to converge.
    func settle() throws {
        fixture.cluster.network.loss = 0
        fixture.cluster.heal()
        for node in fixture.cluster.names where !fixture.cluster.isUp(node) { fixture.cluster.start(node) }
        let isQuiet = fixture.cluster.run(atMost: .seconds(120)) {
            fixture.cluster.areAllReady && fixture.hintsWaiting == 0
        }
        #expect(isQuiet, "hints still wait; seed \(seed)")
        fixture.cluster.run(for: .seconds(30))
    }

    func check() throws {
        #expect(try fixture.divergentKeys() == [], "replicas differ; seed \(seed)")
        fixture.expectHintsAddUp()
        for key in keys {
            let final = try #require(try fixture.values(key, at: "A", RequestOptions(readQuorum: .all)))
            let ofKey = writes.filter { $0.key == key }
            for write in ofKey where write.isAcknowledged {
                #expect(survives(write.value, in: ofKey, final), "\(key): \(write.value) is lost; seed \(seed)")
            }
            for write in ofKey where final.contains(write.value) {
                let shadowed = write.saw.filter { final.contains($0) }
                #expect(shadowed == [], "\(key): \(write.value) saw \(shadowed) and is beside it; seed \(seed)")
            }
        }
    }

    /// A value survives where it is read, or where a write that saw it survives.
    private func survives(_ value: String, in writes: [Write], _ final: [String]) -> Bool {
        final.contains(value) || writes.contains { $0.saw.contains(value) && survives($0.value, in: writes, final) }
    }
}
