package import StatorCore

/// How many nodes there are: the `cluster` object of a simulation.
package struct ClusterShape: StrategySettings, Hashable {
    package var nodes = 5
    /// Nodes that are not members at first; membership changes let them in.
    package var outsiders = 0
    package var shards = 1
    package var zones = 1

    package init() {}

    package static var fields: [SettingField<ClusterShape>] {
        [
            .integer("nodes", \.nodes, 1...4096, "members at the start, named `A`, `B`, ... (`n0000`, ... above 26)"),
            .integer("outsiders", \.outsiders, 0...64, "nodes that membership changes may let in"),
            .integer("shards", \.shards, 1...16, "shards of each node"),
            .integer("zones", \.zones, 1...64, "failure zones, dealt to the nodes in turns"),
        ]
    }
}

/// How long each phase lasts: the `phases` object.
package struct PhaseSettings: StrategySettings, Hashable {
    package var loadsKeys = false
    package var warmUp: Duration = .zero
    package var faults: Duration = .milliseconds(30_000)
    package var liveness: Duration = .milliseconds(3000)
    package var settle: Duration = .milliseconds(180_000)
    package var quiet: Duration = .milliseconds(5000)

    package init() {}

    package static var fields: [SettingField<PhaseSettings>] {
        [
            .boolean("loadKeys", \.loadsKeys, "whether every key is written once before the clients begin"),
            .milliseconds(
                "warmUpMilliseconds", \.warmUp, 0...(24 * 3600 * 1000),
                "how long clients work before faults and measuring begin"),
            .milliseconds(
                "faultsMilliseconds", \.faults, 1...(30 * 24 * 3600 * 1000),
                "the safety phase: clients work while faults come and go; what is measured is measured in it"),
            .milliseconds(
                "livenessMilliseconds", \.liveness, 0...(24 * 3600 * 1000),
                "how long clients go on after all nodes serve again; 0: they stop when the faults end"),
            .milliseconds(
                "settleMilliseconds", \.settle, 1...(24 * 3600 * 1000),
                "the liveness phase: all faults have ended, and within this time everything must have converged"),
            .milliseconds(
                "quietMilliseconds", \.quiet, 0...(24 * 3600 * 1000),
                "how long the converged cluster is watched for repair traffic, of which there must be none"),
        ]
    }
}

/// How the clocks are off: the `clocks` object.
package struct ClockSettings: StrategySettings, Hashable {
    package var offsetMaximum: Duration = .zero
    package var driftMaximum = 0

    package init() {}

    package static var fields: [SettingField<ClockSettings>] {
        [
            .milliseconds(
                "offsetMaximumMilliseconds", \.offsetMaximum, 0...(7 * 24 * 3600 * 1000),
                "each node's wall clock is off by up to this, either way, from the start"),
            .integer(
                "driftMaximumPartsPerMillion", \.driftMaximum, 0...100_000,
                "each node's clocks run faster or slower by up to this"),
        ]
    }
}
