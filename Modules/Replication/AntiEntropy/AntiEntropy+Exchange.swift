internal import NIOCore
internal import Partitioning
internal import StatorCore
internal import Sync

/// Records that a session pushed here, being merged one by one.
struct PushedBatch {
    let session: SessionID
    let request: RequestID
    let peer: NodeID
    var remaining: Int
    /// Why not all of them are held here now: the session cannot succeed.
    var failure: String?
    /// What differs from the pushed records after merging, to be sent back.
    var differing: [StoredRecord] = []
}

/// Carries out what the sync strategy asks for: messages, listings, pushes and pulls of records.
extension AntiEntropy {
    /// Runs the strategy on one event and carries out its effects.
    mutating func synchronize(_ event: SyncEvent, _ context: inout ShardContext, _ keys: inout KeyWork) {
        flushChanges(&context)
        var effects = Outbox<SyncEffect>()
        synchronizer.handle(event, outbox: &effects)
        for effect in effects.drain() { carryOut(effect, &context, &keys) }
    }

    private mutating func carryOut(_ effect: SyncEffect, _ context: inout ShardContext, _ keys: inout KeyWork) {
        switch effect {
        case .send(let id, let peer, let bytes):
            guard let session = sessions[id] else { return }
            noteSent(id, bytes: bytes.readableBytes, records: 0, &context)
            let isFirst = session.isInitiator && !session.hasSent
            sessions[id]?.hasSent = true
            let payload = SyncPayload(
                session: id, epoch: context.epoch, range: session.range, strategy: context.blueprint.kinds.sync,
                isFirst: isFirst, bytes: bytes)
            context.send(.sync(payload), to: peer)
        case .list(let id, let listing, let range, let cursor, let limit):
            guard sessions[id] != nil else { return }
            let bounded = min(limit, SyncLimits.maximumListing)
            keys.scan(
                range, after: cursor, limit: bounded, in: .records, for: .listing(id, listing), &context)
        case .push(let id, _, let names):
            guard sessions[id] != nil else { return }
            sessions[id]?.outstanding += 1
            let wanted = names.map { StoreKey.records($0.token, $0.key) }
            if let gather = keys.gather(wanted, for: .push(id), &context) {
                sendPush(id, gather, &context, &keys)
            }
        case .pull(let id, let peer, let names):
            guard sessions[id] != nil else { return }
            let request = context.newRequestID()
            begin(request, in: id)
            context.send(.syncPull(id, request, names), to: peer)
        case .finished(let id, let report):
            sessions[id]?.report = report
            settleSession(id, &context, &keys)
        }
    }

    private mutating func noteSent(_ id: SessionID, bytes: Int, records: Int, _ context: inout ShardContext) {
        sessions[id]?.bytesSent += bytes
        sessions[id]?.recordsSent += records
        context.counters.syncBytesSent += bytes
        context.counters.syncRecordsSent += records
    }

    private mutating func noteReceived(_ id: SessionID, records: Int, _ context: inout ShardContext) {
        sessions[id]?.recordsReceived += records
        sessions[id]?.lastHeard = context.now.monotonic
        context.counters.syncRecordsReceived += records
    }

    /// A listing that a session asked for.
    mutating func finishListing(
        _ id: SessionID, _ listing: ListingID, _ entries: [RecordMetadata], next: ScanCursor?,
        _ context: inout ShardContext, _ keys: inout KeyWork
    ) {
        guard sessions[id] != nil else { return }
        synchronize(.listed(id, listing, entries: entries, next: next), &context, &keys)
    }

    mutating func receiveSync(
        _ payload: SyncPayload, from sender: NodeID, _ context: inout ShardContext, _ keys: inout KeyWork
    ) {
        let id = payload.session
        if let session = sessions[id] {
            guard session.peer == sender, session.range == payload.range else { return }
            sessions[id]?.lastHeard = context.now.monotonic
        } else {
            // A late answer to a session that ended here, or the initiator goes on with one that failed here.
            guard id.initiator == sender else { return context.reach(.syncMessageLate) }
            guard payload.isFirst else {
                context.reach(.sessionForgotten)
                context.send(.syncRefused(id, "\(context.node) does not know this session"), to: sender)
                return
            }
            if let reason = refusal(of: payload, from: sender, &context) {
                context.reach(.sessionRefusedHere)
                context.send(.syncRefused(id, reason), to: sender)
                return
            }
            open(id, with: sender, payload.range, isInitiator: false, &context)
        }
        synchronize(.message(id, from: sender, range: payload.range, bytes: payload.bytes), &context, &keys)
    }

