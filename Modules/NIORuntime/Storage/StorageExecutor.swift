import NIOCore
import Replication
import StatorCore
import Storage

/// Carries out a shard's storage commands on its two engines, in order, without threads of its own: group commit as a
/// plain state machine.
///
/// Applies are gathered into one batch for each engine until something would have to see them. Where durability asks
/// for it, their tickets complete only after a sync that began after them: those applied while a sync runs form the
/// group of the next one.
final class StorageExecutor {
    private let records: any StorageEngine
    private let hints: any StorageEngine
    private let mode: DurabilitySettings.Mode

    private var recordsBatch = WriteBatch()
    private var hintsBatch = WriteBatch()
    /// What is being written; empty otherwise.
    private var leaving = WriteBatch()
    /// Written, waiting for a sync to begin.
    private var unsynced: [WrittenTicket] = []
    /// Waiting for the running sync to end.
    private var syncing: [WrittenTicket] = []
    private var recordsAreDirty = false
    private var hintsAreDirty = false
    private(set) var isSyncing = false
    /// The first failure of an engine to write or sync.
    private(set) var failure: String?
    private(set) var completions: [StorageCompletion] = []
    private(set) var applies = 0
    private(set) var syncs = 0

    private struct WriteBatch {
        var writes: [StorageWrite] = []
        var tickets: [StorageTicket] = []
        /// A bit for each token's remainder: whether a load may have to see what is gathered here.
        var marks = [UInt64](repeating: 0, count: 64)

        mutating func mark(_ token: Token) { marks[Int(token.value >> 6 & 63)] |= 1 << (token.value & 63) }

        func mayHold(_ token: Token) -> Bool { marks[Int(token.value >> 6 & 63)] >> (token.value & 63) & 1 == 1 }

        /// Keeps the storage of the arrays.
        mutating func clear() {
            writes.removeAll(keepingCapacity: true)
            tickets.removeAll(keepingCapacity: true)
            for index in marks.indices { marks[index] = 0 }
        }
    }

    private struct WrittenTicket {
        let ticket: StorageTicket
        let store: StoreName
    }

    init(records: any StorageEngine, hints: any StorageEngine, mode: DurabilitySettings.Mode) {
        self.records = records
        self.hints = hints
        self.mode = mode
    }

    var isMemoryResident: Bool { records.isMemoryResident && hints.isMemoryResident }
    var statistics: ShardStatistics { ShardStatistics(records: records.statistics, hints: hints.statistics) }

    /// Takes what has been completed.
    func takeCompletions() -> [StorageCompletion] {
        var taken: [StorageCompletion] = []
        swap(&taken, &completions)
        return taken
    }

    /// Carries out commands in order. Applies may still be gathered when it returns: ``writeGathered()`` ends a batch.
    func execute(_ request: StorageRequest) {
        switch request.command {
        case .apply(let write): gather(write, request)
        case .load(let token, let key):
            if batch(request.store).mayHold(token) { writeGathered(request.store) }
            complete(request.ticket, load(key, token, from: engine(request.store)))
        case .scan(let range, let cursor, let limit):
            writeGathered(request.store)
            var entries: [RecordMetadata] = []
            let next = engine(request.store).scan(range, after: cursor, limit: limit, into: &entries)
            complete(request.ticket, .scanned(entries, next: next))
        }
    }

    /// Carries out one command wholly, its sync included: for engines in memory, which have none to wait for.
    func perform(_ command: StorageCommand, on store: StoreName) -> StorageResult {
        let engine = engine(store)
        switch command {
        case .load(let token, let key): return load(key, token, from: engine)
        case .scan(let range, let cursor, let limit):
            var entries: [RecordMetadata] = []
            let next = engine.scan(range, after: cursor, limit: limit, into: &entries)
            return .scanned(entries, next: next)
        case .apply(let write):
            do throws(StorageError) {
                try engine.apply(write)
                guard mode == .groupCommit, let job = try engine.beginSync() else { return .applied }
                let outcome = SyncRound.outcome(of: job)
                engine.endSync(outcome)
                try outcome.get()
                return .applied
            } catch {
                fail("write", store, error)
                return .failed(error)
            }
        }
    }

    /// Told of the first failure while the machine calls the stores itself.
    var onFailure: ((String) -> Void)?

    func writeGathered() {
        writeGathered(.records)
        writeGathered(.hints)
    }

    /// The jobs that make everything written so far durable. The caller runs them and hands back their outcome with
    /// ``endSync(_:)``; there is one round at a time.
    /// - Returns: `nil` where a round is running, or nothing needs one.
    func beginSync() -> SyncRound? {
        guard !isSyncing else { return nil }
        writeGathered()
        guard recordsAreDirty || hintsAreDirty || !unsynced.isEmpty else { return nil }
        syncing = unsynced
        unsynced = []
        var round = SyncRound()
        if recordsAreDirty { round.records = begin(.records) }
        if hintsAreDirty { round.hints = begin(.hints) }
        recordsAreDirty = false
        hintsAreDirty = false
        guard round.records != nil || round.hints != nil else {
            finish(syncing, .success(()), of: .records)
            finish(syncing, .success(()), of: .hints)
            syncing = []
            return nil
        }
        isSyncing = true
        syncs += 1
        return round
    }

