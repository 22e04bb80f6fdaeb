package import Replication
internal import StatorCore
internal import Storage

/// Carrying out commands: applies are gathered, loads and scans see all that was gathered before them.
extension StoreQueue {
    func execute(_ request: StorageRequest) {
        switch request.command {
        case .apply(let write): gather(write, request)
        case .load(let token, let key):
            if batch(request.store).mayHold(token) { writeGathered(request.store) }
            complete(request.ticket, load(key, token, from: engine(request.store)))
        case .scan(let range, let cursor, let limit):
            writeGathered(request.store)
            completeWhenDurable(request, scan(range, after: cursor, limit: limit, engine(request.store)))
        case .measure(let names): complete(request.ticket, measure(names, engine(request.store)))
        }
    }

    /// An answer that may show writes which no sync has covered yet waits for the one that does.
    private func completeWhenDurable(_ request: StorageRequest, _ result: StorageResult) {
        let answer = UnsyncedAnswer(ticket: request.ticket, store: request.store, result: result)
        let isDirty = request.store == .records ? recordsAreDirty : hintsAreDirty
        if mode == .groupCommit, isDirty {
            unsynced.append(answer)
        } else if mode == .groupCommit, isSyncing {
            syncing.append(answer)
        } else {
            complete(request.ticket, result)
        }
    }

    /// Carries out one command wholly, its sync included: for engines in memory, which have none to wait for.
    package func perform(_ command: StorageCommand, on store: StoreName) -> StorageResult {
        let engine = engine(store)
        switch command {
        case .load(let token, let key): return load(key, token, from: engine)
        case .scan(let range, let cursor, let limit): return scan(range, after: cursor, limit: limit, engine)
        case .measure(let names): return measure(names, engine)
        case .apply(let write):
            do throws(StorageError) {
                try engine.apply(write)
                guard mode == .groupCommit, let job = try engine.beginSync() else { return .applied }
                let outcome = StoreSync.outcome(of: job)
                engine.endSync(outcome)
                try outcome.get()
                return .applied
            } catch {
                fail("write", store, error)
                return .failed(error)
            }
        }
    }

    private func load(_ key: Key, _ token: Token, from engine: any StorageEngine) -> StorageResult {
        do throws(StorageError) {
            return .loaded(try engine.record(for: key, token: token))
        } catch {
            return .failed(error)
        }
    }

    private func scan(
        _ range: TokenRange, after cursor: ScanCursor?, limit: Int, _ engine: any StorageEngine
    ) -> StorageResult {
        do throws(StorageError) {
            var entries: [RecordMetadata] = []
            let next = try engine.scan(range, after: cursor, limit: limit, into: &entries)
            return .scanned(entries, next: next)
        } catch {
            return .failed(error)
        }
    }

    /// What is still gathered has the size that it had: a plan needs no more.
    private func measure(_ names: [(token: Token, key: Key)], _ engine: any StorageEngine) -> StorageResult {
        .measured(names.map { engine.metadata(of: $0.key, token: $0.token)?.bytes ?? 0 })
    }

    // MARK: Batches

    private func batch(_ store: StoreName) -> WriteBatch { store == .records ? recordsBatch : hintsBatch }

    private func gather(_ write: StorageWrite, _ request: StorageRequest) {
        switch request.store {
        case .records: recordsBatch.add(write, request.ticket)
        case .hints: hintsBatch.add(write, request.ticket)
        }
        if batch(request.store).writes.count >= NodeCoreLimits.maximumWriteBatch { writeGathered(request.store) }
    }

    func writeGathered() {
        writeGathered(.records)
        writeGathered(.hints)
    }

    private func writeGathered(_ store: StoreName) {
        switch store {
        case .records: swap(&leaving, &recordsBatch)
        case .hints: swap(&leaving, &hintsBatch)
        }
        guard !leaving.tickets.isEmpty else { return }
        defer { leaving.clear() }
        var next = 0
        while next < leaving.writes.count {
            let rest = next == 0 ? leaving.writes : Array(leaving.writes[next...])
            do throws(BatchError) {
                try engine(store).apply(rest)
                noteWritten(next..<leaving.writes.count, store)
                return
            } catch {
                let written = next + min(error.written, rest.count)
                noteWritten(next..<written, store)
                next = failRest(from: written, of: store, error.cause)
            }
        }
    }

    /// These of the batch are in the engine: their tickets wait for the sync that covers them.
    private func noteWritten(_ places: Range<Int>, _ store: StoreName) {
        guard !places.isEmpty else { return }
        noteSuccess(of: store)
        if store == .records { recordsAreDirty = true } else { hintsAreDirty = true }
        for ticket in leaving.tickets[places] {
            if mode == .groupCommit {
                unsynced.append(UnsyncedAnswer(ticket: ticket, store: store, result: .applied))
            } else {
                complete(ticket, .applied)
            }
        }
    }

    /// A write that cannot be stored by itself fails alone; after any other failure the rest of the batch fails.
    /// - Returns: where in the batch to go on.
    private func failRest(from first: Int, of store: StoreName, _ error: StorageError) -> Int {
        guard first < leaving.tickets.count else { return first }
        if case .unsupported = error {
            complete(leaving.tickets[first], .refused(error))
            return first + 1
        }
        fail("write", store, error)
        // An engine that could not undo what the disk took of it says that it has failed.
        let isUndone = if case .disk = error { true } else { false }
        for ticket in leaving.tickets[first...] { complete(ticket, isUndone ? .refused(error) : .failed(error)) }
        return leaving.tickets.count
    }
}
