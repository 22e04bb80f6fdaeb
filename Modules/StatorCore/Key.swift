public import NIOCore

/// A client's key: 1 to 1,024 bytes, compared byte by byte.
///
/// The bytes are a slice of the buffer they arrived in; a holder that keeps the key (an index, a queue) keeps that
/// buffer alive and may call ``compacted()`` first.
public struct Key: Hashable, Sendable {
    /// The longest key that any interface accepts, in bytes.
    public static let maximumLength = 1024

    public let bytes: ByteBuffer

    /// - Parameter bytes: the readable bytes become the key.
    /// - Throws: ``KeyError`` when there is no byte, or more than ``maximumLength``.
    public init(_ bytes: ByteBuffer) throws(KeyError) {
        guard bytes.readableBytes > 0 else { throw KeyError.empty }
        guard bytes.readableBytes <= Key.maximumLength else {
            throw KeyError.tooLong(found: bytes.readableBytes, maximum: Key.maximumLength)
        }
        self.bytes = bytes
    }

    /// Skips the length check for bytes that passed it before, such as those read back from an engine.
    public init(unchecked bytes: ByteBuffer) {
        self.bytes = bytes
    }

    public init(_ string: String) throws(KeyError) {
        try self.init(ByteBuffer(string: string))
    }

    /// The key in a buffer of its own, sharing nothing with the buffer it was read from.
    public func compacted() -> Key {
        var copy = ByteBufferAllocator().buffer(capacity: bytes.readableBytes)
        copy.writeImmutableBuffer(bytes)
        return Key(unchecked: copy)
    }

    /// The key as text for people: UTF-8 where it is valid and printable, otherwise hexadecimal after `0x`.
    public var displayText: String {
        let text = String(buffer: bytes)
        let isPrintable = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F && $0.value != 0xFFFD }
        if isPrintable { return text }
        return "0x"
            + bytes.readableBytesView.map { byte in
                let digits = String(byte, radix: 16)
                return digits.count == 1 ? "0" + digits : digits
            }.joined()
    }
}

extension Key: Comparable {
    /// Byte order. O(length of the common prefix).
    public static func < (left: Key, right: Key) -> Bool {
        left.bytes.isOrderedBefore(right.bytes)
    }
}

extension ByteBuffer {
    /// Lexicographic order of the readable bytes, unsigned; a prefix comes before what extends it.
    public func isOrderedBefore(_ other: ByteBuffer) -> Bool {
        withUnsafeReadableBytes { mine in
            other.withUnsafeReadableBytes { theirs in
                let common = min(mine.count, theirs.count)
                var index = 0
                while index < common {
                    if mine[index] != theirs[index] { return mine[index] < theirs[index] }
                    index += 1
                }
                return mine.count < theirs.count
            }
        }
    }
}

public enum KeyError: Error, Equatable, CustomStringConvertible {
    case empty
    case tooLong(found: Int, maximum: Int)

    public var description: String {
        switch self {
        case .empty: "a key needs at least one byte"
        case .tooLong(let found, let maximum): "the key has \(found) bytes, at most \(maximum) are allowed"
        }
    }
}
