public import NIOCore
public import StatorCore

/// Keeps all records in memory and forgets them with the process: for caches, tests, and experiments that must not
/// measure a disk.
///
/// Every record is copied out of the buffers it arrived in: see ``MemoryRecord``. Costs are those of ``TokenIndex``; no
/// call waits.
public final class MemoryEngine: StorageEngine {
    public typealias Settings = NoSettings
    public static let kind = "memory"
    public static let summary = "Records in memory only, lost with the process; for caches, tests and experiments."
    public static let guarantees: Set<Guarantee> = [StorageGuarantees.detectsCorruption]

    private let index = TokenIndex<MemoryRecord>()
    private var counts = StorageStatistics()

    public init(settings: NoSettings, environment: StorageEnvironment) throws(StorageError) {}

    deinit {
        for bucket in 0..<index.bucketCount {
            for record in index.entries(inBucket: bucket) { record.free() }
        }
    }

    public var finding: StorageFinding { .made }

    public var isMemoryResident: Bool { true }

    public func record(for key: Key, token: Token) throws(StorageError) -> StoredRecord? {
        let position = index.find(key, token: token)
        return position.isThere ? index[position].record(of: key) : nil
    }

    public func body(for key: Key, token: Token) throws(StorageError) -> ByteBuffer? {
        let position = index.find(key, token: token)
        return position.isThere ? index[position].body : nil
    }

    public func digest(for key: Key, token: Token) throws(StorageError) -> Digest? {
        let position = index.find(key, token: token)
        return position.isThere ? index[position].digest : nil
    }

    public func apply(_ batch: [StorageWrite]) throws(BatchError) {
        for write in batch { carryOut(write) }
    }

    public func apply(_ write: StorageWrite) throws(StorageError) { carryOut(write) }

    private func carryOut(_ write: StorageWrite) {
        let position = index.find(write.key, token: write.token)
        if position.isThere { count(index[position], sign: -1) }
        switch write {
        case .put(let record):
            if position.isThere {
                index[position].replace(with: record)
                count(index[position], sign: 1)
            } else {
                let kept = MemoryRecord(record)
                count(kept, sign: 1)
                index.insert(kept, at: position)
            }
        case .remove: if position.isThere { index.remove(at: position).free() }
        }
    }

    private func count(_ record: MemoryRecord, sign: Int) {
        let (key, body) = record.lengths
        counts.records += sign
        counts.tombstones += record.isTombstone ? sign : 0
        counts.liveBytes += sign * (key + body)
    }

    public func beginSync() throws(StorageError) -> (any SyncJob)? { nil }

    public func endSync(_ outcome: Result<Void, StorageError>) {}

    public func scan(_ range: TokenRange, after cursor: ScanCursor?, limit: Int, into entries: inout [RecordMetadata])
        -> ScanCursor?
    {
        index.scan(range, after: cursor, limit: limit, into: &entries)
    }

    public func maintain(budget: ByteCount) throws(StorageError) -> Bool { false }

    public var statistics: StorageStatistics { counts }

    public func close() throws(StorageError) {}
}
