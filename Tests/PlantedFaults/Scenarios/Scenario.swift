import Composition
import SimulationKit

/// A simulation in which plants are looked for: the common one with a few settings changed.
struct Scenario: Hashable, Sendable {
    let name: String
    /// `PATH=VALUE` texts.
    let settings: [String]

    /// - Throws: `ConfigurationError` where the settings are wrong.
    func file() throws(ConfigurationError) -> SimulationFile {
        var file = try SimulationFile.load(
            json: Array(Scenario.common.utf8), overrides: settings, registry: .standard)
        file.name = name
        return file
    }

    /// Five nodes of the default strategies for ten seconds, with nothing wrong yet.
    private static let common = """
        {
          "cluster": {"nodes": 5},
          "replication": {"n": 3, "r": 2, "w": 2, "requestTimeoutMilliseconds": 1000},
          "antiEntropy": {"intervalMilliseconds": 1000},
          "strategies": {
            "partitioner": {"kind": "vnode-ring", "tokensPerNode": 8},
            "conflictResolver": {"kind": "dotted-version-vector"},
            "membership": {"kind": "gossip"},
            "sync": {"kind": "merkle"},
            "storage": {"kind": "log"}
          },
          "network": {"latency": {"kind": "log-normal", "medianMicroseconds": 500, "sigma": 0.6}},
          "disks": {
            "loadLatency": {"kind": "exponential", "minimumMicroseconds": 20, "meanMicroseconds": 80},
            "syncLatency": {"kind": "exponential", "minimumMicroseconds": 300, "meanMicroseconds": 1500}
          },
          "workload": {"clients": 8, "operationsPerSecond": 70, "keys": 20},
          "faults": {"swarm": false},
          "phases": {"faultsMilliseconds": 10000, "settleMilliseconds": 30000, "quietMilliseconds": 2500}
        }
        """
}
