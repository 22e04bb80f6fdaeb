/// What has to happen in a campaign for a branch to be due.
package enum ReachCondition: String, CaseIterable, Sendable {
    /// Nodes die or stop, and start again.
    case restarts
    /// Links fail, by themselves or because a node is gone.
    case cuts
    /// Nodes or links are slow or silent, and links stay.
    case silence
    /// Disks come back empty.
    case wipes
    /// Calls of disks fail.
    case diskErrors = "disk-errors"
    /// Bytes on disks change.
    case corruption
    /// Members join and leave.
    case ringChanges = "ring-changes"
    /// Fallbacks stand in for owners.
    case sloppy
    /// Reads ask one owner more after a while.
    case hedging
}

extension ReachProbe {
    /// A campaign of some hundred runs in which all of these occur has to reach the branch; `nil` for one that is met too
    /// rarely, or by no simulated client.
    package var conditions: [ReachCondition]? {
        switch self {
        case .writeWaitsForDots: [.restarts]
        case .requestRefused, .forwardDeclined, .writeRefused, .readRefused: [.restarts]
        case .forwardLost, .readReplicaSilent, .readQuorumUnmet, .sessionLost: [.cuts]
        case .writeReplicaSilent, .writeTimedOut, .readTimedOut, .forwardTimedOut, .sessionTimedOut: [.silence]
        case .preconditionFailed, .taskWaits, .readsBegunTogether, .mergeUnchanged, .readRepaired, .readRepairedHere,
            .pushDiffersAfterMerge:
            []
        case .standInAsked, .readStandInAsked, .readAsStandIn, .coordinatedAsStandIn: [.cuts, .sloppy]
        case .hintSupersededInDelivery, .deliveryTimedOut, .deliveryWithoutReceivers: [.cuts, .sloppy]
        case .deliveryRefused: [.restarts, .sloppy]
        case .hintSuperseded, .deliveryLost, .hintsCarriedOver: [.cuts, .restarts, .sloppy]
        case .writeFreshened, .readNotCounted, .recoveryPlanned, .streamFromRecovering: [.wipes]
        case .streamRefused: [.wipes, .restarts]
        case .applyRefused, .storeRefuses, .ownWriteRefused, .peerCannotStore: [.diskErrors]
        case .applyFailed, .cachedForgotten, .ownWriteFailed, .loadFailed, .scanFailed: [.diskErrors]
        case .replicaStorageFailed, .sessionRefusedHere, .sessionRefusedByPeer: [.diskErrors]
        case .loadCorrupt: [.corruption]
        case .gainPlanned, .recordDropped,
            .replicaStaleEpoch, .transferRefusedEpoch, .writeReplanned, .readReplanned:
            [.ringChanges]
        case .readHedged: [.hedging, .silence]
        default: nil
        }
    }
}
