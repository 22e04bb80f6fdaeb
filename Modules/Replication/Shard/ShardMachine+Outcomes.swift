internal import StatorCore
internal import Sync

/// What work on keys has brought goes to the part that its purpose names.
extension ShardMachine {
    mutating func handOutcomes() {
        while let outcome = base.keys.nextOutcome(&base.context) {
            hand(outcome)
            if base.context.hasHintEnded { noteHintEnded() }
        }
    }

    /// What waited for the last hint may be complete.
    mutating func noteHintEnded() {
        base.context.hasHintEnded = false
        streams.noteStreamed(&base.context)
    }

    /// What a node that leaves has to hand over before the switch may be all shown by now.
    mutating func noteHandedOver() {
        base.context.hasHandedOver = false
        streams.noteStreamed(&base.context)
    }

    private mutating func hand(_ outcome: KeyOutcome) {
        switch outcome {
        case .read(let purpose, let outcome): hand(purpose, outcome)
        case .gathered(let gather): hand(gather)
        case .merged(let key, let incoming, let purpose, let outcome):
            if key.store == .hints { base.noteHintStored(key, outcome) }
            hand(incoming, purpose, outcome)
        case .turn(let id, let key, let found): coordinator.takeTurn(id, found, key, &base)
        case .coordinated(let id, let key, let outcome): coordinator.finishTurn(id, key, outcome, &base)
        case .removed(let key, let purpose, let outcome):
            switch purpose {
            case .hintDone(let end): base.hints.finishRemove(key, end, outcome, &base.context)
            case .unowned: handOver.finishDrop(outcome, &base.context)
            case .corrupt: break
            }
        case .scanned(let purpose, let entries, let next): hand(purpose, entries, next: next)
        case .scanFailed(let purpose): fail(purpose)
        case .corrupt(let key): coordinator.heal(key, &base)
        }
    }

    private mutating func hand(_ purpose: ReadPurpose, _ outcome: TaskOutcome) {
        switch purpose {
        case .replica(let peer, let id, let counts, let known):
            replica.finishRead(peer, id, counts: counts, known: known, outcome, &base)
        case .operation(let id): coordinator.finishOwnRead(id, outcome, &base)
        case .gather: preconditionFailure("loads of a gather are handed out together")
        }
    }

    private mutating func hand(_ incoming: StoredRecord, _ purpose: MergePurpose, _ outcome: TaskOutcome) {
        switch purpose {
        case .replica(let peer, let id): replica.finishMerge(peer, id, outcome, &base)
        case .operation(let id): coordinator.finishOwnMerge(id, outcome, &base)
        case .pushed(let batch): antiEntropy.finishPushed(incoming, batch, outcome, &base.context, &base.keys)
        case .exchanged(let request): antiEntropy.finishExchanged(request, outcome, &base.context, &base.keys)
        case .repaired: break
        case .streamed(let stream, let page):
            streams.finishStreamed(stream, page: page, outcome, &base.context)
        case .hintRelay(let id): base.hints.finishRelay(id, outcome, &base.context, &base.keys)
        }
    }

    private mutating func hand(_ gather: Gather) {
        switch gather.purpose {
        case .standIn(let peer, let id, let key): replica.finishStandIn(peer, id, key, gather, &base)
        case .standInOperation(let id, let key): coordinator.finishStandIn(id, key, gather, &base)
        case .explain(let peer, let id, let token, let key):
            coordinator.finishLocalExplain(peer, id, token, key, gather.records.first, &base)
        case .push(let session): antiEntropy.sendPush(session, gather, &base.context, &base.keys)
        case .pulled(let session, let id):
            antiEntropy.sendPulled(session, id, gather, &base.context, &base.keys)
        case .page(let peer, let id, let next):
            streams.sendPage(gather, next: next, id, to: peer, &base.context)
        case .delivery(let id): base.hints.send(id, gather, &base.context, &base.keys)
        case .handOver(let id): handOver.send(gather, id, &base.context, &base.keys)
        case .carriedOver(let entries, let next): carryOver(entries, ages: gather.records.first, next: next)
        }
    }

    private mutating func hand(_ purpose: ScanPurpose, _ entries: [RecordMetadata], next: ScanCursor?) {
        switch purpose {
        case .rebuildIndex: rebuildIndex(entries, next: next)
        case .rebuildHints: loadHints(entries, next: next)
        case .listing(let session, let listing):
            antiEntropy.finishListing(session, listing, entries, next: next, &base.context, &base.keys)
        case .page(let peer, let id): streams.loadPage(entries, next: next, id, for: peer, &base.context, &base.keys)
        case .handOver(let id): handOver.take(entries, next: next, id, &base.context, &base.keys)
        case .cover(let id): handOver.compare(entries, next: next, id, &base.context, &base.keys)
        case .corrupt: preconditionFailure("work on keys asks for it itself")
        }
    }

    private mutating func fail(_ purpose: ScanPurpose) {
        switch purpose {
        case .rebuildIndex: base.context.storageFailure = "the records cannot be listed"
        case .rebuildHints: startWithoutHints()
        case .page(let peer, let id): streams.failPage(id, for: peer, &base.context)
        case .listing(let session, _): antiEntropy.failListing(session, &base.context, &base.keys)
        case .handOver(let id): handOver.failListing(id, &base.context)
        case .cover(let id): handOver.failAnswer(id, &base.context)
        case .corrupt: break
        }
    }
}
