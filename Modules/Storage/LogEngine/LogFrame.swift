internal import Hashing
internal import NIOCore
internal import StatorCore

/// One record in a segment: a head of 64 bytes, the key, the body as stored. Integers are big endian.
///
///     0  head check   XXH3 of bytes 8 ..< 64 and the key
///     8  body check   XXH3 of the body as stored
///     16 sequence     of this write, from 1, without gaps over the segments written to
///     24 token
///     32 digest
///     40 expiry       microseconds, where the flag says so
///     48 stored       length of the body as stored
///     52 body         length of the body itself
///     56 unsynced     how many writes before this one were not durable when it was written
///     60 key          length of the key
///     62 flags        1 removal, 2 tombstone, 4 expiry, 8 LZ4
///     63 zero
///
/// Both checks are seeded with the store's random id, the segment and the offset, so bytes that got to the wrong place, also
/// from another store's files, or a frame inside a client's value, are no frame. The head can be trusted by itself: where only the body is damaged, the key is still known
/// and reading it fails, rather than finding nothing.
struct LogFrame {
    static let headLength = 64

    struct Flags: OptionSet {
        let rawValue: UInt8
        static let removal = Flags(rawValue: 1)
        static let tombstone = Flags(rawValue: 2)
        static let expiry = Flags(rawValue: 4)
        static let lz4 = Flags(rawValue: 8)
        static let all: Flags = [.removal, .tombstone, .expiry, .lz4]
    }

    var bodyCheck: UInt64 = 0
    var sequence: UInt64
    var token: Token
    var digest: Digest
    var expiry: Int64 = 0
    var storedLength: Int
    var bodyLength: Int
    var unsynced: UInt32
    var keyLength: Int
    var flags: Flags

    var length: Int { LogFrame.headLength + keyLength + storedLength }

    /// The last sequence number that is known durable from this frame's existence.
    var durableSequence: UInt64 { sequence - min(sequence, UInt64(unsynced) + 1) }

    static func seed(store: UInt64, segment: UInt32, offset: Int) -> UInt64 {
        store ^ (UInt64(segment) << 32 | UInt64(UInt32(truncatingIfNeeded: offset)))
    }

    /// Appends the frame of a key and a body as stored; the readable bytes before it are left alone.
    func write(key: ByteBuffer, stored: ByteBuffer, seed: UInt64, into buffer: inout ByteBuffer) {
        let start = buffer.writerIndex
        let bodyCheck = stored.readableBytes == 0 ? 0 : XXHash.xxh3(stored, seed: seed)
        buffer.encode {
            $0.writeInteger(UInt64(0))
            $0.writeInteger(bodyCheck)
            $0.writeInteger(sequence)
            $0.writeInteger(token.value)
            $0.writeInteger(digest.value)
            $0.writeInteger(expiry)
            $0.writeInteger(UInt32(storedLength))
            $0.writeInteger(UInt32(bodyLength))
            $0.writeInteger(unsynced)
            $0.writeInteger(UInt16(keyLength))
            $0.writeInteger(flags.rawValue)
            $0.writeInteger(UInt8(0))
            $0.writeBytes(key)
            $0.writeBytes(stored)
        }
        buffer.setInteger(buffer.headCheck(at: start, keyLength: keyLength, seed: seed), at: start)
    }

    /// The frame whose head starts at `index`, or `nil` where no intact head and key are there.
    init?(in buffer: ByteBuffer, at index: Int, seed: UInt64) {
        let start = index - buffer.readerIndex
        let found = buffer.withUnsafeReadableBytes { bytes -> LogFrame? in
            guard start >= 0, start < bytes.count else { return nil }
            return LogFrame(UnsafeRawBufferPointer(rebasing: bytes[start...]), seed: seed)
        }
        guard let found else { return nil }
        self = found
    }

    private init?(_ bytes: UnsafeRawBufferPointer, seed: UInt64) {
        guard bytes.count > LogFrame.headLength else { return nil }
        func integer<Integer: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, _ type: Integer.Type) -> Integer {
            Integer(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
        }
        let keyLength = Int(integer(60, UInt16.self))
        let stored = integer(48, UInt32.self)
        let body = integer(52, UInt32.self)
        guard keyLength >= 1, keyLength <= Limits.maximumStoredKey, bytes.count >= LogFrame.headLength + keyLength,
            bytes[63] == 0, bytes[62] <= Flags.all.rawValue, stored <= Limits.maximumRecordBody,
            body <= Limits.maximumRecordBody
        else { return nil }
        let checked = UnsafeRawBufferPointer(rebasing: bytes[8..<(LogFrame.headLength + keyLength)])
        guard integer(0, UInt64.self) == XXHash.xxh3(RawSpan(_unsafeBytes: checked), seed: seed) else { return nil }
        self.init(
            bodyCheck: integer(8, UInt64.self), sequence: integer(16, UInt64.self),
            token: Token(integer(24, UInt64.self)),
            digest: Digest(integer(32, UInt64.self)), expiry: integer(40, Int64.self), storedLength: Int(stored),
            bodyLength: Int(body), unsynced: integer(56, UInt32.self), keyLength: keyLength,
            flags: Flags(rawValue: bytes[62]))
    }

    init(
        bodyCheck: UInt64 = 0, sequence: UInt64, token: Token, digest: Digest, expiry: Int64, storedLength: Int,
        bodyLength: Int, unsynced: UInt32, keyLength: Int, flags: Flags
    ) {
        self.bodyCheck = bodyCheck
        self.sequence = sequence
        self.token = token
        self.digest = digest
        self.expiry = expiry
        self.storedLength = storedLength
        self.bodyLength = bodyLength
        self.unsynced = unsynced
        self.keyLength = keyLength
        self.flags = flags
    }

    /// The key's bytes, of a frame at `index`: a slice.
    func key(in buffer: ByteBuffer, at index: Int) -> ByteBuffer? {
        buffer.getSlice(at: index + LogFrame.headLength, length: keyLength)
    }

    /// The body as stored, or `nil` where it is cut short or its check fails.
    func intactBody(in buffer: ByteBuffer, at index: Int, seed: UInt64) -> ByteBuffer? {
        guard let stored = buffer.getSlice(at: index + LogFrame.headLength + keyLength, length: storedLength)
        else { return nil }
        if storedLength == 0 { return bodyCheck == 0 ? stored : nil }
        return XXHash.xxh3(stored, seed: seed) == bodyCheck ? stored : nil
    }
}

extension ByteBuffer {
    fileprivate func headCheck(at index: Int, keyLength: Int, seed: UInt64) -> UInt64 {
        let start = index - readerIndex + 8
        return withUnsafeReadableBytes { bytes in
            let head = UnsafeRawBufferPointer(rebasing: bytes[start..<(start + 56 + keyLength)])
            return XXHash.xxh3(RawSpan(_unsafeBytes: head), seed: seed)
        }
    }
}
