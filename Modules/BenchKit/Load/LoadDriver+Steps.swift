internal import Checking
internal import StatorCore
internal import Workload

/// What a session does: the steps of a recording's session, with inserts and batches.
extension LoadDriver {
    /// - Parameter intended: when the step was due; in a closed loop now.
    func beginStep(_ index: Int, intended: Int64, now: Int64) {
        let session = sessions[index]
        guard source == .load else { return beginFilling(index, now) }
        guard let step = nextStep(session) else { return retire() }
        session.step = step
        session.node = nodes.choose(session.node, sticky: settings.workload.isSticky, at: now, &session.random)
        session.followUp = nil
        session.insert = nil
        var key = step.key
        switch step.kind {
        case .update: session.followUp = .write
        case .delete: session.followUp = .delete
        case .insert where settings.trace == nil:
            let number = frontier.begin()
            session.insert = number
            key = settings.workload.keys + number
        default: break
        }
        switch step.kind {
        case .read, .update, .delete: add(.read, key, to: session)
        case .heldWrite, .insert: add(.write, key, to: session)
        case .siblingWrite: add(.write, key, .none, to: session)
        case .batch:
            for key in plan.batch(from: step.key, inserted: frontier.count) { add(.read, key, to: session) }
        }
        carryOut(index, intended: intended, now: now)
    }

    /// - Returns: `nil` where the trace has come to its end.
    private func nextStep(_ session: LoadSession) -> WorkloadStep? {
        guard let trace = settings.trace else { return plan.next(&session.random, inserted: frontier.count) }
        guard traceCursor < trace.entries.count else { return nil }
        let entry = trace.entries[traceCursor]
        traceCursor += 1
        return WorkloadStep(
            kind: entry.kind, key: entry.key, valueBytes: entry.valueBytes ?? settings.workload.value.bytes)
    }

    private func beginFilling(_ index: Int, _ now: Int64) {
        let session = sessions[index]
        if session.tries == 0 {
            guard keyToFill < settings.keys else { return retire() }
            session.step = WorkloadStep(
                kind: .heldWrite, key: keyToFill, valueBytes: settings.workload.value.bytes)
            keyToFill += 1
        }
        session.node = nodes.choose(session.node, sticky: false, at: now, &session.random)
        session.tries += 1
        add(.write, session.step.key, to: session)
        carryOut(index, intended: now, now: now)
    }

    private func add(
        _ kind: HistoryOperation.Kind, _ key: Int, _ basis: HistoryOperation.Basis = .held, _ context: String? = nil,
        to session: LoadSession
    ) {
        lastID += 1
        var operation = HistoryOperation(
            id: lastID, client: session.client, kind: kind, key: settings.key(key), start: 0, end: 0)
        if kind == .write { operation.value = "v\(lastID)" }
        operation.basis = basis
        operation.context = context
        session.operations.append(operation)
    }

    // MARK: After it

    /// All requests of an operation are answered or given up.
    func complete(_ index: Int, now: Int64) {
        let session = sessions[index]
        session.isBusy = false
        busyCount -= 1
        let read = session.operations.last
        let isFine = session.operations.allSatisfy { $0.outcome == .ok }
        if source == .load {
            tally.add(
                session.operations, isBatch: session.step.kind == .batch, intended: session.intended,
                sent: session.sent, node: session.node, error: session.error)
        }
        if settings.keepsHistory, settings.interface == .http { session.operations.forEach { tally.keep($0) } }
        session.operations.removeAll(keepingCapacity: true)
        if let insert = session.insert { frontier.end(insert) }
        session.insert = nil
        if source == .filling { noteFilled(session, isFine: isFine) }
        if let next = session.followUp, isFine, isWorking, let read, follow(index, with: next, read, now) { return }
        if isWorking { goOn(index) } else { finishIfDone() }
    }

    /// The write or delete of a step that began with a read. It is meant to be sent when the read is answered.
    /// - Returns: false where there is nothing to delete.
    private func follow(
        _ index: Int, with kind: HistoryOperation.Kind, _ read: HistoryOperation, _ now: Int64
    ) -> Bool {
        let session = sessions[index]
        session.followUp = nil
        if settings.interface == .resp {
            add(kind, session.step.key, to: session)
        } else if let context = read.resultContext {
            add(kind, session.step.key, .context, context, to: session)
        } else if kind == .write {
            // A key that was never written has no context: nothing is there to be superseded.
            add(kind, session.step.key, .none, to: session)
        } else {
            return false
        }
        carryOut(index, intended: now, now: now)
        return true
    }

    private func noteFilled(_ session: LoadSession, isFine: Bool) {
        if isFine {
            failuresInRow = 0
        } else {
            failuresInRow += 1
            if failuresInRow >= LoadLimits.loadingFailures { stop() }
            if session.tries < LoadLimits.loadingTries { return }
            tally.keysNotLoaded += 1
        }
        session.tries = 0
    }
}
