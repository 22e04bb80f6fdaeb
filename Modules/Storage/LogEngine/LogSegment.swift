internal import Hashing
internal import NIOCore
internal import StatorCore

/// Where the newest write of a key is: what the index keeps of it, 32 bytes.
struct LogLocation: IndexedValue {
    var segment: UInt32
    var offset: UInt32
    var length: UInt32
    /// The flags in the lower four bits, above them the length of the body itself: what it expands to.
    private let packed: UInt32
    var sequence: UInt64
    var digest: Digest

    private static let flagBits: UInt32 = 4

    /// - Parameter bodyLength: the largest of all, 256 MiB, is taken for a byte less.
    init(
        segment: UInt32, offset: UInt32, length: UInt32, flags: LogFrame.Flags, bodyLength: Int, sequence: UInt64,
        digest: Digest
    ) {
        self.segment = segment
        self.offset = offset
        self.length = length
        packed = UInt32(min(bodyLength, Int(UInt32.max >> Self.flagBits))) << Self.flagBits | UInt32(flags.rawValue)
        self.sequence = sequence
        self.digest = digest
    }

    var flags: LogFrame.Flags { LogFrame.Flags(rawValue: UInt8(packed & (1 << Self.flagBits - 1))) }
    var bodyBytes: Int { Int(packed >> Self.flagBits) }
    var isTombstone: Bool { flags.contains(.tombstone) }
}

/// One segment file and its books.
final class LogSegment {
    let number: UInt32
    let header: LogHeader
    /// Bytes that count, header included; the file may hold garbage of a failed write beyond them.
    var size: Int
    /// Of frames that the index points to.
    var liveBytes = 0
    /// Of removal entries.
    var removalBytes = 0
    /// The lowest sequence number of a put that lies here and is dead: removal entries above it are still needed.
    var lowestDeadPut = UInt64.max
    var lowestSequence = UInt64.max
    var highestSequence: UInt64 = 0
    var hint = HintState.missing
    /// The highest sequence in the hint that was read at the start.
    var hintedSequence: UInt64 = 0
    /// Whether the file ends before what is known to have been in it: what were appended would lie inside a lost frame.
    var isCutShort = false
    var headerIsDamaged = false
    /// Bytes of damage among its durable entries.
    var damagedBytes = 0
    /// Of these, records of which only the body is damaged.
    var damagedRecords = 0
    /// Bytes that are known to be durable.
    var durableSize = 0
    /// The live bytes that were left when a merge met damage here; it is not tried again until there are fewer.
    var damagedLiveBytes: Int?
    var file: (any DiskFile)?
    var lastUse: UInt64 = 0

    enum HintState { case missing, written, refused }

    init(number: UInt32, header: LogHeader, size: Int) {
        self.number = number
        self.header = header
        self.size = size
    }

    /// Bytes that nobody will read again.
    var deadBytes: Int { max(0, size - header.length - liveBytes - removalBytes) }

    func note(sequence: UInt64) {
        lowestSequence = min(lowestSequence, sequence)
        highestSequence = max(highestSequence, sequence)
    }

    /// A frame here is no longer what the index points to.
    func forget(_ location: LogLocation) {
        liveBytes -= Int(location.length)
        lowestDeadPut = min(lowestDeadPut, location.sequence)
    }
}

/// The first bytes of a segment file.
///
///     0  magic, 8 bytes      16 number          32 store's id, 8         48 count of replaced segments
///     8  format version, 4   20 kind            40 owner's hash, 8       52 their numbers, 4 bytes each
///     12 zero, 4             24 sequence                                 .. XXH3 of all before
///
/// Of an appended segment the sequence is its first frame's; of a merged one, all up to it were durable when it was made.
/// The replaced segments are those whose live data a merged segment holds: where it exists, they do not count.
struct LogHeader {
    static let magic: UInt64 = 0x5354_4154_4C4F_4731
    static let version: UInt32 = 2
    static let fixedLength = 52
    static let maximumReplaced = 4096

    enum Kind: UInt32 { case appended = 1, merged = 2 }

    var kind: Kind
    var sequence: UInt64
    var store: StoreIdentity
    var replaced: [UInt32] = []

    var length: Int { LogHeader.fixedLength + 4 * replaced.count + 8 }

    func encoded(number: UInt32) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: length)
        buffer.writeMultipleIntegers(LogHeader.magic, LogHeader.version, UInt32(0), number, kind.rawValue, sequence)
        buffer.writeMultipleIntegers(store.id, store.ownerHash, UInt32(replaced.count))
        for other in replaced { buffer.writeInteger(other) }
        buffer.writeInteger(XXHash.xxh3(buffer))
        return buffer
    }

    enum Reading {
        case intact(LogHeader)
        /// A header of this magic, intact, of another format version.
        case unsupported(UInt32)
        case damaged
    }

    /// How long a header is that begins so, as far as can be told.
    static func length(from start: ByteBuffer) -> Int {
        let isOurs = start.getInteger(at: start.readerIndex + 8, as: UInt32.self) == version
        let count = start.getInteger(at: start.readerIndex + fixedLength - 4, as: UInt32.self) ?? 0
        return fixedLength + 4 * (isOurs ? min(Int(count), maximumReplaced) : maximumReplaced) + 8
    }

    /// Reads a header from a file's first bytes.
    static func read(_ bytes: ByteBuffer, number: UInt32) -> Reading {
        var fields = bytes
        guard
            let (magic, version, zero, found, rawKind, sequence) = fields.readMultipleIntegers(
                as: (UInt64, UInt32, UInt32, UInt32, UInt32, UInt64).self),
            magic == LogHeader.magic
        else { return .damaged }
        guard version == LogHeader.version else { return isEarlier(bytes, version) ? .unsupported(version) : .damaged }
        guard
            let (store, ownerHash, count) = fields.readMultipleIntegers(as: (UInt64, UInt64, UInt32).self),
            count <= maximumReplaced, isChecked(bytes, length: fixedLength + 4 * Int(count))
        else { return .damaged }
        guard zero == 0, found == number, let kind = Kind(rawValue: rawKind) else { return .damaged }
        var header = LogHeader(
            kind: kind, sequence: sequence, store: StoreIdentity(id: store, ownerHash: ownerHash))
        for _ in 0..<count {
            if let other = fields.readInteger(as: UInt32.self) { header.replaced.append(other) }
        }
        return .intact(header)
    }

    private static func isChecked(_ bytes: ByteBuffer, length: Int) -> Bool {
        guard let checked = bytes.getSlice(at: bytes.readerIndex, length: length) else { return false }
        return bytes.getInteger(at: bytes.readerIndex + length, as: UInt64.self) == XXHash.xxh3(checked)
    }

    /// Whether it is an intact header of another version. Those before 2 had the count of replaced segments where now the
    /// store's id is.
    private static func isEarlier(_ bytes: ByteBuffer, _ version: UInt32) -> Bool {
        let count = bytes.getInteger(at: bytes.readerIndex + 32, as: UInt32.self) ?? 0
        let lengths = [36 + 4 * Int(min(count, UInt32(maximumReplaced))), fixedLength]
        return lengths.contains { isChecked(bytes, length: $0) }
    }
}
