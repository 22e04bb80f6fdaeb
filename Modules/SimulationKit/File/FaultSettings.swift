package import StatorCore

/// Which faults come how often in the safety phase: the `faults` object. All are off by default.
///
/// With `swarm` a seed turns each class on or off and draws its rate up to the given one (swarm testing: Groce et al.,
/// "Swarm testing", ISSTA 2012): runs with few classes reach states that runs with all of them never do.
package struct FaultSettings: StrategySettings, Hashable {
    package var isSwarm = true
    package var crashes = 0.0
    package var stops = 0.0
    package var pauses = 0.0
    package var wipes = 0.0
    package var partitions = 0.0
    package var clogs = 0.0
    package var slowNodes = 0.0
    package var lossBursts = 0.0
    package var clockSteps = 0.0
    package var diskErrors = 0.0
    package var failingSyncs = 0.0
    package var fullDisks = 0.0
    package var bitFlips = 0.0
    package var lostWrites = 0.0
    package var misdirectedWrites = 0.0
    package var damagedFiles = 0.0
    package var membershipChanges = 0.0
    package var replacements = 0.0
    package var rollingRestarts = 0.0
    package var slowDisks = 0.0
    package var restores = 0.0
    package var copiedFolders = 0.0
    /// Of the members, those that start late.
    package var lateStarts = 0.0

    package var lengthMaximum: Duration = .milliseconds(8000)
    package var downMaximum = 2
    package var lossMaximum = 0.3
    package var clockStepMaximum: Duration = .milliseconds(3 * 86_400_000)

    package init() {}

    package static var fields: [SettingField<FaultSettings>] {
        [
            .boolean("swarm", \.isSwarm, "whether each seed turns classes of faults on or off and draws their rates"),
            rate("crashesPerMinute", \.crashes, "a node dies without warning and is started again later"),
            rate("stopsPerMinute", \.stops, "a node is stopped in order and started again later"),
            rate("pausesPerMinute", \.pauses, "a node handles nothing for a while"),
            rate("wipesPerMinute", \.wipes, "a node dies and starts again with an empty disk and its old name"),
            rate(
                "partitionsPerMinute", \.partitions,
                "links are cut: halves, one way, a bridge, a lone node, flapping or not"),
            rate("clogsPerMinute", \.clogs, "a link holds back all messages for a while and then delivers them"),
            rate("slowNodesPerMinute", \.slowNodes, "messages of one node take many times as long"),
            rate("lossBurstsPerMinute", \.lossBursts, "messages are lost, duplicated and reordered everywhere"),
            rate("clockStepsPerMinute", \.clockSteps, "a wall clock steps, back or ahead, for good or for a moment"),
            rate("diskErrorsPerMinute", \.diskErrors, "reads and writes of one node's disk fail now and then"),
            rate("failingSyncsPerMinute", \.failingSyncs, "syncs of one node's disk fail; it is restarted later"),
            rate(
                "fullDisksPerMinute", \.fullDisks, "one node's disk is full, and empties again while the node runs on"),
            rate("bitFlipsPerMinute", \.bitFlips, "bits of one node's files rot"),
            rate("lostWritesPerMinute", \.lostWrites, "one node's disk drops writes that it confirmed"),
            rate("misdirectedWritesPerMinute", \.misdirectedWrites, "one node's disk writes to the wrong place"),
            rate(
                "damagedFilesPerMinute", \.damagedFiles,
                "a node stops, and some of its files are gone, cut short or overwritten when it starts again"),
            rate("membershipChangesPerMinute", \.membershipChanges, "an outsider joins, or a member leaves"),
            rate("replacementsPerMinute", \.replacements, "an outsider joins, and then a member leaves"),
            rate(
                "rollingRestartsPerMinute", \.rollingRestarts,
                "all nodes are restarted one by one with another background configuration"),
            rate("slowDisksPerMinute", \.slowDisks, "loads and syncs of one node's disk take many times as long"),
            rate(
                "restoresPerMinute", \.restores,
                "a node's files are saved (after a stop, a crash, or while it runs) and put back later"),
            rate(
                "copiedFoldersPerMinute", \.copiedFolders,
                "a node stops, its data folder is copied and takes its own place, and it starts again"),
            .number(
                "lateStarts", \.lateStarts, 0...1,
                "how likely a member is missing when the cluster begins, and starts later; no disk forgets in such a run"
            ),
            .milliseconds(
                "lengthMaximumMilliseconds", \.lengthMaximum, 1...3_600_000, "how long a fault lasts at most"),
            .integer("downMaximum", \.downMaximum, 1...4096, "nodes that are down or paused at once, at most"),
            .number("lossMaximum", \.lossMaximum, 0...1, "the strongest loss of a burst"),
            .milliseconds(
                "clockStepMaximumMilliseconds", \.clockStepMaximum, 1...(365 * 24 * 3600 * 1000),
                "the farthest that a step takes a clock from true time"),
        ]
    }

    private static func rate(
        _ name: String, _ path: any WritableKeyPath<FaultSettings, Double> & Sendable, _ help: String
    ) -> SettingField<FaultSettings> {
        .number(name, path, 0...600, help)
    }

    package var changesRing: Bool { membershipChanges > 0 || replacements > 0 }

    /// Whether nothing but changes of the ring happens.
    package var onlyChangesRing: Bool { changesRing && !hasOthers }

    /// Whether any fault is drawn.
    package var hasAny: Bool { changesRing || hasOthers }

    private var hasOthers: Bool {
        let others = [
            crashes, stops, pauses, wipes, partitions, clogs, slowNodes, lossBursts, clockSteps, rollingRestarts,
            lateStarts,
        ]
        return touchesFiles || others.contains { $0 > 0 }
    }

    /// Whether any fault makes a disk forget or change what it confirmed.
    package var losesDisks: Bool { wipes > 0 || restores > 0 || corruptsDisks }

    /// Whether any fault needs files to happen to.
    package var touchesFiles: Bool {
        corruptsDisks || restores > 0 || copiedFolders > 0 || diskErrors > 0 || failingSyncs > 0 || fullDisks > 0
            || slowDisks > 0
    }

    var corruptsDisks: Bool { bitFlips > 0 || lostWrites > 0 || misdirectedWrites > 0 || damagedFiles > 0 }
}
