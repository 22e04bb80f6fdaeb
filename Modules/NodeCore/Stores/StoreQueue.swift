package import Replication
package import StatorCore
package import Storage

/// A shard's two stores, and the queue in front of them: commands in, completions and syncs out. Group commit as a plain
/// state machine, the same when deployed and simulated: a driver says when it runs, and keeps threads or virtual time.
///
/// Applies are gathered into one batch for each engine until something would have to see them. Where durability asks
/// for it, their tickets complete only after a sync that began after them: those applied while a sync runs form the
/// group of the next one. So does a scan that may show what no sync has covered yet: what is listed is durable. Nobody calls it twice at once; only a ``StoreSync`` may run meanwhile.
package final class StoreQueue {
    let records: any StorageEngine
    let hints: any StorageEngine
    let mode: DurabilitySettings.Mode

    var recordsBatch = WriteBatch()
    var hintsBatch = WriteBatch()
    /// What is being written; empty otherwise.
    var leaving = WriteBatch()
    /// Waiting for a sync to begin.
    var unsynced: [UnsyncedAnswer] = []
    /// Waiting for the running sync to end.
    var syncing: [UnsyncedAnswer] = []
    var recordsAreDirty = false
    var hintsAreDirty = false
    var isSyncing = false
    private var completions: [StorageCompletion] = []
    private var isClosing = false
    private var hasClosed = false

    /// Whether a slice of background work is due as soon as nothing else waits: see ``maintain()``.
    package private(set) var wantsMaintenance = false
    /// Why the record store does not write or sync now; a passing failure ends with the next write that succeeds. It alone
    /// decides whether the shard runs: without the hint store no hints are kept.
    package var failure: String? { failures.records }
    /// Why a store, whichever, was not closed in order.
    package var closingFailure: String? { failures.records ?? failures.hints }
    private var failures: (records: String?, hints: String?) = (nil, nil)
    /// Told of a failure at once: for engines whose failures come with no completion.
    package var onFailure: ((String) -> Void)?
    /// Told of each write that the machine makes itself, before it is made.
    package var onResidentWrite: ((StorageWrite, StoreName) -> Void)?

    /// - Parameter mode: when a write counts as done.
    package init(records: any StorageEngine, hints: any StorageEngine, mode: DurabilitySettings.Mode) {
        self.records = records
        self.hints = hints
        self.mode = mode
    }

    /// Whether no command ever waits for a disk, so that ``perform(_:on:)`` may be used in place of the queue.
    package var isMemoryResident: Bool { records.isMemoryResident && hints.isMemoryResident }

    /// The stores for the machine to call itself: where both are in memory and nothing is left to wait for.
    package var resident: (any ResidentStorage)? { isMemoryResident && mode != .groupCommit ? self : nil }

    package var statistics: ShardStatistics { ShardStatistics(records: records.statistics, hints: hints.statistics) }

    package func engine(_ store: StoreName) -> any StorageEngine { store == .records ? records : hints }

    // MARK: The queue

    /// Carries out all that waits, in order, and begins a sync where one is due and none runs.
    package func carryOut(_ jobs: [StoreJob]) -> StoreStep {
        var syncIsDue = mode == .groupCommit
        for job in jobs {
            switch job {
            case .commands(let requests): for request in requests { execute(request) }
            case .synced(let outcome): endSync(outcome)
            case .syncNow: syncIsDue = true
            case .maintain: wantsMaintenance = !isClosing
            case .close:
                isClosing = true
                wantsMaintenance = false
            }
        }
        writeGathered()
        let round = syncIsDue ? beginSync() : nil
        if isClosing, !isSyncing, !hasClosed { close() }
        return StoreStep(
            completions: takeCompletions(), round: round, hasClosed: hasClosed, failure: failure,
            closingFailure: hasClosed ? closingFailure : nil)
    }

    /// One slice of background work; what has come meanwhile goes before the next.
    package func maintain() {
        wantsMaintenance = maintain(budget: NodeCoreLimits.maintenanceSlice) && !isClosing
    }

    /// - Returns: whether more remains to be done now.
    package func maintain(budget: ByteCount) -> Bool {
        writeGathered()
        var isMoreLeft = false
        for store in [StoreName.records, .hints] {
            do throws(StorageError) {
                if try engine(store).maintain(budget: budget) { isMoreLeft = true }
            } catch {
                fail("maintenance", store, error)
            }
        }
        return isMoreLeft && closingFailure == nil
    }

    /// Makes everything durable and ends the engines.
    package func close() {
        hasClosed = true
        writeGathered()
        for store in [StoreName.records, .hints] {
            do throws(StorageError) {
                try engine(store).close()
            } catch {
                fail("closing", store, error)
            }
        }
        for (store, reason) in [(StoreName.records, failures.records), (.hints, failures.hints)] {
            finish(unsynced, reason.map { .failure(.failed($0)) } ?? .success(()), of: store)
        }
        unsynced = []
    }

    private func takeCompletions() -> [StorageCompletion] {
        var taken: [StorageCompletion] = []
        swap(&taken, &completions)
        return taken
    }

    // MARK: Leaves

    func complete(_ ticket: StorageTicket, _ result: StorageResult) {
        completions.append(StorageCompletion(ticket: ticket, result: result))
    }

    func fail(_ operation: String, _ store: StoreName, _ error: StorageError) {
        let text = "\(operation) of \(store) failed: \(error)"
        switch store {
        case .records:
            guard failures.records == nil else { return }
            failures.records = text
        case .hints:
            guard failures.hints == nil else { return }
            failures.hints = text
        }
        if store == .records { onFailure?(text) }
    }

    /// The store has written: what had failed before has passed.
    func noteSuccess(of store: StoreName) {
        if failures.records == nil, failures.hints == nil { return }
        if store == .records { failures.records = nil } else { failures.hints = nil }
    }
}

/// What a driver has a queue do.
package enum StoreJob: Sendable {
    /// The commands of one turn.
    case commands([StorageRequest])
    /// The round that was handed out has run.
    case synced(StoreSyncOutcome)
    /// Durability `interval`: what was applied is to be synced.
    case syncNow
    /// Background work is due.
    case maintain
    /// Everything is made durable and the engines are ended, once no round runs.
    case close
}

/// What came of some jobs.
package struct StoreStep {
    /// To be handed to the machine, in order.
    package let completions: [StorageCompletion]
    /// To be run, on any thread, while the queue goes on; its outcome comes back as ``StoreJob/synced(_:)``.
    package let round: StoreSync?
    /// The engines have ended: no further job.
    package let hasClosed: Bool
    /// Why the record store does not write or sync now.
    package let failure: String?
    /// Why a store was not closed in order.
    package let closingFailure: String?
}
