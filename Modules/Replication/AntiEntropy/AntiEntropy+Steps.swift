internal import DequeModule
internal import NIOCore
internal import Partitioning
internal import StatorCore
internal import Sync

/// Carries out what the sync strategy asks for, in its order and at the receiver's pace.
///
/// A session has ``ReplicationLimits/exchangesPerSession`` pushes and pulls under way. What the strategy wants sent, listed
/// or ended waits until all before it are answered and merged: so a comparison is never further ahead of the records than
/// one of its pages, however much differs and however slow the other end is.
extension AntiEntropy {
    /// Runs the strategy on one event and carries out its effects.
    mutating func synchronize(_ event: SyncEvent, _ context: inout ShardContext, _ keys: inout KeyWork) {
        flushChanges(&context)
        var effects = Outbox<SyncEffect>()
        synchronizer.handle(event, outbox: &effects)
        for effect in effects.drain() {
            switch effect {
            case .send(let id, _, let bytes): add(.send(bytes), to: id, &context, &keys)
            case .list(let id, let listing, let range, let cursor, let limit):
                add(.list(listing, range, after: cursor, limit: limit), to: id, &context, &keys)
            case .push(let id, _, let names): add(.push(names), to: id, &context, &keys)
            case .pull(let id, _, let names): add(.pull(names), to: id, &context, &keys)
            case .finished(let id, let report): add(.finish(report), to: id, &context, &keys)
            }
        }
    }

    private mutating func add(
        _ step: SessionStep, to id: SessionID, _ context: inout ShardContext, _ keys: inout KeyWork
    ) {
        sessions[id]?.steps.append(step)
        proceed(id, &context, &keys)
    }

    /// Carries out what a session waits to do, as far as it may now.
    mutating func proceed(_ id: SessionID, _ context: inout ShardContext, _ keys: inout KeyWork) {
        while let session = sessions[id], let step = session.steps.first {
            let bound = step.isExchange ? ReplicationLimits.exchangesPerSession : 1
            guard session.exchanges < bound else { return }
            if session.hasWithheld, !step.isExchange { return giveUp(id, AntiEntropy.withheld, &context, &keys) }
            sessions[id]?.steps.removeFirst()
            carryOut(step, in: id, session, &context, &keys)
        }
    }

    private mutating func carryOut(
        _ step: SessionStep, in id: SessionID, _ session: SessionState, _ context: inout ShardContext,
        _ keys: inout KeyWork
    ) {
        switch step {
        case .send(let bytes):
            noteSent(id, bytes: bytes.readableBytes, records: 0, &context)
            let isFirst = session.isInitiator && !session.hasSent
            sessions[id]?.hasSent = true
            let payload = SyncPayload(
                session: id, epoch: context.epoch, range: session.range, strategy: context.blueprint.kinds.sync,
                isFirst: isFirst, bytes: bytes)
            context.send(.sync(payload), to: session.peer)
        case .list(let listing, let range, let cursor, let limit):
            keys.scan(
                range, after: cursor, limit: min(limit, SyncLimits.maximumListing), in: .records,
                for: .listing(id, listing), &context)
        case .push(let names): beginPush(names, in: id, &context, &keys)
        case .pull(let names): beginPull(names, in: id, &context)
        case .finish(let report):
            sessions[id]?.report = report
            close(id, failure: nil, &context, &keys)
        }
    }

    /// A listing that a session asked for.
    mutating func finishListing(
        _ id: SessionID, _ listing: ListingID, _ entries: [RecordMetadata], next: ScanCursor?,
        _ context: inout ShardContext, _ keys: inout KeyWork
    ) {
        guard sessions[id] != nil else { return }
        synchronize(.listed(id, listing, entries: entries, next: next), &context, &keys)
    }

    // MARK: The strategy's messages

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
            guard payload.isFirst else { return refuseUnknown(id, to: sender, &context) }
            if let reason = refusal(of: payload, from: sender, &context) {
                context.reach(.sessionRefusedHere)
                context.send(.syncRefused(id, reason), to: sender)
                return
            }
            open(id, with: sender, payload.range, isInitiator: false, &context)
        }
        synchronize(.message(id, from: sender, range: payload.range, bytes: payload.bytes), &context, &keys)
    }

    /// Only what belongs to a session at both ends is taken.
    func refuseUnknown(_ id: SessionID, to sender: NodeID, _ context: inout ShardContext) {
        context.reach(.sessionForgotten)
        context.send(.syncRefused(id, "\(context.node) does not know this session"), to: sender)
    }

    private func refusal(of payload: SyncPayload, from sender: NodeID, _ context: inout ShardContext) -> String? {
        if context.isStarting || context.isStopping { return "\(context.node) is starting or stopping" }
        // ordered: a count is the same in any order
        let ofSender = sessions.values.count { !$0.isInitiator && $0.peer == sender }
        if respondingSessions >= ReplicationLimits.maximumRespondingSessions
            || ofSender >= ReplicationLimits.maximumSessionsPerPeer
        {
            context.reach(.sessionRefusedForLimit)
            context.counters.repairRefused += 1
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
}
