internal import Hashing
internal import NIOCore

/// The file that says up to which write a store was durable by the last sync, ahead of the manifest.
///
/// It is written after each sync and before anybody hears of it, and is not synced itself: it survives the process, and as
/// much of a power cut as the system had written back by then. It is never ahead of the disk. It lies outside of the store's
/// folder where the environment gives a place, so that a store that was put back as a whole is missed as well.
///
///     0  magic, 8 bytes      12 store's id, 8      28 XXH3 of all before
///     8  format version, 4   20 sequence, 8
struct DurableTail: Equatable {
    static let name = "DURABLE"
    static let magic: UInt64 = 0x5354_4154_4455_5241
    static let version: UInt32 = 1
    static let length = 36

    var store: UInt64
    /// All writes up to it are durable.
    var sequence: UInt64

    func encoded() -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeMultipleIntegers(DurableTail.magic, DurableTail.version, store, sequence)
        buffer.writeInteger(XXHash.xxh3(buffer))
        return buffer
    }
}

extension DurableTail {
    /// - Returns: `nil` where the bytes are no intact one, as after a power cut.
    init?(_ bytes: ByteBuffer) {
        guard let content = bytes.checked(seed: 0) else { return nil }
        var fields = content
        guard
            let (magic, version, store, sequence) = fields.readMultipleIntegers(
                as: (UInt64, UInt32, UInt64, UInt64).self),
            magic == DurableTail.magic, version == DurableTail.version, fields.readableBytes == 0
        else { return nil }
        self.init(store: store, sequence: sequence)
    }
}

extension LogEngine {
    /// - Returns: up to which write this store was durable, as far as the file tells. That of another store says nothing, nor
    ///   does one that is missing.
    func readTail() throws -> UInt64 {
        guard let found = try readFile(at: tailPath, maximum: DurableTail.length), let tail = DurableTail(found.bytes),
            tail.store == store.id
        else { return 0 }
        return tail.sequence
    }

    /// - Returns: the file, opened once; `nil` where it cannot be had, as on a full disk.
    func tailFile() -> (any DiskFile)? {
        if openTail == nil { openTail = try? disk.open(tailPath, creating: true) }
        return openTail
    }
}
