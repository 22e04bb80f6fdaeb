internal import Hashing
internal import NIOCore
internal import StatorCore

/// Which store a file belongs to.
struct StoreIdentity: Hashable {
    /// Random, drawn when the store is made: what it seeds is no frame of another store.
    let id: UInt64
    /// Of the owner's name: tells another's store from this one where the marker is lost.
    let ownerHash: UInt64

    init(id: UInt64, ownerHash: UInt64) {
        self.id = id
        self.ownerHash = ownerHash
    }

    init(id: UInt64, owner: String) {
        self.init(id: id, ownerHash: XXHash.xxh3(ByteBuffer(string: owner)))
    }
}

/// The file that makes a folder a store: its id, and whose it is. Written once, before the first segment.
///
///     0  magic, 8 bytes      12 id, 8      22 owner, UTF-8
///     8  format version, 4   20 length of the owner, 2      .. XXH3 of all before
enum StoreMarker {
    static let name = "STORE"
    static let magic: UInt64 = 0x5354_4154_5354_4F52
    static let version: UInt32 = 1
    static let maximumBytes = 22 + Int(UInt16.max) + 8

    enum Reading: Equatable {
        case missing
        case intact(id: UInt64, owner: String)
        case damaged
    }

    static func encoded(id: UInt64, owner: String) -> ByteBuffer {
        var buffer = ByteBuffer()
        let name = ByteBuffer(bytes: owner.utf8.prefix(Int(UInt16.max)))
        buffer.writeMultipleIntegers(magic, version, id, UInt16(name.readableBytes))
        buffer.writeImmutableBuffer(name)
        buffer.writeInteger(XXHash.xxh3(buffer))
        return buffer
    }

    static func read(_ bytes: ByteBuffer) -> Reading {
        guard let content = bytes.checked(seed: 0) else { return .damaged }
        var fields = content
        guard
            let (magic, version, id, length) = fields.readMultipleIntegers(
                as: (UInt64, UInt32, UInt64, UInt16).self),
            magic == StoreMarker.magic, version == StoreMarker.version,
            let owner = fields.readString(length: Int(length)),
            fields.readableBytes == 0
        else { return .damaged }
        return .intact(id: id, owner: owner)
    }
}

/// The file that says what a start must find: the segments that are durable, and how far.
///
/// It is never ahead of the disk and may be behind it: what it does not list may be there or not. It also keeps what damage
/// was found until whoever opened the store has made durable what follows from it. It says which file it was written to: one
/// that is read from another was copied, and the store's other files with it.
///
///     0  magic, 8 bytes      20 sequence, 8           40 new, copied: 1; origin: told 1, inode 8, birth 8; unreported damage:
///     8  format version, 4   28 count of segments, 4     records 8, bytes 8, other reasons 4, count of reasons 2,
///     12 store's id, 8       32 length of the rest, 8    each with its length in 2
///                                                     .. segments: number 4, length 4, damaged bytes 4; XXH3 of all before
struct StoreManifest: Equatable {
    static let name = "SEGMENTS"
    static let magic: UInt64 = 0x5354_4154_5345_4753
    static let version: UInt32 = 2
    static let maximumSegments = 1 << 20

    struct Segment: Equatable {
        var number: UInt32
        /// Bytes that are durable, header included.
        var length: Int
        /// Of these, bytes that are known to be damaged.
        var damagedBytes = 0
    }

    /// All writes up to it are durable.
    var durableSequence: UInt64 = 0
    /// Ascending by number.
    var segments: [Segment] = []
    var damage = StorageDamage()
    /// The store was made and nobody has taken note of it yet.
    var isNew = false
    /// Which file it was written to; `nil` where the file system did not tell.
    var origin: FileOrigin?

