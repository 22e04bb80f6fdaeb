import StatorCore
import Storage
import Synchronization

/// An engine in memory that plays one on disk: it counts, and its syncs wait until they are let go.
final class CountingEngine: StorageEngine {
    typealias Settings = NoSettings
    static let kind = "counting"
    static let summary = "For tests."
    static let guarantees: Set<Guarantee> = []

    let finding = StorageFinding.made

    /// What tests see and steer, from any thread.
    final class Control: Sendable {
        let applies = Atomic<Int>(0)
        let syncs = Atomic<Int>(0)
        let ended = Atomic<Int>(0)
        let holdsSyncs = Atomic<Bool>(false)
        let failsSyncs = Atomic<Bool>(false)
        let failsApplies = Atomic<Bool>(false)
        let isClosed = Atomic<Bool>(false)
        private let inside = Atomic<Int>(0)
        /// How often a call met another thread's.
        let overlaps = Atomic<Int>(0)

        func exclusively<Result>(_ body: () throws(StorageError) -> Result) throws(StorageError) -> Result {
            if inside.add(1, ordering: .acquiringAndReleasing).newValue > 1 { overlaps.add(1, ordering: .relaxed) }
            defer { inside.subtract(1, ordering: .acquiringAndReleasing) }
            return try body()
        }

        var applyCount: Int { applies.load(ordering: .relaxed) }
        var syncCount: Int { syncs.load(ordering: .relaxed) }
        var hasClosed: Bool { isClosed.load(ordering: .acquiring) }
    }

    private struct Job: SyncJob {
        let control: Control

        func run() throws(StorageError) {
            control.syncs.add(1, ordering: .relaxed)
            while control.holdsSyncs.load(ordering: .acquiring) { Thread.pause() }
            if control.failsSyncs.load(ordering: .acquiring) { throw .failed("the disk is gone") }
        }
    }

    let control: Control
    private var records: [Key: StoredRecord] = [:]
    private var isDirty = false

    init(_ control: Control) {
        self.control = control
    }

    init(settings: NoSettings, environment: StorageEnvironment) throws(StorageError) {
        control = Control()
    }

    var isMemoryResident: Bool { false }

    func record(for key: Key, token: Token) throws(StorageError) -> StoredRecord? { records[key] }

    func apply(_ batch: [StorageWrite]) throws(BatchError) {
        do throws(StorageError) {
            try write(batch)
        } catch {
            throw BatchError(written: 0, cause: error)
        }
    }

    private func write(_ batch: [StorageWrite]) throws(StorageError) {
        try control.exclusively { () throws(StorageError) in
            if control.failsApplies.load(ordering: .acquiring) { throw .failed("the disk is full") }
            control.applies.add(1, ordering: .relaxed)
            isDirty = true
            for write in batch {
                switch write {
                case .put(let record): records[record.key] = record
                case .remove(_, let key): records[key] = nil
                }
            }
        }
    }

    func beginSync() throws(StorageError) -> (any SyncJob)? {
        try control.exclusively { () throws(StorageError) in
            guard isDirty else { return nil }
            isDirty = false
            return Job(control: control)
        }
    }

    func endSync(_ outcome: Result<Void, StorageError>) { control.ended.add(1, ordering: .relaxed) }

    func scan(_ range: TokenRange, after cursor: ScanCursor?, limit: Int, into entries: inout [RecordMetadata])
        throws(StorageError) -> ScanCursor?
    { nil }

    func maintain(budget: ByteCount) throws(StorageError) -> Bool {
        try control.exclusively { () throws(StorageError) in false }
    }

    var statistics: StorageStatistics {
        var statistics = StorageStatistics()
        statistics.records = records.count
        return statistics
    }

    func close() throws(StorageError) { control.isClosed.store(true, ordering: .releasing) }
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

enum Thread {
    static func pause() { usleep(500) }
}
