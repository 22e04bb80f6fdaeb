internal import ConflictResolution
internal import StatorCore
internal import Sync

/// Several loads of which the last one continues.
struct Gather {
    enum Purpose {
        /// A fallback answers a coordinator from its hints and its own data.
        case standIn(NodeID, RequestID, Key)
        /// The same, where this node coordinates the read itself.
        case standInOperation(RequestID, Key)
        case explain(NodeID?, RequestID, Token, Key)
        /// Records that a session pushes to its peer, or answers a pull with.
        case push(SessionID)
        case pulled(SessionID, RequestID, NodeID)
        case page(NodeID, RequestID, next: ScanCursor?)
        /// A hint about to be delivered.
        case delivery(RequestID)
        /// A page of the hints that an earlier life left.
        case carriedOver(next: ScanCursor?)
    }

    var remaining: Int
    var records: [StoredRecord] = []
    /// Loads that failed: corrupt or unreadable records.
    var failures = 0
    let purpose: Purpose
}

extension ShardMachine {
    mutating func gather(_ keys: [StoreKey], then purpose: Gather.Purpose) {
        let gather = Gather(remaining: keys.count, purpose: purpose)
        guard !keys.isEmpty else {
            finishGather(gather)
            return
        }
        let id = GatherID(number: newRequestID().number)
        gathers[id] = gather
        for key in keys { enqueue(.read(.gather(id)), on: key) }
    }

    mutating func finishRead(_ purpose: ReadPurpose, _ outcome: TaskOutcome) {
        switch purpose {
        case .replica(let peer, let id, let counts, let known):
            let reply: ReadOutcome
            if outcome.isFailure {
                reply = .refused(.storageFailed)
            } else if let known, case .held(let record?) = outcome, record.digest == known {
                reply = .same(known, counts: counts)
            } else {
                reply = .held(outcome.record, counts: counts)
            }
            send(.readReply(id, reply), to: peer)
        case .operation(let id):
            if outcome.isFailure {
                noteReadFailure(id, of: node)
            } else {
                let token = reads[id]?.request.token
                noteReadAnswer(id, of: node, outcome.record, counts: !(token.map { isRecovering($0) } ?? false))
            }
        case .gather(let id):
            guard var gather = gathers.removeValue(forKey: id) else { return }
            gather.remaining -= 1
            if outcome.isFailure { gather.failures += 1 }
            if let record = outcome.record { gather.records.append(record) }
            if gather.remaining > 0 {
                gathers[id] = gather
            } else {
                finishGather(gather)
            }
        }
    }

    private mutating func finishGather(_ gather: Gather) {
        switch gather.purpose {
        case .standIn(let peer, let id, let key):
            let reply: ReadOutcome =
                gather.failures > 0 ? .refused(.storageFailed) : .held(mergedStandIn(gather.records, key), counts: true)
            send(.readReply(id, reply), to: peer)
        case .standInOperation(let id, let key):
            noteReadAnswer(id, of: node, mergedStandIn(gather.records, key), counts: true)
        case .explain(let peer, let id, let token, let key):
            finishLocalExplain(peer, id, token, key, gather.records.first)
        case .push(let session): sendPush(session, gather.records)
        case .pulled(let session, let id, let peer): sendPulled(session, id, gather.records, to: peer)
        case .page(let peer, let id, let next): sendPage(gather.records, next: next, id, to: peer)
        case .delivery(let id): sendDelivery(id, gather.records.first, isUnreadable: gather.failures > 0)
        case .carriedOver(let next): carryOver(gather.records, next: next)
        }
    }

    /// One record under the client's key from a fallback's own data and its hints.
    private func mergedStandIn(_ records: [StoredRecord], _ key: Key) -> StoredRecord? {
        var merged: StoredRecord?
        for found in records {
            guard let known = merged else {
                merged = StoredRecord(
                    token: found.token, key: key, digest: found.digest, isTombstone: found.isTombstone, expiry: nil,
                    body: found.body)
                continue
            }
            guard known.digest != found.digest, let body = try? resolver.merge(known.body, found.body) else { continue }
            merged = (try? record(token: known.token, key: known.key, body: body)) ?? known
        }
        return merged
    }
}