    /// O(log segments).
    func segment(_ number: UInt32) -> Segment? {
        var low = 0
        var high = segments.count
        while low < high {
            let middle = (low + high) >> 1
            if segments[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low < segments.count && segments[low].number == number ? segments[low] : nil
    }

    func encoded(store: UInt64) -> ByteBuffer {
        var rest = ByteBuffer()
        rest.writeInteger(UInt8((isNew ? 1 : 0) | (damage.isCopy ? 2 : 0)))
        rest.writeMultipleIntegers(UInt8(origin == nil ? 0 : 1), origin?.inode ?? 0, origin?.birth ?? 0)
        rest.writeMultipleIntegers(
            UInt64(damage.records), UInt64(damage.bytes), UInt32(damage.otherReasons), UInt16(damage.reasons.count))
        for reason in damage.reasons {
            let text = ByteBuffer(bytes: reason.utf8.prefix(Int(UInt16.max)))
            rest.writeInteger(UInt16(text.readableBytes))
            rest.writeImmutableBuffer(text)
        }
        for segment in segments {
            rest.writeMultipleIntegers(
                segment.number, UInt32(clamping: segment.length), UInt32(clamping: segment.damagedBytes))
        }
        var buffer = ByteBuffer()
        buffer.writeMultipleIntegers(
            StoreManifest.magic, StoreManifest.version, store, durableSequence, UInt32(segments.count),
            UInt64(rest.readableBytes))
        buffer.writeImmutableBuffer(rest)
        buffer.writeInteger(XXHash.xxh3(buffer))
        return buffer
    }

    init() {}

    /// Whether it is intact, of whatever store, and lists nothing.
    static func isOfNothing(_ bytes: ByteBuffer) -> Bool {
        let store = bytes.getInteger(at: bytes.readerIndex + 12, as: UInt64.self) ?? 0
        guard let manifest = StoreManifest(bytes, store: store) else { return false }
        return manifest.segments.isEmpty && manifest.damage.isNone
    }

    /// - Returns: `nil` where the bytes are no intact manifest of the store.
    init?(_ bytes: ByteBuffer, store: UInt64) {
        guard var fields = bytes.checked(seed: 0),
            let (magic, version, found, sequence, count, length) = fields.readMultipleIntegers(
                as: (UInt64, UInt32, UInt64, UInt64, UInt32, UInt64).self),
            magic == StoreManifest.magic, version == StoreManifest.version, found == store,
            length == UInt64(fields.readableBytes), count <= StoreManifest.maximumSegments
        else { return nil }
        durableSequence = sequence
        guard
            let (flags, told, inode, birth) = fields.readMultipleIntegers(as: (UInt8, UInt8, UInt64, Int64).self)
        else { return nil }
        isNew = flags & 1 != 0
        origin = told == 1 ? FileOrigin(inode: inode, birth: birth) : nil
        guard let noted = StoreManifest.readDamage(&fields), fields.readableBytes == 12 * Int(count) else { return nil }
        damage = noted
        damage.isCopy = flags & 2 != 0
        for _ in 0..<count {
            guard let (number, length, damaged) = fields.readMultipleIntegers(as: (UInt32, UInt32, UInt32).self)
            else { return nil }
            segments.append(Segment(number: number, length: Int(length), damagedBytes: Int(damaged)))
        }
    }

    private static func readDamage(_ fields: inout ByteBuffer) -> StorageDamage? {
        guard
            let (records, bytes, others, count) = fields.readMultipleIntegers(
                as: (UInt64, UInt64, UInt32, UInt16).self),
            count <= StorageDamage.maximumReasons
        else { return nil }
        var damage = StorageDamage()
        for _ in 0..<count {
            guard let length = fields.readInteger(as: UInt16.self), let reason = fields.readString(length: Int(length))
            else { return nil }
            damage.note(reason)
        }
        damage.records = Int(clamping: records)
        damage.bytes = Int(clamping: bytes)
        damage.otherReasons = Int(others)
        return damage
    }
}

extension ByteBuffer {
    /// All but the checksum at the end, where that is right.
    func checked(seed: UInt64) -> ByteBuffer? {
        guard readableBytes >= 8, let content = getSlice(at: readerIndex, length: readableBytes - 8),
            getInteger(at: writerIndex - 8, as: UInt64.self) == XXHash.xxh3(content, seed: seed)
        else { return nil }
        return content
    }
}
