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
    /// What differs from the pushed records after merging, to be sent back.
    var differing: [StoredRecord] = []
}

/// Carries out what the sync strategy asks for: messages, listings, pushes and pulls of records.
extension ShardMachine {
    /// Runs the strategy on one event and carries out its effects.
    mutating func synchronize(_ event: SyncEvent) {
        flushChanges()
        var effects = Outbox<SyncEffect>()
        flushChanges()
        synchronizer.handle(event, outbox: &effects)
        for effect in effects.drain() { carryOut(effect) }
    }

    private mutating func carryOut(_ effect: SyncEffect) {
        switch effect {
        case .send(let id, let peer, let bytes):
            guard let session = sessions[id] else { return }
            noteSent(id, bytes: bytes.readableBytes, records: 0)
            let payload = SyncPayload(
                session: id, epoch: epoch, range: session.range, strategy: blueprint.kinds.sync, bytes: bytes)
            send(.sync(payload), to: peer)
        case .list(let id, let listing, let range, let cursor, let limit):
            guard sessions[id] != nil else { return }
            let bounded = min(limit, SyncLimits.maximumListing)
            command(.scan(range, after: cursor, limit: bounded), on: .records, for: .scan(.listing(id, listing)))
        case .push(let id, _, let keys):
            guard sessions[id] != nil else { return }
            sessions[id]?.outstanding += 1
            gather(keys.map { .records($0.token, $0.key) }, then: .push(id))
        case .pull(let id, let peer, let keys):
            guard sessions[id] != nil else { return }
            let request = newRequestID()
            exchanges[request] = id
            sessions[id]?.outstanding += 1
            send(.syncPull(id, request, keys), to: peer)
        case .finished(let id, let report):
            sessions[id]?.report = report
            settleSession(id)
        }
    }

    private mutating func noteSent(_ id: SessionID, bytes: Int, records: Int) {
        sessions[id]?.bytesSent += bytes
        sessions[id]?.recordsSent += records
        counters.syncBytesSent += bytes
        counters.syncRecordsSent += records
    }

    private mutating func noteReceived(_ id: SessionID, records: Int) {
        sessions[id]?.recordsReceived += records
        sessions[id]?.lastHeard = now.monotonic
        counters.syncRecordsReceived += records
    }

    mutating func receiveSync(_ payload: SyncPayload, from sender: NodeID) {
        let id = payload.session
        if let session = sessions[id] {
            guard session.peer == sender, session.range == payload.range else { return }
            sessions[id]?.lastHeard = now.monotonic
        } else {
            // Only the initiator's first message makes a session; a late answer to one that ended here does not.
            guard id.initiator == sender else { return }
            if let reason = refusal(of: payload, from: sender) {
                send(.syncRefused(id, reason), to: sender)
                return
            }
            open(id, with: sender, payload.range, isInitiator: false)
        }
        synchronize(.message(id, from: sender, range: payload.range, bytes: payload.bytes))
    }

    private func refusal(of payload: SyncPayload, from sender: NodeID) -> String? {
        if isStarting || isStopping { return "\(node) is starting or stopping" }
        if respondingSessions >= ReplicationLimits.maximumRespondingSessions { return "\(node) has enough sessions" }
        if payload.strategy != blueprint.kinds.sync {
            return "\(node) syncs by \(blueprint.kinds.sync), not by \(payload.strategy)"
        }
        let shared = cluster?.placement?.sharedRanges(node, sender) ?? []
        let isShared = shared.contains { $0.contains(payload.range) } && shardRange.contains(payload.range)
        return isShared ? nil : "\(node) does not own \(payload.range) together with \(sender) in epoch \(epoch)"
    }

    // MARK: Records

    mutating func sendPush(_ id: SessionID, _ records: [StoredRecord]) {
        guard let session = sessions[id] else { return }
        sessions[id]?.outstanding -= 1
        for part in parts(of: records) { push(part, in: id, to: session.peer) }
        settleSession(id)
    }

    mutating func receivePush(_ id: SessionID, _ request: RequestID, _ records: [StoredRecord], from sender: NodeID) {
        let sound = records.filter { owns($0.token) }
        noteReceived(id, records: records.count)
        guard !isStarting, !sound.isEmpty else {
            send(.syncMerged(id, request, []), to: sender)
            return
        }
        let batch = BatchID(number: newRequestID().number)
        batches[batch] = PushedBatch(session: id, request: request, peer: sender, remaining: sound.count)
        for record in sound { enqueue(.merge(record, .pushed(batch)), on: .records(record.token, record.key)) }
    }

    mutating func finishPushed(_ incoming: StoredRecord, _ id: BatchID, _ outcome: TaskOutcome) {
        guard var batch = batches.removeValue(forKey: id) else { return }
        batch.remaining -= 1
        if case .changed = outcome { noteRepair(incoming.key) }
        if let merged = outcome.record, merged.digest != incoming.digest { batch.differing.append(merged) }
        guard batch.remaining == 0 else {
            batches[id] = batch
            return
        }
        noteSent(batch.session, bytes: size(of: batch.differing), records: batch.differing.count)
        send(.syncMerged(batch.session, batch.request, batch.differing), to: batch.peer)
    }

    mutating func receivePull(_ id: SessionID, _ request: RequestID, _ keys: [KeyReference], from sender: NodeID) {
        guard !isStarting, keys.count <= SyncLimits.maximumKeys else {
            send(.syncPulled(id, request, []), to: sender)
            return
        }
        sessions[id]?.lastHeard = now.monotonic
        gather(keys.map { .records($0.token, $0.key) }, then: .pulled(id, request, sender))
    }

    mutating func sendPulled(_ id: SessionID, _ request: RequestID, _ records: [StoredRecord], to peer: NodeID) {
        let parts = parts(of: records)
        let answer = parts.first ?? []
        noteSent(id, bytes: size(of: answer), records: answer.count)
        send(.syncPulled(id, request, answer), to: peer)
        // What one message does not hold follows as pushes, each with its own answer.
        for part in parts.dropFirst() { push(part, in: id, to: peer) }
    }

    private mutating func push(_ part: [StoredRecord], in id: SessionID, to peer: NodeID) {
        let request = newRequestID()
        exchanges[request] = id
        sessions[id]?.outstanding += 1
        noteSent(id, bytes: size(of: part), records: part.count)
        send(.syncPush(id, request, part), to: peer)
    }

    /// The answer to a push or a pull: merge what came.
    mutating func receiveExchanged(
        _ id: SessionID, _ request: RequestID, _ records: [StoredRecord], from sender: NodeID
    ) {
        guard exchanges.removeValue(forKey: request) == id else { return }
        noteReceived(id, records: records.count)
        for record in records where owns(record.token) {
            noteRepair(record.key)
            enqueue(.merge(record, .repaired), on: .records(record.token, record.key))
        }
        sessions[id]?.outstanding -= 1
        settleSession(id)
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
