import StatorCore
import Storage
import Synchronization

/// An engine that plays one on disk and does what a test has told it: one thread's, and counted.
final class ScriptedEngine: StorageEngine {
    typealias Settings = NoSettings
    static let kind = "scripted"
    static let summary = "For tests."
    static let guarantees: Set<Guarantee> = []

    let finding = StorageFinding.made
    /// Whether the next sync jobs fail; jobs are Sendable.
    let failsSyncs = Atomic<Bool>(false)
    var failsApplies = false
    /// The write of the next batch, by its place, that fails, and how.
    var failsAt: Int?
    var failsWith: StorageError?
    /// Slices of maintenance that say that more remains.
    var maintenanceLeft = 0
    private(set) var batches: [Int] = []
    private(set) var syncsBegun = 0
    private(set) var slices = 0
    private(set) var isClosed = false
    private var records: [Key: StoredRecord] = [:]
    private var isDirty = false

    init() {}

    init(settings: NoSettings, environment: StorageEnvironment) throws(StorageError) {}

    private struct Job: SyncJob {
        let fails: Bool

        func run() throws(StorageError) {
            if fails { throw .failed("the disk is gone") }
        }
    }

    var isMemoryResident: Bool { false }
    var statistics: StorageStatistics { StorageStatistics() }

    func record(for key: Key, token: Token) throws(StorageError) -> StoredRecord? { records[key] }

    func apply(_ batch: [StorageWrite]) throws(BatchError) {
        if failsApplies { throw BatchError(written: 0, cause: .failed("the disk is full")) }
        batches.append(batch.count)
        for (place, write) in batch.enumerated() {
            if place == failsAt, let failsWith {
                failsAt = nil
                throw BatchError(written: place, cause: failsWith)
            }
            isDirty = true
            switch write {
            case .put(let record): records[record.key] = record
            case .remove(_, let key): records[key] = nil
            }
        }
    }

    func beginSync() throws(StorageError) -> (any SyncJob)? {
        guard isDirty else { return nil }
        isDirty = false
        syncsBegun += 1
        return Job(fails: failsSyncs.load(ordering: .relaxed))
    }

    func endSync(_ outcome: Result<Void, StorageError>) {}

    func scan(
        _ range: TokenRange, after cursor: ScanCursor?, limit: Int, into entries: inout [RecordMetadata]
    ) throws(StorageError) -> ScanCursor? {
        let found = records.values.sorted { $0.token < $1.token }
        entries += found.map {
            RecordMetadata(token: $0.token, key: $0.key, digest: $0.digest, isTombstone: $0.isTombstone, bytes: 0)
        }
        return nil
    }

    func maintain(budget: ByteCount) throws(StorageError) -> Bool {
        slices += 1
        if maintenanceLeft > 0 { maintenanceLeft -= 1 }
        return maintenanceLeft > 0
    }

    func close() throws(StorageError) { isClosed = true }
}