    private func refusal(of payload: SyncPayload, from sender: NodeID, _ context: inout ShardContext) -> String? {
        if context.isStarting || context.isStopping { return "\(context.node) is starting or stopping" }
        if respondingSessions >= ReplicationLimits.maximumRespondingSessions {
            context.reach(.sessionRefusedForLimit)
            return "\(context.node) has enough sessions"
        }
        if payload.strategy != context.blueprint.kinds.sync {
            return "\(context.node) syncs by \(context.blueprint.kinds.sync), not by \(payload.strategy)"
        }
        let shared = context.cluster?.placement?.sharedRanges(context.node, sender) ?? []
        let isShared = shared.contains { $0.contains(payload.range) } && context.shardRange.contains(payload.range)
        return isShared
            ? nil : "\(context.node) does not own \(payload.range) together with \(sender) in epoch \(context.epoch)"
    }

    // MARK: Records

    mutating func sendPush(
        _ id: SessionID, _ gather: Gather, _ context: inout ShardContext, _ keys: inout KeyWork
    ) {
        guard let session = sessions[id] else { return }
        if gather.failures > 0 { return giveUp(id, AntiEntropy.unreadable, &context, &keys) }
        sessions[id]?.outstanding -= 1
        let records = admitted(gather.records, to: session.peer, &context)
        for part in parts(of: records) { push(part, in: id, to: session.peer, &context) }
        if records.count < gather.records.count { return giveUp(id, AntiEntropy.withheld, &context, &keys) }
        settleSession(id, &context, &keys)
    }

    mutating func receivePush(
        _ id: SessionID, _ request: RequestID, _ records: [StoredRecord], from sender: NodeID,
        _ context: inout ShardContext, _ keys: inout KeyWork
    ) {
        let sound = records.filter { context.owns($0.token) }
        if sound.count < records.count { context.reach(.pushOfUnowned) }
        noteReceived(id, records: records.count, &context)
        guard !context.isStarting, !sound.isEmpty else {
            let reason = context.isStarting ? "\(context.node) is starting" : AntiEntropy.unowned
            return refuse(id, reason, to: sender, &context, &keys)
        }
        let batch = BatchID(number: context.newRequestID().number)
        batches[batch] = PushedBatch(
            session: id, request: request, peer: sender, remaining: sound.count,
            failure: sound.count < records.count ? AntiEntropy.unowned : nil)
        for record in sound {
            let key = StoreKey.records(record.token, record.key)
            if let outcome = keys.merge(record, on: key, for: .pushed(batch), &context) {
                finishPushed(record, batch, outcome, &context, &keys)
            }
        }
    }

    mutating func finishPushed(
        _ incoming: StoredRecord, _ id: BatchID, _ outcome: TaskOutcome, _ context: inout ShardContext,
        _ keys: inout KeyWork
    ) {
        guard var batch = batches.removeValue(forKey: id) else { return }
        batch.remaining -= 1
        if case .changed = outcome { context.noteRepair(incoming.key) }
        if outcome.isFailure { batch.failure = AntiEntropy.unmerged }
        if let merged = outcome.record, merged.digest != incoming.digest {
            context.reach(.pushDiffersAfterMerge)
            batch.differing.append(merged)
        }
        guard batch.remaining == 0 else {
            batches[id] = batch
            return
        }
        if let failure = batch.failure { return refuse(batch.session, failure, to: batch.peer, &context, &keys) }
        noteSent(batch.session, bytes: size(of: batch.differing), records: batch.differing.count, &context)
        context.send(.syncMerged(batch.session, batch.request, batch.differing), to: batch.peer)
    }

    mutating func receivePull(
        _ id: SessionID, _ request: RequestID, _ names: [KeyReference], from sender: NodeID,
        _ context: inout ShardContext, _ keys: inout KeyWork
    ) {
        guard !context.isStarting, names.count <= SyncLimits.maximumKeys else {
            return refuse(id, "\(context.node) is starting, or was asked for too much", to: sender, &context, &keys)
        }
        sessions[id]?.lastHeard = context.now.monotonic
        let wanted = names.map { StoreKey.records($0.token, $0.key) }
        if let gather = keys.gather(wanted, for: .pulled(id, request, sender), &context) {
            sendPulled(id, request, gather, to: sender, &context, &keys)
        }
    }

    mutating func sendPulled(
        _ id: SessionID, _ request: RequestID, _ gather: Gather, to peer: NodeID, _ context: inout ShardContext,
        _ keys: inout KeyWork
    ) {
        if gather.failures > 0 { return refuse(id, AntiEntropy.unreadable, to: peer, &context, &keys) }
        let records = admitted(gather.records, to: peer, &context)
        let parts = parts(of: records)
        let answer = parts.first ?? []
        noteSent(id, bytes: size(of: answer), records: answer.count, &context)
        context.send(.syncPulled(id, request, answer), to: peer)
        if parts.count > 1 { context.reach(.pulledInParts) }
        // What one message does not hold follows as pushes, each with its own answer.
        for part in parts.dropFirst() { push(part, in: id, to: peer, &context) }
        if records.count < gather.records.count { refuse(id, AntiEntropy.withheld, to: peer, &context, &keys) }
    }

