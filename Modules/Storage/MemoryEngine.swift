internal import NIOCore
public import StatorCore

/// Keeps all records in memory and forgets them with the process: for caches, tests, and experiments that must not
/// measure a disk.
///
/// A key and its body are copied together out of the buffers they arrived in, into one that is theirs alone. Costs are
/// those of ``TokenIndex``; no call waits.
public final class MemoryEngine: StorageEngine {
    public typealias Settings = NoSettings
    public static let kind = "memory"
    public static let summary = "Records in memory only, lost with the process; for caches, tests and experiments."
    public static let guarantees: Set<Guarantee> = [StorageGuarantees.detectsCorruption]

    private var index = TokenIndex<MemoryValue>()
    private var counts = StorageStatistics()

    public init(settings: NoSettings, environment: StorageEnvironment) throws(StorageError) {}

    public var isMemoryResident: Bool { true }

    public func record(for key: Key, token: Token) throws(StorageError) -> StoredRecord? {
        index.value(for: key, token: token)?.record
    }

    public func apply(_ batch: [StorageWrite]) throws(StorageError) {
        for write in batch { try apply(write) }
    }

    public func apply(_ write: StorageWrite) throws(StorageError) {
        switch write {
        case .put(let record):
            let kept = MemoryValue(record: MemoryEngine.joined(record))
            count(kept.record, sign: 1)
            if let old = index.insert(kept, keeping: kept.record.key, token: record.token) {
                count(old.record, sign: -1)
            }
        case .remove(let token, let key):
            if let old = index.remove(key, token: token) { count(old.record, sign: -1) }
        }
    }

    /// The record with key and body in one buffer of its own: what a look-up touches lies together.
    private static func joined(_ record: StoredRecord) -> StoredRecord {
        let length = record.key.bytes.readableBytes
        let body = record.body
        var buffer = ByteBufferAllocator().buffer(capacity: length + body.readableBytes)
        buffer.writeImmutableBuffer(record.key.bytes)
        buffer.writeImmutableBuffer(body)
        var stored = buffer
        stored.moveReaderIndex(forwardBy: length)
        buffer.moveWriterIndex(to: length)
        return StoredRecord(
            token: record.token, key: Key(unchecked: buffer), digest: record.digest, isTombstone: record.isTombstone,
            expiry: record.expiry, body: stored)
    }

    private func count(_ record: StoredRecord, sign: Int) {
        counts.records += sign
        counts.tombstones += record.isTombstone ? sign : 0
        counts.liveBytes += sign * (record.key.bytes.readableBytes + record.body.readableBytes)
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

private struct MemoryValue: IndexedValue {
    let record: StoredRecord

    var digest: Digest { record.digest }
    var isTombstone: Bool { record.isTombstone }
}
