/// Branches of a shard that handle a fault, a race or a limit, each with a name. A campaign of simulations counts how often
/// each was reached: a branch that no run enters is tested by nobody.
package enum ReachProbe: UInt8, CaseIterable, Sendable {
    // The machine.
    case viewOlderIgnored
    case viewAdoptedWhileStarting

    // Coordinator: who takes a request.
    case requestRefused
    case requestShed
    case quorumImpossible
    case contextRefused
    case forwardDeclined
    case forwardedToNonOwner
    case forwardLost
    case forwardTimedOut
    case coordinatorMissing
    case coordinatedAsStandIn
    case peerCannotStore
    case coordinatorCannotStore

    // Coordinator: writes.
    case writeWaitsForDots
    case writeFreshened
    case preconditionFailed
    case preconditionUnread
    case turnOfEndedWrite
    case turnUnreadable
    case recordNotMade
    case ownWriteFailed
    case ownWriteRefused
    case laggardLeft
    case standInAsked
    case standInIsCoordinator
    case standInIsFull
    case writeAskedAgain
    case writeBehindView
    case writeRefused
    case writeReplicaSilent
    case writeQuorumUnmet
    case writeTimedOut
    case writeReplanned

    // Coordinator: reads.
    case readStandInAsked
    case readAskedAgain
    case readSameOfOldView
    case readBehindView
    case readRefused
    case readNotCounted
    case readOwnerInsteadAsked
    case readHedged
    case readHedgeWithoutBudget
    case readReplicaSilent
    case readQuorumUnmet
    case readTimedOut
    case readReplanned
    case readRepaired
    case readRepairedHere
    case explainWithoutPeer

    // Coordinator: corrupt records.
    case healingBegun
    case healingMerged
    case healingRemoved
    case healingLetGo
    case healingGivenUp
    case healingOfMany

    // Work on keys.
    case taskWaits
    case readsBegunTogether
    case loadFailed
    case loadCorrupt
    case corruptReplaced
    case applyFailed
    case applyRefused
    case storeRefuses
    case cachedForgotten
    case mergeUnchanged
    case mergeRefusedDigest
    case mergeFailed
    case mergeTooLarge
    case recordTooLarge
    case removalSuperseded
    case removalOfCorrupt
    case scanFailed

    // Replica.
    case replicaStorageFailed
    case replicaOverloaded
    case replicaStaleEpoch
    case hintRefusedByOutsider
    case hintRefusedFull
    case readAsStandIn

    // Clocks.
    case timestampBounded

    // Hints.
    case hintSuperseded
    case hintShared
    case hintRelayed
    case hintSupersededInDelivery
    case hintUnreadable
    case deliveryRefused
    case deliveryTimedOut
    case deliveryLost
    case deliveryWithoutReceivers
    case hintsCarriedOver
    case hintsHoldUpLeaving

    // Anti-entropy.
    case roundStillUnderWay
    case sessionRefusedHere
    case sessionRefusedForLimit
    case sessionRefusedByPeer
    case sessionTimedOut
    case sessionLost
    case syncMessageLate
    case sessionForgotten
    case exchangeLate
    case pushOfUnowned
    case pushDiffersAfterMerge
    case messageCut
    case exchangeRefusedForLimit
    case recordWithheld

    // Streams of ranges.
    case gainPlanned
    case recoveryPlanned
    case recoveryEndedByLeaving
    case recoveryEndedWithAllHeard
    case recoveryEndedByFounding
    case streamRefused
    case streamSilent
    case streamSourceLost
    case streamFromRecovering
    case streamRecordFailed
    case streamPageLate
    case transferRefusedEpoch
    case transferRefusedStarting
    case transferRefusedRange
    case transferRefusedStorage
    case transferRefusedForLimit
    case pageCut
    case pageUnreadable

    // Hand-over.
    case handOverIncomplete
    case handOverRefused
    case handOverPushed
    case handOverUnreadable
    case handOverSilent
    case handOverLost
    case coverRefused
    case coverRefusedForLimit
    case recordDropped
}
