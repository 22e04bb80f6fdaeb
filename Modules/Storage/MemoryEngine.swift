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
        guard let value = index.value(for: key, token: token) else { return nil }
        return StoredRecord(
            token: token, key: key, digest: value.digest, isTombstone: value.isTombstone, expiry: value.expiry,
            body: value.body)
    }

    public func apply(_ batch: [StorageWrite]) throws(StorageError) {
        for write in batch { try apply(write) }
    }

    public func apply(_ write: StorageWrite) throws(StorageError) {
        switch write {
        case .put(let record):
            let (key, body) = MemoryEngine.joined(record.key, record.body)
            let value = MemoryValue(
                digest: record.digest, isTombstone: record.isTombstone, expiry: record.expiry, body: body)
            count(value, of: key, sign: 1)
            if let old = index.insert(value, keeping: key, token: record.token) { count(old, of: key, sign: -1) }
        case .remove(let token, let key):
            if let old = index.remove(key, token: token) { count(old, of: key, sign: -1) }
        }
    }

    /// Both in one buffer: one allocation for a record, and what a look-up touches lies together.
    private static func joined(_ key: Key, _ body: ByteBuffer) -> (key: Key, body: ByteBuffer) {
        let length = key.bytes.readableBytes
        var buffer = ByteBufferAllocator().buffer(capacity: length + body.readableBytes)
        buffer.writeImmutableBuffer(key.bytes)
        buffer.writeImmutableBuffer(body)
        var stored = buffer
        stored.moveReaderIndex(forwardBy: length)
        buffer.moveWriterIndex(to: length)
        return (Key(unchecked: buffer), stored)
    }

    private func count(_ value: MemoryValue, of key: Key, sign: Int) {
        counts.records += sign
        counts.tombstones += value.isTombstone ? sign : 0
        counts.liveBytes += sign * (key.bytes.readableBytes + value.body.readableBytes)
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
    let digest: Digest
    let isTombstone: Bool
    let expiry: WallTime?
    let body: ByteBuffer
}
