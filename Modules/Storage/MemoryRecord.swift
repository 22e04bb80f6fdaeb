internal import NIOCore
internal import StatorCore

/// One record of the memory engine, sixteen bytes in the index: the token and where the rest is.
///
/// Small records are one allocation: a head, the key's bytes and the body's, beside one another, so that a look-up
/// touches one place and a million keys cost no objects. Reading one copies its body out. Larger ones are kept as they
/// are, and read without a copy. Nothing counts references: whoever takes an entry out of the index calls ``free()``.
///
///     0  digest
///     8  expiry in microseconds, or Int64.min
///     16 length of the body, 4 bytes
///     20 length of the key, 2 bytes
///     22 whether it is a tombstone
///     23 whether it was used recently, for caches
///     24 key, body
struct MemoryRecord: IndexEntry {
    /// Beyond so many bytes of key and body together a copy costs more than an object.
    private static let largestInline = 1024
    private static let headLength = 24
    private static let noExpiry = Int64.min

    /// A record of its own buffers.
    private final class Large {
        let record: StoredRecord
        var isRecent = false

        init(_ record: StoredRecord) {
            self.record = record
        }
    }

    let token: Token
    /// Of a block, or of an object where the lowest bit is set: both are aligned to more than that.
    private var address: UInt

    init(_ record: StoredRecord) {
        token = record.token
        address = MemoryRecord.address(of: record)
    }

    private static func address(of record: StoredRecord) -> UInt {
        let length = record.key.bytes.readableBytes + record.body.readableBytes
        guard length <= largestInline else {
            let kept = StoredRecord(
                token: record.token, key: record.key.compacted(), digest: record.digest,
                isTombstone: record.isTombstone, expiry: record.expiry, body: record.body.compacted())
            return UInt(bitPattern: Unmanaged.passRetained(Large(kept)).toOpaque()) | 1
        }
        let block = UnsafeMutableRawPointer.allocate(byteCount: capacity(for: length), alignment: 8)
        fill(block, with: record)
        return UInt(bitPattern: block)
    }

    /// Replaces what is here by another record of the same key, in its place where that has the same size.
    mutating func replace(with record: StoredRecord) {
        let length = record.key.bytes.readableBytes + record.body.readableBytes
        if let block, length <= MemoryRecord.largestInline,
            MemoryRecord.capacity(for: length) == MemoryRecord.capacity(for: lengths.key + lengths.body)
        {
            MemoryRecord.fill(block, with: record)
            return
        }
        free()
        address = MemoryRecord.address(of: record)
    }

    /// Ends the record's memory: the entry is not used after it.
    func free() {
        if let block { return block.deallocate() }
        large.release()
    }

    /// What allocators round a block up to anyway.
    private static func capacity(for length: Int) -> Int { (headLength + length + 7) / 16 * 16 + 8 }

    private static func fill(_ block: UnsafeMutableRawPointer, with record: StoredRecord) {
        let keyLength = record.key.bytes.readableBytes
        block.storeBytes(of: record.digest.value, as: UInt64.self)
        block.storeBytes(of: record.expiry?.microseconds ?? noExpiry, toByteOffset: 8, as: Int64.self)
        block.storeBytes(of: UInt32(record.body.readableBytes), toByteOffset: 16, as: UInt32.self)
        block.storeBytes(of: UInt16(keyLength), toByteOffset: 20, as: UInt16.self)
        block.storeBytes(of: record.isTombstone, toByteOffset: 22, as: Bool.self)
        block.storeBytes(of: false, toByteOffset: 23, as: Bool.self)
        record.key.bytes.copyReadableBytes(to: block + headLength)
        record.body.copyReadableBytes(to: block + headLength + keyLength)
    }

    // MARK: Reading

    private var block: UnsafeMutableRawPointer? {
        address & 1 == 0 ? UnsafeMutableRawPointer(bitPattern: address) : nil
    }

