/// Every plant, in the order of the table.
enum AllPlants {
    static let list: [any Plant.Type] = [
        // What disks hold.
        NoSyncBeforeAcknowledgement.self, SyncConfirmedBeforeItRan.self, FailedSyncAcknowledged.self,
        OlderRecordRecovered.self, RemovalUndoneByRecovery.self, WriteDroppedByEngine.self, AppliesReordered.self,
        StaleRecordRead.self, RecordOfAnotherKey.self, CorruptBytesReturned.self, TombstoneReapedEarly.self,
        RemovalIgnored.self,
        // Dots and versions.
        CrashedNodeKeepsIncarnation.self, WipedNodeKeepsIncarnation.self, WitnessConfirmsAnything.self,
        ContextClaimsTooMuch.self,
        ContextIgnored.self, LosersStayVisible.self, ClockBeatsContext.self, MergeLosesOneSide.self,
        MergeDependsOnOrder.self, WriteSwallowed.self, TombstoneLosesMerge.self,
        // Requests.
        WriteQuorumShort.self, ReplicaKeepsOlder.self, ReadQuorumShort.self, ReadRepairOverwrites.self,
        AnswersLost.self, RefusedThoughDone.self, ForwardSentTwice.self, ReadsRefusedDuringTransfer.self,
        ConditionIgnored.self,
        // Hints.
        HintNeverStored.self, HintsForgottenAtRestart.self, HintDroppedBeforeConfirmation.self,
        HandoffOfOlderVersion.self, OldestHintEvicted.self, HintCountedTwice.self,
        // Anti-entropy.
        MerkleLeafNotUpdated.self, MerkleLeafCountedTwice.self, SyncNeverPulls.self, SyncSendsWhatIsEqual.self,
        FailedSessionKept.self,
        // The ring and who is in it.
        TransferEndsEarly.self, ScanSkipsEndOfPage.self, TransferMoves.self, HandOverIsNotCompared.self,
        RangeLacksAReplica.self,
        PlacementDiffers.self, NewRingIgnored.self, RingSwitchedTooEarly.self, RecoverySkipped.self,
        DamagePassedOver.self, PutBackStoresCount.self,
        RecoveringAnswersCount.self,
        DeadForever.self,
        // What breaks no promise under faults.
        DeadNeverNoticed.self, FirstWriteMistaken.self, ChangeNeverEnds.self,
    ]
}
