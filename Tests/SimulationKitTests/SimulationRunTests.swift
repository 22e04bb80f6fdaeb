import Checking
import Composition
import Simulation
import SimulationKit
import StatorCore
import Testing

/// Short runs in a debug build; the many and long ones are run in release by scripts/test.
@Suite struct SimulationRunTests {
    static let faults = """
        {"cluster": {"nodes": 4, "outsiders": 1}, "antiEntropy": {"intervalMilliseconds": 1500},
         "replication": {"requestTimeoutMilliseconds": 1000},
         "strategies": {"partitioner": {"kind": "vnode-ring", "tokensPerNode": 4}},
         "workload": {"clients": 4, "operationsPerSecond": 56, "keys": 6},
         "faults": {"swarm": false, "crashesPerMinute": 20, "stopsPerMinute": 6, "pausesPerMinute": 10,
                    "wipesPerMinute": 6, "partitionsPerMinute": 20, "clogsPerMinute": 10, "slowNodesPerMinute": 6,
                    "lossBurstsPerMinute": 10, "clockStepsPerMinute": 10, "diskErrorsPerMinute": 6,
                    "failingSyncsPerMinute": 6, "fullDisksPerMinute": 4, "bitFlipsPerMinute": 4, "damagedFilesPerMinute": 4,
                    "lostWritesPerMinute": 4, "misdirectedWritesPerMinute": 4, "membershipChangesPerMinute": 6,
                    "rollingRestartsPerMinute": 2, "lengthMaximumMilliseconds": 3000},
         "phases": {"faultsMilliseconds": 8000, "quietMilliseconds": 3000}}
        """

    private func file(_ overrides: [String] = []) throws -> SimulationFile {
        try SimulationFile.load(json: Array(Self.faults.utf8), overrides: overrides, registry: .standard)
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func nothingPromisedIsBrokenUnderEveryFault(seed: UInt64) throws {
        let result = SimulationRun(try file(), seed: seed).run()
        #expect(result.failures == [])
        #expect(result.report.isClean, "seed \(seed)\n\(result.report)")
        #expect(result.faults.count > 5)
        #expect(result.succeeded > 100)
    }

    @Test func theSameSeedGivesTheSameRun() throws {
        let file = try file()
        let one = SimulationRun(file, seed: 7).run()
        let same = SimulationRun(file, seed: 7).run()
        let other = SimulationRun(file, seed: 8).run()
        #expect(one.hash == same.hash)
        #expect(one.inputs == same.inputs)
        #expect(one.hash != other.hash)
    }

    @Test func watchingChangesNothing() throws {
        let file = try file()
        var unwatched = RunOptions()
        unwatched.checks = false
        #expect(SimulationRun(file, seed: 5).run().hash == SimulationRun(file, seed: 5, options: unwatched).run().hash)
    }

    @Test func aKeptPartOfThePlanHappensAlone() throws {
        let file = try file()
        let plan = FaultPlan(file, seed: 3)
        #expect(plan.faults.count > 10)
        #expect(plan.faults.map(\.number) == Array(plan.faults.indices))
        var options = RunOptions()
        options.keptFaults = []
        #expect(SimulationRun(file, seed: 3, options: options).run().faults.isEmpty)
        options.keptFaults = [0, 1]
        let two = SimulationRun(file, seed: 3, options: options).run()
        #expect(two.faults.reduce(0) { $0 + $1.count } <= 2)
    }

    @Test func aShorterPhaseHasTheBeginningOfThePlan() throws {
        let whole = FaultPlan(try file(), seed: 11).faults
        let short = FaultPlan(try file(["phases.faultsMilliseconds=4000"]), seed: 11).faults
        #expect(!short.isEmpty)
        #expect(short == Array(whole.prefix(short.count)))
        #expect(whole.dropFirst(short.count).allSatisfy { $0.begin >= 4_000_000_000 })
    }

    @Test func disksForgetAtFewerThanWNodes() throws {
        for seed in 1...20 as ClosedRange<UInt64> {
            let plan = FaultPlan(try file(), seed: seed)
            #expect(plan.victims.count == 1)
            for fault in plan.faults {
                switch fault.kind {
                case .wipe(let node), .bitFlips(let node, _), .lostWrites(let node, _), .misdirectedWrites(let node, _),
                    .damagedFiles(let node, _):
                    #expect(plan.victims.contains(node))
                default: break
                }
            }
        }
    }

    @Test func anExportedHistoryIsCheckedToTheSameVerdicts() throws {
        var options = RunOptions()
        options.keepsHistory = true
        let result = SimulationRun(try file(), seed: 2, options: options).run()
        let history = try #require(result.history)
        let decoded = try HistoryCodec.decode(HistoryCodec.encode(history))
        #expect(decoded == history)
        let promises = Promises(try file(), FaultPlan(try file(), seed: 2))
        for checker in HistoryChecks.standard {
            let again = checker.check(IndexedHistory(decoded), promises)
            #expect(again == result.report.verdict(of: checker.name), "\(checker.name)")
        }
    }

    /// Last-writer-wins loses acknowledged writes to skewed clocks: a rate, not a failure.
    @Test func lossIsMeasuredWhereItIsInherent() throws {
        let file = try file([
            "strategies.conflictResolver.kind=lww-wall", "clocks.offsetMaximumMilliseconds=5000", "workload.keys=2",
        ])
        let result = SimulationRun(file, seed: 4).run()
        #expect(result.isClean, "\(result.report)")
        let lost = try #require(result.report.verdict(of: "lost-writes"))
        #expect(!lost.isPromised)
        #expect(lost.violationCount > 0)
    }

    @Test func whatKeepsARunFromConvergingIsNamed() throws {
        let file = try file([
            "antiEntropy.enabled=false", "hints.enabled=false", "replication.readRepair=false",
            "workload.keys=400", "phases.settleMilliseconds=20000",
        ])
        let result = SimulationRun(file, seed: 1).run()
        #expect(result.failures.contains { $0.hasPrefix("not converged") }, "\(result.failures)")
        let verdict = try #require(result.report.verdict(of: "convergence"))
        #expect(verdict.fails)
        #expect(verdict.violations.contains { $0.key != nil }, "\(verdict)")
    }

    @Test func theStoryOfAKeyTellsItsWritesAndNoOthers() throws {
        let run = SimulationRun(try file(), seed: 1)
        var lines: [String] = []
        run.tell(.key("k3")) { lines.append($0) }
        _ = run.run()
        #expect(lines.contains { $0.contains("put k3") })
        #expect(lines.contains { $0.contains("stores k3") })
        #expect(!lines.contains { $0.contains("stores k2") })
    }
}
