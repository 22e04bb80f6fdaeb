import StatorCore
import Storage

/// An engine that does what its base does: plants override what they spoil.
class PassingEngine: StorageEngine {
    typealias Settings = NoSettings
    static let kind = "passing"
    static let summary = "Another engine, passed on."
    static let guarantees: Set<Guarantee> = []

    let base: any StorageEngine

    init(_ base: any StorageEngine) {
        self.base = base
    }

    /// - Throws: always; a wrapper is made from its base.
    required init(settings: NoSettings, environment: StorageEnvironment) throws(StorageError) {
        throw .unsupported("a wrapper is made from its base")
    }

    var finding: StorageFinding { base.finding }
    var isMemoryResident: Bool { base.isMemoryResident }
    var statistics: StorageStatistics { base.statistics }

    func record(for key: Key, token: Token) throws(StorageError) -> StoredRecord? {
        try base.record(for: key, token: token)
    }

    func apply(_ batch: [StorageWrite]) throws(BatchError) { try base.apply(batch) }

    func beginSync() throws(StorageError) -> (any SyncJob)? { try base.beginSync() }

    func endSync(_ outcome: Result<Void, StorageError>) { base.endSync(outcome) }

    func scan(_ range: TokenRange, after cursor: ScanCursor?, limit: Int, into entries: inout [RecordMetadata])
        throws(StorageError) -> ScanCursor?
    {
        try base.scan(range, after: cursor, limit: limit, into: &entries)
    }

    func acknowledgeFinding() throws(StorageError) { try base.acknowledgeFinding() }

    func maintain(budget: ByteCount) throws(StorageError) -> Bool { try base.maintain(budget: budget) }

    func close() throws(StorageError) { try base.close() }
}

extension StorageEngine {
    /// All that is held, read past the wrapper's own scan.
    func everything() -> [RecordMetadata] {
        var entries: [RecordMetadata] = []
        var cursor: ScanCursor?
        repeat {
            cursor = (try? scan(.full, after: cursor, limit: 1024, into: &entries)) ?? nil
        } while cursor != nil
        return entries
    }
}
