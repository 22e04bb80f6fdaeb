import Checking
import Composition
import ConflictResolution
import NIOCore
import Replication
import SimulationKit
import StatorCore
import Testing

/// A merge that keeps one side only: every run with siblings fails.
private struct OneSidedResolver: ConflictResolver {
    typealias Settings = NoSettings
    static let kind = "one-sided"
    static let summary = "Loses siblings."
    static let guarantees: Set<Guarantee> = []
    let base: any ConflictResolver

    init(_ base: any ConflictResolver) { self.base = base }
    init(settings: NoSettings) { preconditionFailure("made from its base") }

    var needsReplicaCoordinator: Bool { base.needsReplicaCoordinator }
    var maximumSkew: Duration? { base.maximumSkew }

    func body(of write: VersionWrite, over existing: ByteBuffer?, stamp: WriteStamp) throws(ResolverError) -> ByteBuffer
    {
        try base.body(of: write, over: existing, stamp: stamp)
    }

    func merge(_ one: ByteBuffer, _ other: ByteBuffer) throws(ResolverError) -> ByteBuffer {
        one.isOrderedBefore(other) ? other : one
    }

    func read(_ body: ByteBuffer) throws(ResolverError) -> ReadResult { try base.read(body) }
}

@Suite struct MinimizerTests {
    @Test func aFailingRunIsMadeSmallerAndStillFails() throws {
        let overrides = ["phases.faultsMilliseconds=6000", "workload.clients=6"]
        let file = try SimulationFile.load(
            json: Array(SimulationRunTests.faults.utf8), overrides: overrides, registry: .standard)
        var options = RunOptions()
        options.blueprint = { $0.resolver = OneSidedResolver($0.resolver) }
        let failing = try #require(
            (1...5 as ClosedRange<UInt64>).lazy.map { SimulationRun(file, seed: $0, options: options).run() }
                .first { $0.failingCheckers.contains("lost-writes") })
        var minimizer = Minimizer(file, options: options, failing: failing, maximumRuns: 25)
        let reduced = minimizer.reduce()
        #expect(!reduced.result.failingCheckers.isDisjoint(with: failing.failingCheckers))
        let planned = FaultPlan(file, seed: failing.seed).faults.count
        #expect((reduced.faults?.count ?? planned) < planned)
        #expect(reduced.result.reads + reduced.result.writes < failing.reads + failing.writes)
        // The reduced replay is a whole description: it fails from the file as well.
        var replay = options
        replay.keptFaults = reduced.faults.map { Set($0) }
        let smaller = try SimulationFile.load(
            json: Array(SimulationRunTests.faults.utf8), overrides: overrides + reduced.overrides, registry: .standard)
        #expect(SimulationRun(smaller, seed: failing.seed, options: replay).run().hash == reduced.result.hash)
    }
}
