internal import StatorCore

/// The replica's side: store what a coordinator replicates, answer its reads, keep hints for others.
extension ShardMachine {
    mutating func receiveWrite(_ write: ReplicaWrite, from sender: NodeID) {
        counters.replicaWrites += 1
        if let refusal = refusal(of: write.record.token, epoch: write.epoch) {
            send(.writeReply(write.request, .refused(refusal)), to: sender)
            return
        }
        let record = write.record
        guard let target = write.hintFor, target != node else {
            if write.purpose == .readRepair { noteRepair(record.key) }
            if mergeAtOnce(record, write.request, from: sender) { return }
            enqueue(.merge(record, .replica(sender, write.request)), on: .records(record.token, record.key))
            return
        }
        // Nobody would hear of hints at a node that has left.
        guard isMember else {
            send(.writeReply(write.request, .refused(.notOwner)), to: sender)
            return
        }
        guard blueprint.hints.areKept, takesHints else {
            counters.hintsRefused += 1
            send(.writeReply(write.request, .refused(.hintsFull)), to: sender)
            return
        }
        let key = StoreKey.hint(for: target, record.token, record.key)
        enqueue(.merge(hintRecord(record, key), .replica(sender, write.request)), on: key)
    }

    private mutating func refusal(of token: Token, epoch: Epoch) -> Refusal? {
        if storageFailure != nil { return .storageFailed }
        if isStarting || queuedTasks + pendingStorage.count >= ReplicationLimits.maximumTasks { return .overloaded }
        guard cluster != nil else { return .notOwner }
        if ownersChanged(of: token, since: epoch) {
            counters.staleEpochs += 1
            return .staleEpoch(self.epoch)
        }
        return nil
    }

    mutating func receiveRead(_ read: ReplicaRead, from sender: NodeID) {
        counters.replicaReads += 1
        if let refusal = refusal(of: read.token, epoch: read.epoch) {
            send(.readReply(read.request, .refused(refusal)), to: sender)
            return
        }
        if read.isStandIn {
            gatherStandInRecords(read.token, read.key, then: .standIn(sender, read.request, read.key))
        } else if !answerAtOnce(read, to: sender) {
            let counts = !isRecovering(read.token)
            let task = KeyTask.read(.replica(sender, read.request, counts: counts, known: read.known))
            enqueue(task, on: .records(read.token, read.key))
        }
    }

    /// Loads what this node holds of a key as its own and as hints for any owner.
    mutating func gatherStandInRecords(_ token: Token, _ key: Key, then purpose: Gather.Purpose) {
        var keys: [StoreKey] = [.records(token, key)]
        for target in hintBook.targets where hintBook.entry(target, key) != nil {
            keys.append(.hint(for: target, token, key))
        }
        gather(keys, then: purpose)
    }

    mutating func finishMerge(_ incoming: StoredRecord, _ purpose: MergePurpose, _ outcome: TaskOutcome) {
        switch purpose {
        case .replica(let peer, let id):
            let reply: WriteOutcome = outcome.isFailure ? .refused(.storageFailed) : .stored(hadLive: outcome.hadLive)
            send(.writeReply(id, reply), to: peer)
        case .operation(let id):
            if outcome.isFailure {
                noteWriteFailure(id, of: node)
            } else {
                noteWriteAnswer(id, of: node, hadLive: outcome.hadLive)
            }
        case .pushed(let batch): finishPushed(incoming, batch, outcome)
        case .repaired: break
        case .streamed(let stream): finishStreamed(stream, outcome)
        case .hintRelay(let id): receiveDeliveryOutcome(id, isStored: !outcome.isFailure, from: node)
        }
    }

    mutating func finishRemove(_ purpose: RemovePurpose, _ key: StoreKey, _ outcome: TaskOutcome) {
        switch purpose {
        case .corrupt: break
        case .unowned:
            if case .changed = outcome {
                counters.recordsDropped += 1
                recordsForgotAt = dotsIssued
            }
        case .hintDone(let end):
            guard case .changed = outcome, let hint = HintKey.decoded(key.key) else { return }
            guard hintBook.remove(hint.target, hint.key) else { return }
            switch end {
            case .delivered: counters.hintsDelivered += 1
            case .expired: counters.hintsExpired += 1
            case .cancelled: counters.hintsCancelled += 1
            }
            noteStreamed()
        }
    }
}
