import Checking
import Composition
import SimulationKit
import Testing

/// A ledger that is told nothing holds whatever the store does: each has to have judged something, over each transport.
@Suite struct LedgersJudgeTests {
    private static let ledgers = [
        "acknowledged-copies", "copies", "counting-answers", "freshness", "dots", "hint-accounts", "sync-sessions",
        "index",
    ]

    private func judged(_ transport: String, sloppy: Bool) throws -> [String: Int] {
        let json = """
            {"cluster": {"nodes": 4}, "replication": {"n": 3, "r": 2, "w": 2, "sloppy": \(sloppy)},
             "antiEntropy": {"intervalMilliseconds": 1000}, "network": {"transport": "\(transport)"},
             "workload": {"clients": 4, "operationsPerSecond": 40, "keys": 10},
             "strategies": {"partitioner": {"kind": "vnode-ring", "tokensPerNode": 8}},
             "faults": {"swarm": false, "crashesPerMinute": 40, "wipesPerMinute": 40, "partitionsPerMinute": 40},
             "phases": {"faultsMilliseconds": 3000, "quietMilliseconds": 1500}}
            """
        let file = try SimulationFile.load(json: Array(json.utf8), overrides: [], registry: .standard)
        var judged: [String: Int] = [:]
        for verdict in SimulationRun(file, seed: 1).run().report.verdicts {
            judged[verdict.checker, default: 0] += verdict.rates.reduce(0) { $0 + $1.total }
        }
        return judged
    }

    @Test(arguments: ["tcp", "datagram"])
    func eachLedgerJudgesSomethingOverEachTransport(transport: String) throws {
        let sloppy = try judged(transport, sloppy: true)
        let strict = try judged(transport, sloppy: false)
        for ledger in Self.ledgers {
            #expect(sloppy[ledger, default: 0] + strict[ledger, default: 0] > 0, "\(ledger) judged nothing; seed 1")
        }
    }
}
