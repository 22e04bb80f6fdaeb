package import Simulation

/// The classes of faults, by which a run counts them.
package enum FaultClass: String, CaseIterable, Sendable, Hashable {
    case crash, stop, pause, wipe, partition, clog
    case slowNode = "slow-node"
    case lossBurst = "loss-burst"
    case clockStep = "clock-step"
    case diskErrors = "disk-errors"
    case failingSyncs = "failing-syncs"
    case fullDisk = "full-disk"
    case bitFlips = "bit-flips"
    case lostWrites = "lost-writes"
    case misdirectedWrites = "misdirected-writes"
    case damagedFiles = "damaged-files"
    case membershipChange = "membership-change"
    case replacement
    case rollingRestart = "rolling-restart"
    case slowDisk = "slow-disk"
    case restore
    case lateStart = "late-start"
    case copiedFolder = "copied-folder"
}

/// How a node is stopped for the backup that is put back later.
package enum BackupKind: Hashable, Sendable, CaseIterable {
    case cleanStop, crash
    /// Not at all: its files are saved while it runs.
    case running
}

/// What of a node's files is put back.
package enum BackupPart: Hashable, Sendable, CaseIterable {
    /// The whole data folder.
    case folder
    /// The stores of all shards; what lies beside them stays.
    case stores
    /// The records of the first shard.
    case records

    /// The paths of the files begin with this.
    var prefix: String {
        switch self {
        case .folder: "/"
        case .stores: "/data/shard-"
        case .records: "/data/shard-0/records/"
        }
    }
}

/// What one fault does. Nodes by number.
package enum FaultKind: Hashable, Sendable {
    case crash(Int)
    case stop(Int)
    case pause(Int)
    case wipe(Int)
    /// - Parameter flapMilliseconds: the cut comes and goes at this pace; 0 for one that stays.
    case partition(PartitionShape, flapMilliseconds: Int)
    case clog(from: Int, to: Int)
    case slowNode(Int, factor: Double)
    case lossBurst(loss: Double, duplication: Double, reordering: Double)
    /// - Parameter isMomentary: whether it steps back to true time when the fault ends.
    case clockStep(Int, milliseconds: Int, isMomentary: Bool)
    case diskErrors(Int, probability: Double)
    case failingSyncs(Int)
    case fullDisk(Int)
    case bitFlips(Int, count: Int)
    case lostWrites(Int, probability: Double)
    case misdirectedWrites(Int, probability: Double)
    /// A node stops in order; before its next start files of its stores are gone, cut short or overwritten.
    case damagedFiles(Int, count: Int)
    /// An outsider joins, or where the node is a member already, it leaves.
    case membershipChange(Int)
    /// An outsider joins, and when it owns its ranges, a member leaves.
    case replacement(of: Int, by: Int)
    case rollingRestart(pauseMilliseconds: Int)
    case slowDisk(Int, factor: Double)
    /// A member that is not there when the cluster begins: it starts for the first time when the fault ends.
    case lateStart(Int)
    /// A node stops in order, and its data folder is copied and takes its own place: nothing is lost, but the node cannot know.
    case copiedFolder(Int)
    /// Its files are saved, and put back later.
    /// - Parameter asCopies: as copies of files; otherwise as the same files, moved away and moved back, or as a snapshot of
    ///   the volume.
    case restore(Int, BackupKind, BackupPart, asCopies: Bool)

    package var faultClass: FaultClass {
        switch self {
        case .crash: .crash
        case .stop: .stop
        case .pause: .pause
        case .wipe: .wipe
        case .partition: .partition
        case .clog: .clog
        case .slowNode: .slowNode
        case .lossBurst: .lossBurst
        case .clockStep: .clockStep
        case .diskErrors: .diskErrors
        case .failingSyncs: .failingSyncs
        case .fullDisk: .fullDisk
        case .bitFlips: .bitFlips
        case .lostWrites: .lostWrites
        case .misdirectedWrites: .misdirectedWrites
        case .damagedFiles: .damagedFiles
        case .membershipChange: .membershipChange
        case .replacement: .replacement
        case .rollingRestart: .rollingRestart
        case .slowDisk: .slowDisk
        case .restore: .restore
        case .lateStart: .lateStart
        case .copiedFolder: .copiedFolder
        }
    }
}

/// One fault of a run's plan.
package struct PlannedFault: Hashable, Sendable {
    /// Its number in the whole plan, by which a replay keeps or leaves it out.
    package let number: Int
    /// When it begins, in nanoseconds from the beginning of the safety phase.
    package let begin: Int64
    /// How long it lasts, in nanoseconds.
    package let length: Int64
    package let kind: FaultKind
}
