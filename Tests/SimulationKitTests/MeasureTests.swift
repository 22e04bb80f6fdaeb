import Checking
import Composition
import Simulation
import StatorCore
import Testing
import Workload

@testable import SimulationKit

/// What runs measure, open loops, scheduled faults.
@Suite struct MeasureTests {
    private static let base = """
        {
          "cluster": {"nodes": 5}, "replication": {"n": 3, "r": 2, "w": 2, "requestTimeoutMilliseconds": 1000},
          "antiEntropy": {"intervalMilliseconds": 1000},
          "strategies": {"partitioner": {"kind": "vnode-ring", "tokensPerNode": 8}},
          "workload": {"clients": 16, "loop": "open", "operationsPerSecond": 60, "keys": 40},
          "phases": {"loadKeys": true, "warmUpMilliseconds": 500, "faultsMilliseconds": 6000, "livenessMilliseconds": 0}
        }
        """

    private func file(_ overrides: [String]) throws -> SimulationFile {
        try SimulationFile.load(json: Array(Self.base.utf8), overrides: overrides, registry: .standard)
    }

    private func run(_ overrides: [String] = [], seed: UInt64 = 1) throws -> (RunResult, RunMeasurements) {
        var options = RunOptions()
        options.measures = true
        let result = SimulationRun(try file(overrides), seed: seed, options: options).run()
        return (result, try #require(result.measurements))
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func sessionsThatWaitForAnArrivalDoNothingElse(_ seed: UInt64) throws {
        // Sessions are idle for longer than a request may take: none may wake up as if it had been unanswered.
        let (result, measured) = try run(["workload.preset=ycsb-c", "workload.arrivals=fixed"], seed: seed)
        #expect(result.isClean, "\(result.failures) \(result.failingCheckers)")
        #expect((359...361).contains(measured.offered), "\(measured.offered) in 6 seconds of 60")
        #expect(measured.offered == measured.succeeded + measured.failed + measured.unknown + measured.neverSent)
        #expect(measured.histograms.reduce(0) { $0 + $1.histogram.count } == measured.succeeded)
    }

    @Test func tooFewSessionsLeaveArrivalsUnsent() throws {
        let (_, measured) = try run([
            "workload.clients=1", "workload.operationsPerSecond=400", "phases.loadKeys=false",
            "network.latency={\"kind\": \"constant\", \"minimumMicroseconds\": 2000}",
        ])
        #expect(measured.neverSent > measured.succeeded)
        let reads = try #require(measured.histograms.first { $0.kind == "read" }?.histogram)
        #expect(try #require(reads.percentile(50)) > 500, "latency counts from when requests were due")
    }

    @Test func aBatchIsOneOperation() throws {
        let (result, measured) = try run(["workload.preset=ycsb-e", "workload.batchKeys=5"])
        #expect(result.isClean, "\(result.failures) \(result.failingCheckers)")
        let batches = try #require(measured.histograms.first { $0.kind == "batch" }?.histogram.count)
        let writes = measured.histograms.first { $0.kind == "write" }?.histogram.count ?? 0
        #expect(measured.succeeded == batches + writes)
        #expect(measured.reads >= 4 * batches, "its parts are reads all the same")
    }

    @Test func anOutageIsNoticedDivergesAndIsRepaired() throws {
        let (result, measured) = try run([
            "hints.enabled=false", "replication.readRepair=false", "phases.warmUpMilliseconds=3000",
            "strategies.membership.intervalMilliseconds=100",
            "strategies.membership.acceptablePauseMilliseconds=500",
            #"faults.schedule=[{"kind": "crash", "node": "C", "atMilliseconds": 500, "forMilliseconds": 5400}]"#,
        ])
        #expect(result.isClean, "\(result.failures) \(result.failingCheckers)")
        #expect(result.faults.map(\.count) == [1])
        #expect(measured.detections.count == 4, "each of the others notices")
        #expect(measured.falseSuspicions == 0)
        #expect(try #require(measured.divergence.first?.keys) > 0)
        #expect(measured.divergence.last?.keys == 0)
        #expect(try #require(measured.convergence) > .zero)
        #expect(measured.trafficAfterFaults.sync.bytes > 0)
        #expect(measured.trafficAfterFaults.hints.bytes == 0)
    }

    @Test func nothingDivergesWhereNothingHappens() throws {
        let (_, measured) = try run(["workload.preset=ycsb-c"])
        #expect(measured.divergence.allSatisfy { $0.keys == 0 })
        #expect(measured.convergence == .zero)
        #expect(measured.detections.isEmpty && measured.falseSuspicions == 0)
        #expect(measured.staleness?.times.isEmpty == true)
    }

    @Test func aJoinMovesAtLeastWhatItHasTo() throws {
        let (result, measured) = try run([
            "cluster.outsiders=1", #"faults.schedule=[{"kind": "join", "node": "F", "atMilliseconds": 1000}]"#,
        ])
        #expect(result.isClean, "\(result.failures) \(result.failingCheckers)")
        let move = try #require(measured.moves.first)
        #expect(measured.moves.count == 1)
        #expect(move.least > 0.1 && move.moved >= move.least && move.moved < 0.5, "\(move)")
        #expect(measured.ownership.count == 6)
        #expect(measured.traffic.transfer.bytes > 0)
    }

    @Test func measuringChangesNothing() throws {
        let file = try file(["workload.loop=closed"])
        var options = RunOptions()
        let plain = SimulationRun(file, seed: 5, options: options).run()
        options.measures = true
        #expect(SimulationRun(file, seed: 5, options: options).run().hash == plain.hash)
    }

    /// Fallbacks that stood in for replicas whose messages were lost, and that held nothing, once answered final reads.
    @Test func keptWritesAreFoundThroughANetworkThatLosesMessages() throws {
        let (result, _) = try run(
            ["network.loss=0.2", "workload.keys=150", "cluster.nodes=9", "phases.faultsMilliseconds=2000"], seed: 3)
        #expect(result.report.verdict(of: "lost-writes")?.violationCount == 0)
    }

    @Test func scheduledFaultsThatCannotHappenAreRefused() {
        func problems(_ schedule: String, _ more: [String] = []) -> [String] {
            do throws(ConfigurationError) {
                _ = try SimulationFile.load(
                    json: Array(Self.base.utf8), overrides: more + ["faults.schedule=\(schedule)"], registry: .standard)
                return []
            } catch {
                return error.problems.map(\.path)
            }
        }
        #expect(problems(#"[{"kind": "crash", "node": "X"}]"#) == ["faults.schedule.0.node"])
        #expect(problems(#"[{"node": "A"}]"#).contains("faults.schedule.0.kind"))
        #expect(problems(#"[{"kind": "loss", "atMilliseconds": 6000}]"#) == ["faults.schedule.0.atMilliseconds"])
        #expect(problems(#"[{"kind": "join", "node": "A"}]"#) == ["faults.schedule.0.node"])
        #expect(
            problems(#"[{"kind": "leave", "node": "A"}]"#, [#"strategies.membership={"kind": "static"}"#]).contains(
                "faults.schedule.0.kind"))
        #expect(problems("3") == ["faults.schedule"])
    }
}
