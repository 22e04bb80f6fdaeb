internal import Hashing
internal import NIOCore
internal import StatorCore

/// What a segment holds, without the bodies: read at the start instead of the segment.
///
/// It covers a prefix of the segment that was durable when the hint was written, dead entries and removals included:
/// what superseded them may be gone after a crash. One XXH3 covers all; a hint that fails it is ignored.
struct LogHint {
    static let magic: UInt64 = 0x5354_4154_4C4F_4748
    static let version: UInt32 = 3

    struct Entry {
        let token: Token
        let key: Key
        let location: LogLocation
    }

    /// The segment's bytes that the entries describe.
    let coveredBytes: Int
    let highestSequence: UInt64
    private var rest: ByteBuffer
    private var unread: Int
    private let segment: UInt32

    /// What seeds a hint's checksum.
    static func seed(store: UInt64, segment: UInt32) -> UInt64 { store ^ UInt64(segment) }

    /// - Returns: `nil` where the bytes are no intact hint of this segment of the store.
    init?(_ file: ByteBuffer, store: UInt64, segment: UInt32) {
        guard file.readableBytes >= 8,
            let checked = file.getSlice(at: file.readerIndex, length: file.readableBytes - 8),
            file.getInteger(at: file.writerIndex - 8, as: UInt64.self)
                == XXHash.xxh3(checked, seed: LogHint.seed(store: store, segment: segment))
        else { return nil }
        rest = checked
        guard
            let (magic, version, number, covered, highest, count) = rest.readMultipleIntegers(
                as: (UInt64, UInt32, UInt32, UInt64, UInt64, UInt32).self),
            magic == LogHint.magic, version == LogHint.version, number == segment, covered <= UInt32.max
        else { return nil }
        coveredBytes = Int(covered)
        highestSequence = highest
        unread = Int(count)
        self.segment = segment
    }

    /// A key of a store may be longer than a client's: see ``Limits/maximumStoredKey``.
    private mutating func readKey() -> Key? {
        let bytes = try? rest.decode { bytes throws(CodecError) in
            try bytes.readLengthPrefixed("key", maximum: Limits.maximumStoredKey)
        }
        return bytes.flatMap { $0.readableBytes > 0 ? Key(unchecked: $0) : nil }
    }

    /// The next entry, or `nil` after the last one.
    mutating func next() -> Entry? {
        guard unread > 0, let token = rest.readInteger(as: UInt64.self),
            let (digest, sequence, offset, length, bodyLength, rawFlags) = rest.readMultipleIntegers(
                as: (UInt64, UInt64, UInt32, UInt32, UInt32, UInt8).self),
            let key = readKey()
        else { return nil }
        unread -= 1
        let location = LogLocation(
            segment: segment, offset: offset, length: length,
            flags: LogFrame.Flags(rawValue: rawFlags).intersection(.all), bodyLength: Int(bodyLength),
            sequence: sequence,
            digest: Digest(digest))
        return Entry(token: Token(token), key: key, location: location)
    }
}

/// Gathers a hint, entry by entry.
struct LogHintBuilder {
    let store: UInt64
    let segment: UInt32
    private var entries = ByteBuffer()
    private var count: UInt32 = 0
    private(set) var highestSequence: UInt64

    /// - Parameter highestSequence: a sequence up to which all writes are known to be durable.
    init(store: UInt64, segment: UInt32, highestSequence: UInt64 = 0) {
        self.store = store
        self.segment = segment
        self.highestSequence = highestSequence
    }

    mutating func add(_ location: LogLocation, key: Key, token: Token) {
        entries.writeMultipleIntegers(
            token.value, location.digest.value, location.sequence, location.offset, location.length,
            UInt32(location.bodyBytes), location.flags.rawValue)
        entries.writeKey(key)
        count += 1
        highestSequence = max(highestSequence, location.sequence)
    }

    func encoded(coveredBytes: Int) -> ByteBuffer {
        var file = ByteBufferAllocator().buffer(capacity: entries.readableBytes + 64)
        file.writeMultipleIntegers(
            LogHint.magic, LogHint.version, segment, UInt64(coveredBytes), highestSequence, count)
        file.writeImmutableBuffer(entries)
        file.writeInteger(XXHash.xxh3(file, seed: LogHint.seed(store: store, segment: segment)))
        return file
    }
}

extension LogLocation {
    init(_ frame: LogFrame, segment: UInt32, offset: Int) {
        self.init(
            segment: segment, offset: UInt32(offset), length: UInt32(frame.length), flags: frame.flags,
            bodyLength: frame.bodyLength, sequence: frame.sequence, digest: frame.digest)
    }
}
