internal import DequeModule
internal import NIOCore
internal import Partitioning
internal import StatorCore
internal import Sync

/// Pushes and pulls of records. A message of them is planned by their sizes, then loaded: see ``PagePlan``. What one does
/// not hold follows in later ones, each with an answer of its own.
extension AntiEntropy {
    mutating func noteSent(_ id: SessionID, bytes: Int, records: Int, _ context: inout ShardContext) {
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

    // MARK: This end's

    mutating func beginPush(
        _ names: [KeyReference], in id: SessionID, _ context: inout ShardContext, _ keys: inout KeyWork
    ) {
        sessions[id]?.loads += 1
        let wanted = names.map { StoreKey.records($0.token, $0.key) }
        let gather = keys.gather(wanted, atMost: ReplicationLimits.bytesPerMessage, for: .push(id), &context)
        if let gather { sendPush(id, gather, &context, &keys) }
    }

    mutating func sendPush(
        _ id: SessionID, _ gather: Gather, _ context: inout ShardContext, _ keys: inout KeyWork
    ) {
        guard let session = sessions[id] else { return }
        sessions[id]?.loads -= 1
        guard let records = message(of: gather, in: id, to: session.peer, &context, &keys) else { return }
        if !records.isEmpty {
            let request = context.newRequestID()
            let bytes = begin(request, in: id, sending: records, &context)
            noteSent(id, bytes: bytes, records: records.count, &context)
            context.send(.syncPush(id, request, records), to: session.peer)
        }
        proceed(id, &context, &keys)
    }

    mutating func beginPull(_ names: [KeyReference], in id: SessionID, _ context: inout ShardContext) {
        guard let peer = sessions[id]?.peer else { return }
        let request = context.newRequestID()
        exchanges[request] = Exchange(session: id, bytes: ReplicationLimits.bytesPerMessage)
        sessions[id]?.requests.insert(request)
        context.send(.syncPull(id, request, names), to: peer)
    }

    private mutating func begin(
        _ request: RequestID, in id: SessionID, sending records: [StoredRecord], _ context: inout ShardContext
    ) -> Int {
        let bytes = size(of: records)
        exchanges[request] = Exchange(session: id, bytes: bytes)
        sessions[id]?.requests.insert(request)
        return bytes
    }

    /// The answer to a push or a pull: merge what came.
    mutating func receiveExchanged(
        _ id: SessionID, _ request: RequestID, _ records: [StoredRecord], from sender: NodeID,
        _ context: inout ShardContext, _ keys: inout KeyWork
    ) {
        guard let exchange = exchanges[request], exchange.session == id, exchange.merging == nil,
            sessions[id]?.peer == sender
        else { return context.reach(.exchangeLate) }
        let bytes = size(of: records)
        exchanges[request]?.bytes = bytes
        exchanges[request]?.merging = records.count
        noteReceived(id, records: records.count, &context)
        guard !records.isEmpty else { return endExchange(request, &context, &keys) }
        for record in records {
            // One that could not be merged has ended the session.
            guard exchanges[request] != nil else { return }
            guard context.owns(record.token) else { return giveUp(id, AntiEntropy.unowned, &context, &keys) }
            context.noteRepair(record.key)
            let key = StoreKey.records(record.token, record.key)
            if let outcome = keys.merge(record, on: key, for: .exchanged(request), &context) {
                finishExchanged(request, outcome, &context, &keys)
            }
        }
    }

    /// A record that came in an answer was merged, or was not.
    mutating func finishExchanged(
        _ request: RequestID, _ outcome: TaskOutcome, _ context: inout ShardContext, _ keys: inout KeyWork
    ) {
        guard let exchange = exchanges[request], let merging = exchange.merging else { return }
        if outcome.isFailure { return giveUp(exchange.session, AntiEntropy.unmerged, &context, &keys) }
        exchanges[request]?.merging = merging - 1
        if merging == 1 { endExchange(request, &context, &keys) }
    }

    private mutating func endExchange(_ request: RequestID, _ context: inout ShardContext, _ keys: inout KeyWork) {
        guard let exchange = exchanges.removeValue(forKey: request) else { return }
        sessions[exchange.session]?.requests.remove(request)
        proceed(exchange.session, &context, &keys)
    }

    // MARK: The other end's

    /// - Returns: whether what a peer pushes or asks for belongs to a session with it and keeps to its bounds.
    private mutating func takes(
        _ id: SessionID, from sender: NodeID, _ context: inout ShardContext, _ keys: inout KeyWork
    ) -> Bool {
        guard let session = sessions[id], session.peer == sender else {
            refuseUnknown(id, to: sender, &context)
            return false
        }
        guard session.exchangesOfPeer < ReplicationLimits.exchangesPerSession else {
            context.reach(.exchangeRefusedForLimit)
            context.counters.repairRefused += 1
            refuse(id, "\(context.node) was sent more at once than a session may", to: sender, &context, &keys)
            return false
        }
        return true
    }

    mutating func receivePush(
        _ id: SessionID, _ request: RequestID, _ records: [StoredRecord], from sender: NodeID,
        _ context: inout ShardContext, _ keys: inout KeyWork
    ) {
        guard takes(id, from: sender, &context, &keys) else { return }
        let sound = records.allSatisfy { context.owns($0.token) } ? records : records.filter { context.owns($0.token) }
        if sound.count < records.count { context.reach(.pushOfUnowned) }
        noteReceived(id, records: records.count, &context)
        guard !sound.isEmpty else { return refuse(id, AntiEntropy.unowned, to: sender, &context, &keys) }
        let batch = BatchID(number: context.newRequestID().number)
        batches[batch] = PushedBatch(
            session: id, request: request, peer: sender, bytes: size(of: sound), remaining: sound.count,
            failure: sound.count < records.count ? AntiEntropy.unowned : nil)
        sessions[id]?.batches.insert(batch)
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
        if case .changed = outcome { context.noteRepair(incoming.key) }
        guard var batch = batches.removeValue(forKey: id) else { return }
        batch.remaining -= 1
        if outcome.isFailure { batch.failure = AntiEntropy.unmerged }
        if let merged = outcome.record, merged.digest != incoming.digest {
            context.reach(.pushDiffersAfterMerge)
            batch.note(differing: merged)
        }
        guard batch.remaining == 0 else {
            batches[id] = batch
            return
        }
        sessions[batch.session]?.batches.remove(id)
        if let failure = batch.failure { return refuse(batch.session, failure, to: batch.peer, &context, &keys) }
        noteSent(batch.session, bytes: size(of: batch.differing), records: batch.differing.count, &context)
        context.send(.syncMerged(batch.session, batch.request, batch.differing), to: batch.peer)
        pushLater(batch.rest, in: batch.session, &context)
        proceed(batch.session, &context, &keys)
    }

    mutating func receivePull(
        _ id: SessionID, _ request: RequestID, _ names: [KeyReference], from sender: NodeID,
        _ context: inout ShardContext, _ keys: inout KeyWork
    ) {
        guard takes(id, from: sender, &context, &keys) else { return }
        guard names.count <= SyncLimits.maximumKeys else {
            return refuse(id, "\(context.node) was asked for too much", to: sender, &context, &keys)
        }
        sessions[id]?.lastHeard = context.now.monotonic
        sessions[id]?.pulls += 1
        let wanted = names.map { StoreKey.records($0.token, $0.key) }
        let gather = keys.gather(
            wanted, atMost: ReplicationLimits.bytesPerMessage, for: .pulled(id, request), &context)
        if let gather { sendPulled(id, request, gather, &context, &keys) }
    }

    mutating func sendPulled(
        _ id: SessionID, _ request: RequestID, _ gather: Gather, _ context: inout ShardContext, _ keys: inout KeyWork
    ) {
        guard let session = sessions[id] else { return }
        sessions[id]?.pulls -= 1
        guard let records = message(of: gather, in: id, to: session.peer, &context, &keys) else { return }
        noteSent(id, bytes: size(of: records), records: records.count, &context)
        context.send(.syncPulled(id, request, records), to: session.peer)
        proceed(id, &context, &keys)
    }

    // MARK: Messages of records

    /// Of what was loaded that which is sent now; the rest is pushed before the session goes on.
    /// - Returns: `nil` where the session was given up instead.
    private mutating func message(
        of gather: Gather, in id: SessionID, to peer: NodeID, _ context: inout ShardContext, _ keys: inout KeyWork
    ) -> [StoredRecord]? {
        guard gather.failures == 0 else {
            giveUp(id, AntiEntropy.unreadable, &context, &keys)
            return nil
        }
        context.noteRead(gather.records)
        // Those that have grown since they were measured may be too much.
        let count = PagePlan.count(gather.records.lazy.map(\.bytes), atMost: ReplicationLimits.bytesPerMessage)
        pushLater(gather.rest.map { KeyReference(token: $0.token, key: $0.key) }, in: id, &context)
        pushLater(
            gather.records[count...].map { KeyReference(token: $0.token, key: $0.key) }, in: id, &context)
        let loaded = count == gather.records.count ? gather.records : Array(gather.records[..<count])
        let records = admitted(loaded, to: peer, &context)
        if records.count < loaded.count { sessions[id]?.hasWithheld = true }
        context.noteRepairSent(records)
        return records
    }

    private mutating func pushLater(_ names: [KeyReference], in id: SessionID, _ context: inout ShardContext) {
        if !names.isEmpty { sessions[id]?.steps.prepend(.push(names)) }
    }

    /// Those that are not withheld: mostly all.
    private mutating func admitted(
        _ records: [StoredRecord], to peer: NodeID, _ context: inout ShardContext
    ) -> [StoredRecord] {
        let withheld = records.indices.filter { !resends.admits(records[$0], to: peer, &context) }
        guard !withheld.isEmpty else { return records }
        context.counters.syncRecordsWithheld += withheld.count
        context.reach(.recordWithheld)
        var admitted = records
        for position in withheld.reversed() { admitted.remove(at: position) }
        return admitted
    }

    func size(of records: [StoredRecord]) -> Int {
        records.reduce(0) { $0 + $1.bytes + ReplicationLimits.recordHead }
    }

    // MARK: Failing

    private static let unreadable = "a record could not be read"
    static let withheld = "a record was not merged there before, and is sent again later"
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
    mutating func giveUp(
        _ id: SessionID, _ reason: String, _ context: inout ShardContext, _ keys: inout KeyWork
    ) {
        guard let session = sessions[id] else { return }
        refuse(id, reason, to: session.peer, &context, &keys)
    }

    /// A listing failed.
    mutating func failListing(_ id: SessionID, _ context: inout ShardContext, _ keys: inout KeyWork) {
        giveUp(id, "the records cannot be listed", &context, &keys)
    }
}