    /// Those that are not withheld.
    private mutating func admitted(
        _ records: [StoredRecord], to peer: NodeID, _ context: inout ShardContext
    ) -> [StoredRecord] {
        var admitted: [StoredRecord] = []
        admitted.reserveCapacity(records.count)
        for record in records {
            if resends.admits(record, to: peer, &context) {
                admitted.append(record)
            } else {
                context.counters.syncRecordsWithheld += 1
                context.reach(.recordWithheld)
            }
        }
        return admitted
    }

    private mutating func push(_ part: [StoredRecord], in id: SessionID, to peer: NodeID, _ context: inout ShardContext)
    {
        let request = context.newRequestID()
        begin(request, in: id)
        noteSent(id, bytes: size(of: part), records: part.count, &context)
        context.send(.syncPush(id, request, part), to: peer)
    }

    /// The answer to a push or a pull: merge what came.
    mutating func receiveExchanged(
        _ id: SessionID, _ request: RequestID, _ records: [StoredRecord], from sender: NodeID,
        _ context: inout ShardContext, _ keys: inout KeyWork
    ) {
        guard exchanges.removeValue(forKey: request) == id else { return context.reach(.exchangeLate) }
        sessions[id]?.requests.remove(request)
        noteReceived(id, records: records.count, &context)
        for record in records {
            guard context.owns(record.token) else { return giveUp(id, AntiEntropy.unowned, &context, &keys) }
            context.noteRepair(record.key)
            sessions[id]?.outstanding += 1
            let key = StoreKey.records(record.token, record.key)
            if let outcome = keys.merge(record, on: key, for: .exchanged(id), &context) {
                finishExchanged(id, outcome, &context, &keys)
            }
        }
        endExchange(id, &context, &keys)
    }

    /// A record that came in an answer was merged, or was not.
    mutating func finishExchanged(
        _ id: SessionID, _ outcome: TaskOutcome, _ context: inout ShardContext, _ keys: inout KeyWork
    ) {
        if outcome.isFailure { return giveUp(id, AntiEntropy.unmerged, &context, &keys) }
        endExchange(id, &context, &keys)
    }

    private mutating func begin(_ request: RequestID, in id: SessionID) {
        exchanges[request] = id
        sessions[id]?.requests.insert(request)
        sessions[id]?.outstanding += 1
    }

    private mutating func endExchange(_ id: SessionID, _ context: inout ShardContext, _ keys: inout KeyWork) {
        sessions[id]?.outstanding -= 1
        settleSession(id, &context, &keys)
    }

    // MARK: Failing

    private static let unreadable = "a record could not be read"
    private static let withheld = "a record was not merged there before, and is sent again later"
    private static let unmerged = "a record could not be merged"
    private static let unowned = "a record has another owner now"

    /// What the peer asked for cannot be done in full, so that the session must not be taken for a success at either end.
    private mutating func refuse(
        _ id: SessionID, _ reason: String, to peer: NodeID, _ context: inout ShardContext, _ keys: inout KeyWork
    ) {
        context.reach(.sessionRefusedHere)
        context.send(.syncRefused(id, reason), to: peer)
        if sessions[id]?.peer == peer { close(id, failure: reason, &context, &keys) }
    }

    /// The session cannot succeed here.
    private mutating func giveUp(
        _ id: SessionID, _ reason: String, _ context: inout ShardContext, _ keys: inout KeyWork
    ) {
        guard let session = sessions[id] else { return }
        refuse(id, reason, to: session.peer, &context, &keys)
    }

    /// A listing failed.
    mutating func failListing(_ id: SessionID, _ context: inout ShardContext, _ keys: inout KeyWork) {
        giveUp(id, "the records cannot be listed", &context, &keys)
    }

    /// Cuts records into messages of bounded size.
    private func parts(of records: [StoredRecord]) -> [[StoredRecord]] {
        var parts: [[StoredRecord]] = []
        var bytes = 0
        for record in records {
            let isFull =
                bytes > ReplicationLimits.bytesPerMessage
                || parts.last.map { $0.count >= ReplicationLimits.recordsPerMessage } ?? true
            if isFull {
                parts.append([])
                bytes = 0
            }
            parts[parts.count - 1].append(record)
            bytes += record.body.readableBytes
        }
        return parts
    }

    private func size(of records: [StoredRecord]) -> Int {
        records.reduce(0) { $0 + $1.body.readableBytes + $1.key.bytes.readableBytes + 32 }
    }
}