    private var large: Unmanaged<Large> {
        guard let object = UnsafeRawPointer(bitPattern: address & ~1) else {
            preconditionFailure("a record has an address")
        }
        return Unmanaged.fromOpaque(object)
    }

    private var largeRecord: StoredRecord { large._withUnsafeGuaranteedRef { $0.record } }

    var lengths: (key: Int, body: Int) {
        guard let block else { return (largeRecord.key.bytes.readableBytes, largeRecord.body.readableBytes) }
        return (
            Int(block.load(fromByteOffset: 20, as: UInt16.self)), Int(block.load(fromByteOffset: 16, as: UInt32.self))
        )
    }

    var bytes: Int {
        let (key, body) = lengths
        return key + body
    }

    var digest: Digest {
        guard let block else { return largeRecord.digest }
        return Digest(block.load(as: UInt64.self))
    }

    var isTombstone: Bool {
        guard let block else { return largeRecord.isTombstone }
        return block.load(fromByteOffset: 22, as: Bool.self)
    }

    var isRecent: Bool {
        get {
            guard let block else { return large._withUnsafeGuaranteedRef { $0.isRecent } }
            return block.load(fromByteOffset: 23, as: Bool.self)
        }
        nonmutating set {
            guard let block else { return large._withUnsafeGuaranteedRef { $0.isRecent = newValue } }
            block.storeBytes(of: newValue, toByteOffset: 23, as: Bool.self)
        }
    }

    /// Bytes that it takes, its entry in the index included.
    var memory: Int {
        if block == nil { return MemoryRecord.memory(of: largeRecord) }
        let (key, body) = lengths
        return 24 + MemoryRecord.capacity(for: key + body)
    }

    /// Bytes that a record takes, or would.
    static func memory(of record: StoredRecord) -> Int {
        let length = record.key.bytes.readableBytes + record.body.readableBytes
        return length <= largestInline ? 24 + capacity(for: length) : 2 * length + 320
    }

    var key: Key {
        guard let block else { return largeRecord.key }
        return Key(unchecked: MemoryRecord.copy(of: block + MemoryRecord.headLength, count: lengths.key))
    }

    func holds(_ key: Key) -> Bool {
        guard let block else { return largeRecord.key == key }
        let length = lengths.key
        return key.bytes.withUnsafeReadableBytes { wanted in
            wanted.isEqual(to: UnsafeRawBufferPointer(start: block + MemoryRecord.headLength, count: length))
        }
    }

    var body: ByteBuffer {
        guard let block else { return largeRecord.body }
        let (keyLength, bodyLength) = lengths
        return MemoryRecord.copy(of: block + MemoryRecord.headLength + keyLength, count: bodyLength)
    }

    /// - Parameter key: the record's key, as the caller has it.
    func record(of key: Key) -> StoredRecord {
        guard let block else { return largeRecord }
        let expiry = block.load(fromByteOffset: 8, as: Int64.self)
        return StoredRecord(
            token: token, key: key, digest: digest, isTombstone: isTombstone,
            expiry: expiry == MemoryRecord.noExpiry ? nil : WallTime(microseconds: expiry), body: body)
    }

    private static func copy(of bytes: UnsafeMutableRawPointer, count: Int) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        buffer.writeBytes(UnsafeRawBufferPointer(start: bytes, count: count))
        return buffer
    }
}

extension ByteBuffer {
    fileprivate func copyReadableBytes(to target: UnsafeMutableRawPointer) {
        withUnsafeReadableBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            target.copyMemory(from: start, byteCount: bytes.count)
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Eight bytes at a time.
    fileprivate func isEqual(to other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        var offset = 0
        while offset + 8 <= count {
            guard
                loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                    == other.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            else { return false }
            offset += 8
        }
        while offset < count {
            guard self[offset] == other[offset] else { return false }
            offset += 1
        }
        return true
    }
}
