package import Composition
package import Replication
package import Simulation
package import StatorCore
package import Workload

/// A simulation as a file describes it, complete and checked: cluster, strategies, network, disks, clocks, workload,
/// faults and phases. With a seed it determines a run.
package struct SimulationFile: Sendable {
    package var name = ""
    /// What the simulation is to answer, in a sentence.
    package var question = ""
    package var cluster = ClusterShape()
    package var network = LinkFileSettings()
    package var latency = LatencyDistribution.uniform(.microseconds(100)...(.milliseconds(2)))
    /// By the zones of sender and receiver; empty where `latency` holds for all.
    package var zoneLatencies: [[LatencyDistribution]] = []
    package var loadLatency = LatencyDistribution.constant(.microseconds(50))
    package var syncLatency = LatencyDistribution.constant(.milliseconds(1))
    package var clocks = ClockSettings()
    package var workload = WorkloadSettings()
    /// What requests ask for beyond the defaults.
    package var requests = RequestSettings()
    /// What ``WorkloadSettings/trace`` names, once read: whoever loads the file sees to it.
    package var trace: Trace?
    package var faults = FaultSettings()
    /// Faults at set times, besides those that are drawn.
    package var schedule: [ScheduledFault] = []
    package var phases = PhaseSettings()

    /// What each seed draws anew; see ``drawn(for:)``.
    var draws: DrawnSettings?
    /// What was drawn for this file, as `PATH=VALUE`.
    package var drawn: [String] = []

    /// One for each node, members first, in the order of their names.
    package var configurations: [NodeConfiguration]

    /// What the nodes' configurations share, for the statements about what is promised.
    package var replication: ReplicationSettings { configurations[0].replication }
    package var hints: HintSettings { configurations[0].hints }
    package var antiEntropy: AntiEntropySettings { configurations[0].antiEntropy }
    package var durability: DurabilitySettings { configurations[0].durability }
    package var kinds: StrategyKinds { configurations[0].kinds }

    /// Reads a simulation.
    /// - Parameters:
    ///   - json: the file's bytes.
    ///   - overrides: `PATH=VALUE` texts, applied in order before anything is checked.
    ///   - registry: the strategies that may be selected.
    /// - Throws: `ConfigurationError` with everything that is wrong.
    package static func load(
        json: [UInt8], overrides: [String] = [], registry: StrategyRegistry
    ) throws(ConfigurationError) -> SimulationFile {
        let document = try ConfigurationDocument(json: json, overrides: overrides)
        var reader = SimulationFileReader(registry: registry)
        reader.problems = document.problems
        reader.fixed = overrides.map { String($0.prefix { $0 != "=" }) }
        let file = reader.file(from: document.root)
        reader.problems.attribute(to: document.applied)
        guard reader.problems.problems.isEmpty, let file else {
            throw ConfigurationError(reader.problems.problems)
        }
        return file
    }

    /// Reads a simulation that is part of another document.
    /// - Throws: `ConfigurationError` with everything that is wrong; paths begin at `document`.
    package static func load(
        document: JSONValue, registry: StrategyRegistry
    ) throws(ConfigurationError) -> SimulationFile {
        var reader = SimulationFileReader(registry: registry)
        let file = reader.file(from: document)
        guard reader.problems.problems.isEmpty, let file else {
            throw ConfigurationError(reader.problems.problems)
        }
        return file
    }

    /// What the strategies promise.
    package var resolverGuarantees: Set<Guarantee> = []
    package var storageGuarantees: Set<Guarantee> = []

    /// A node's name by its number: sorted as numbers are.
    static func nodeName(_ number: Int, of count: Int) -> String {
        if count <= 26 { return String(UnicodeScalar(UInt8(65 + number))) }
        let digits = String(number)
        return "n" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    }
}
