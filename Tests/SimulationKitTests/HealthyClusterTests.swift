import Checking
import Composition
import Replication
import Simulation
import SimulationKit
import StatorCore
import Testing

/// What the healthy cluster is held to at the end of a run; that its checker sees what is wrong is shown by the planted
/// faults.
@Suite struct HealthyClusterTests {
    private func run(_ overrides: [String] = [], _ options: RunOptions = RunOptions()) throws -> RunResult {
        let json = """
            {"cluster": {"nodes": 4}, "antiEntropy": {"intervalMilliseconds": 1000},
             "replication": {"requestTimeoutMilliseconds": 1000},
             "strategies": {"partitioner": {"kind": "vnode-ring", "tokensPerNode": 4}},
             "workload": {"clients": 2, "operationsPerSecond": 20, "keys": 4},
             "phases": {"faultsMilliseconds": 1000, "livenessMilliseconds": 500, "quietMilliseconds": 1000}}
            """
        let file = try SimulationFile.load(json: Array(json.utf8), overrides: overrides, registry: .standard)
        return SimulationRun(file, seed: 1, options: options).run()
    }

    private func checked(_ result: RunResult) -> Int? { result.report.verdict(of: HealthyCluster.name)?.checked }

    @Test(arguments: [
        "strategies.conflictResolver.kind=vector-clock", "strategies.conflictResolver.kind=lww-hlc",
        "strategies.conflictResolver.kind=lww-wall", "strategies.storage.kind=memory",
        "replication.readFanOut=quorum", "cluster.shards=2", "network.transport=datagram",
    ])
    func everyStrategyIsHeldToIt(override: String) throws {
        let result = try run([override])
        #expect(result.isClean, "\(result.report) \(result.failures)")
        #expect(try #require(checked(result)) > 100)
    }

    /// Without detection and changes there is less to try, and the rest is tried.
    @Test func aStaticClusterIsHeldToTheRest() throws {
        let result = try run(["strategies.membership.kind=static"])
        #expect(result.isClean, "\(result.report) \(result.failures)")
        #expect(try #require(checked(result)) > 50)
    }

    /// What is measured is the run before it.
    @Test func aMeasuredRunIsLeftAsItIs() throws {
        var options = RunOptions()
        options.measures = true
        let result = try run([], options)
        #expect(checked(result) == 0)
        #expect(result.hash == (try run()).hash)
    }

    /// One wrong bit in an answer is a violation, with the key and the node.
    @Test func anAnswerThatSaysTheContraryIsSeen() throws {
        var options = RunOptions()
        options.interpose = {
            { _, _, message in
                guard case .writeReply(let id, .stored(let hadLive)) = message else { return message }
                return .writeReply(id, .stored(hadLive: !hadLive))
            }
        }
        let result = try run([], options)
        let verdict = try #require(result.report.verdict(of: HealthyCluster.name))
        #expect(verdict.fails)
        #expect(verdict.violations.first?.key == "healthy 0")
    }
}
