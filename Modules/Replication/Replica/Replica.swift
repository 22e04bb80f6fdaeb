internal import ConflictResolution
internal import StatorCore

/// The replica's side: stores what a coordinator replicates, answers its reads, keeps hints for others.
///
/// It owns nothing: what is under way is work on keys, and its answer goes to whom the purpose names.
///
/// Rules (DESIGN, section 5): a write is confirmed when it has reached its durability; a replica whose ownership changed
/// since the request's epoch refuses it; a fallback that stores nothing does not count to W; answers about a range that
/// is being recovered do not count to R, nor those from hints while the shard is in doubt.
struct Replica {
    func receive(_ write: ReplicaWrite, from sender: NodeID, _ base: inout ShardBase) {
        base.context.counters.replicaWrites += 1
        if let refusal = base.refusal(of: write.record.token, epoch: write.epoch) {
            return refuse(write, refusal == .storageFailed ? .cannotStore : refusal, to: sender, &base)
        }
        if let target = write.hintFor, target != base.context.node {
            keep(write, asHintFor: target, from: sender, &base)
        } else {
            guard base.context.takesWrites(.records) else { return refuse(write, .cannotStore, to: sender, &base) }
            if write.purpose == .readRepair { base.context.noteRepair(write.record.key) }
            merge(write.record, on: .records(write.record.token, write.record.key), write.request, sender, &base)
        }
    }

    private func keep(
        _ write: ReplicaWrite, asHintFor target: NodeID, from sender: NodeID, _ base: inout ShardBase
    ) {
        // Nobody would hear of hints at a node that has left.
        guard base.context.isMember else {
            base.context.reach(.hintRefusedByOutsider)
            return refuse(write, .notOwner, to: sender, &base)
        }
        guard base.context.blueprint.hints.areKept, base.hints.takesHints(&base.context) else {
            base.context.counters.hintsRefused += 1
            base.context.reach(.hintRefusedFull)
            return refuse(write, .hintsFull, to: sender, &base)
        }
        let key = StoreKey.hint(for: target, write.record.token, write.record.key)
        merge(base.context.hintRecord(write.record, key), on: key, write.request, sender, &base)
    }

    private func refuse(_ write: ReplicaWrite, _ refusal: Refusal, to sender: NodeID, _ base: inout ShardBase) {
        base.context.send(.writeReply(write.request, .refused(refusal)), to: sender)
    }

    private func merge(
        _ record: StoredRecord, on key: StoreKey, _ request: RequestID, _ sender: NodeID, _ base: inout ShardBase
    ) {
        let purpose = MergePurpose.replica(sender, request)
        guard let outcome = base.keys.merge(record, on: key, for: purpose, &base.context) else { return }
        if key.store == .hints { base.noteHintStored(key, outcome) }
        finishMerge(sender, request, outcome, &base)
    }

    /// A coordinator's record is durable here, or could not be made so.
    func finishMerge(_ sender: NodeID, _ request: RequestID, _ outcome: TaskOutcome, _ base: inout ShardBase) {
        let reply: WriteOutcome =
            switch outcome {
            case .failed, .corrupt: .refused(.storageFailed)
            case .refused: .refused(base.context.takesWrites(.records) ? .overloaded : .cannotStore)
            case .held, .unchanged, .changed: .stored(hadLive: outcome.hadLive)
            }
        base.context.send(.writeReply(request, reply), to: sender)
    }

    // MARK: Reads

    func receive(_ read: ReplicaRead, from sender: NodeID, _ base: inout ShardBase) {
        base.context.counters.replicaReads += 1
        if let refusal = base.refusal(of: read.token, epoch: read.epoch) {
            base.context.send(.readReply(read.request, .refused(refusal)), to: sender)
            return
        }
        if read.isStandIn {
            base.context.reach(.readAsStandIn)
            let purpose = Gather.Purpose.standIn(sender, read.request, read.key)
            if let gather = base.gatherStandIn(read.token, read.key, for: purpose) {
                finishStandIn(sender, read.request, read.key, gather, &base)
            }
            return
        }
        let counts = !base.context.isRecovering(read.token)
        if let known = read.known, base.keys.isHeld(known, read.key, token: read.token) {
            base.context.send(.readReply(read.request, .same(known, counts: counts)), to: sender)
            return
        }
        let purpose = ReadPurpose.replica(sender, read.request, counts: counts, known: read.known)
        let key = StoreKey.records(read.token, read.key)
        guard let outcome = base.keys.read(key, for: purpose, &base.context) else { return }
        finishRead(sender, read.request, counts: counts, known: read.known, outcome, &base)
    }

    /// - Parameters:
    ///   - counts: whether the answer counts to R, settled when the read came in.
    ///   - known: of the record that the coordinator holds itself.
    func finishRead(
        _ sender: NodeID, _ request: RequestID, counts: Bool, known: Digest?, _ outcome: TaskOutcome,
        _ base: inout ShardBase
    ) {
        let reply: ReadOutcome
        if case .corrupt = outcome {
            reply = .refused(.corrupt)
        } else if outcome.isFailure {
            reply = .refused(.storageFailed)
        } else if let known, case .held(let record?) = outcome, record.digest == known {
            reply = .same(known, counts: counts)
        } else {
            reply = .held(outcome.record, counts: counts)
        }
        base.context.send(.readReply(request, reply), to: sender)
    }

    /// A fallback's answer, from its own data and its hints.
    func finishStandIn(
        _ sender: NodeID, _ request: RequestID, _ key: Key, _ gather: Gather, _ base: inout ShardBase
    ) {
        let reply: ReadOutcome =
            gather.failures > 0
            ? .refused(.storageFailed)
            : .held(base.context.mergedStandIn(gather.records, key), counts: !base.context.isInDoubt)
        base.context.send(.readReply(request, reply), to: sender)
    }
}