    func endSync(_ outcome: SyncOutcome) {
        isSyncing = false
        for (store, result) in [(StoreName.records, outcome.records), (.hints, outcome.hints)] {
            if let result {
                engine(store).endSync(result)
                if case .failure(let error) = result { fail("sync", store, error) }
            }
            finish(syncing, result ?? .success(()), of: store)
        }
        syncing = []
    }

    /// - Returns: whether more remains to be done now.
    func maintain(budget: ByteCount) -> Bool {
        writeGathered()
        var isMoreLeft = false
        for store in [StoreName.records, .hints] {
            do throws(StorageError) {
                if try engine(store).maintain(budget: budget) { isMoreLeft = true }
            } catch {
                fail("maintenance", store, error)
            }
        }
        return isMoreLeft && failure == nil
    }

    /// Makes everything durable and ends the engines.
    func close() {
        writeGathered()
        for store in [StoreName.records, .hints] {
            do throws(StorageError) {
                try engine(store).close()
            } catch {
                fail("closing", store, error)
            }
        }
        let result: Result<Void, StorageError> = failure.map { .failure(.failed($0)) } ?? .success(())
        finish(unsynced, result, of: .records)
        finish(unsynced, result, of: .hints)
        unsynced = []
    }

    // MARK: Leaves

    func engine(_ store: StoreName) -> any StorageEngine {
        store == .records ? records : hints
    }

    private func batch(_ store: StoreName) -> WriteBatch {
        store == .records ? recordsBatch : hintsBatch
    }

    private func complete(_ ticket: StorageTicket, _ result: StorageResult) {
        completions.append(StorageCompletion(ticket: ticket, result: result))
    }

    private func load(_ key: Key, _ token: Token, from engine: any StorageEngine) -> StorageResult {
        do throws(StorageError) {
            return .loaded(try engine.record(for: key, token: token))
        } catch {
            return .failed(error)
        }
    }

    private func gather(_ write: StorageWrite, _ request: StorageRequest) {
        switch request.store {
        case .records: StorageExecutor.add(write, request.ticket, to: &recordsBatch)
        case .hints: StorageExecutor.add(write, request.ticket, to: &hintsBatch)
        }
        if batch(request.store).writes.count >= RuntimeLimits.maximumWriteBatch { writeGathered(request.store) }
    }

    private static func add(_ write: StorageWrite, _ ticket: StorageTicket, to batch: inout WriteBatch) {
        batch.writes.append(write)
        batch.tickets.append(ticket)
        batch.mark(write.token)
    }

    private func writeGathered(_ store: StoreName) {
        switch store {
        case .records: swap(&leaving, &recordsBatch)
        case .hints: swap(&leaving, &hintsBatch)
        }
        guard !leaving.tickets.isEmpty else { return }
        defer { leaving.clear() }
        applies += 1
        do throws(StorageError) {
            try engine(store).apply(leaving.writes)
        } catch {
            fail("write", store, error)
            for ticket in leaving.tickets { complete(ticket, .failed(error)) }
            return
        }
        if store == .records { recordsAreDirty = true } else { hintsAreDirty = true }
        if mode == .groupCommit {
            for ticket in leaving.tickets { unsynced.append(WrittenTicket(ticket: ticket, store: store)) }
        } else {
            for ticket in leaving.tickets { complete(ticket, .applied) }
        }
    }

    /// An engine that cannot even begin a sync fails what waits for it.
    private func begin(_ store: StoreName) -> (any SyncJob)? {
        do throws(StorageError) {
            return try engine(store).beginSync()
        } catch {
            fail("sync", store, error)
            finish(syncing, .failure(error), of: store)
            syncing.removeAll { $0.store == store }
            return nil
        }
    }

    private func finish(_ tickets: [WrittenTicket], _ result: Result<Void, StorageError>, of store: StoreName) {
        for written in tickets where written.store == store {
            switch result {
            case .success: complete(written.ticket, .applied)
            case .failure(let error): complete(written.ticket, .failed(error))
            }
        }
    }

    private func fail(_ operation: String, _ store: StoreName, _ error: StorageError) {
        guard failure == nil else { return }
        let text = "\(operation) of \(store) failed: \(error)"
        failure = text
        onFailure?(text)
    }
}

/// Stores in memory, called by the machine in the middle of its events.
extension StorageExecutor: ResidentStorage {
    func record(for key: Key, token: Token, in store: StoreName) throws(StorageError) -> StoredRecord? {
        try engine(store).record(for: key, token: token)
    }

    func body(for key: Key, token: Token, in store: StoreName) throws(StorageError) -> ByteBuffer? {
        try engine(store).body(for: key, token: token)
    }

    func digest(for key: Key, token: Token, in store: StoreName) throws(StorageError) -> Digest? {
        try engine(store).digest(for: key, token: token)
    }

    func apply(_ write: StorageWrite, to store: StoreName) throws(StorageError) {
        do throws(StorageError) {
            try engine(store).apply(write)
        } catch {
            fail("write", store, error)
            throw error
        }
    }

    func metadata(of key: Key, token: Token, in store: StoreName) -> RecordMetadata? {
        engine(store).metadata(of: key, token: token)
    }
}
