public import NIOCore

/// Why bytes from outside could not be read.
public enum CodecError: Error, Equatable, CustomStringConvertible {
    /// The bytes end before `what` is complete.
    case truncated(what: String)
    /// `what` has a value that is never written.
    case invalid(what: String, found: String)
    /// `what` is larger than its limit; nothing was allocated for it.
    case tooLarge(what: String, found: Int, maximum: Int)
    /// Bytes remain after the last field.
    case trailingBytes(what: String, count: Int)

    public var description: String {
        switch self {
        case .truncated(let what): "\(what) is cut short"
        case .invalid(let what, let found): "\(what) cannot be \(found)"
        case .tooLarge(let what, let found, let maximum): "\(what) has \(found), at most \(maximum) is allowed"
        case .trailingBytes(let what, let count): "\(count) bytes follow the end of \(what)"
        }
    }
}

/// The primitives that every codec of ours is made of: LEB128 integers and length-prefixed bytes, each with a limit
/// checked before anything is allocated. Integers have one encoding only (no padding), so encodings are canonical.
extension ByteBuffer {
    /// Unsigned LEB128, 1 to 10 bytes.
    public mutating func writeVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            writeInteger(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        writeInteger(UInt8(truncatingIfNeeded: rest))
    }

    public mutating func readVarint(_ what: @autoclosure () -> String) throws(CodecError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard let byte = readInteger(as: UInt8.self) else { throw .truncated(what: what()) }
            let isLastAllowed = shift == 63
            if isLastAllowed, byte > 1 { throw .invalid(what: what(), found: "wider than 64 bits") }
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 {
                if byte == 0, shift > 0 { throw .invalid(what: what(), found: "a padded integer") }
                return value
            }
            shift += 7
        }
    }

    /// A count or length, refused above `maximum`.
    public mutating func readCount(_ what: @autoclosure () -> String, maximum: Int) throws(CodecError) -> Int {
        let value = try readVarint(what())
        guard value <= UInt64(maximum) else {
            throw .tooLarge(what: what(), found: Int(clamping: value), maximum: maximum)
        }
        return Int(value)
    }

    public mutating func readFixed<Integer: FixedWidthInteger>(
        _ what: @autoclosure () -> String, as type: Integer.Type = Integer.self
    ) throws(CodecError) -> Integer {
        guard let value = readInteger(as: type) else { throw .truncated(what: what()) }
        return value
    }

    public mutating func writeBoolean(_ value: Bool) {
        writeInteger(UInt8(value ? 1 : 0))
    }

    public mutating func readBoolean(_ what: @autoclosure () -> String) throws(CodecError) -> Bool {
        switch try readFixed(what(), as: UInt8.self) {
        case 0: return false
        case 1: return true
        case let other: throw .invalid(what: what(), found: "\(other)")
        }
    }

    public mutating func writeLengthPrefixed(_ bytes: ByteBuffer) {
        writeVarint(UInt64(bytes.readableBytes))
        writeImmutableBuffer(bytes)
    }

    /// A slice of this buffer: no copy.
    public mutating func readLengthPrefixed(_ what: @autoclosure () -> String, maximum: Int) throws(CodecError)
        -> ByteBuffer
    {
        let count = try readCount(what(), maximum: maximum)
        guard let slice = readSlice(length: count) else { throw .truncated(what: what()) }
        return slice
    }

    public mutating func writeText(_ text: String) {
        writeVarint(UInt64(text.utf8.count))
        writeString(text)
    }

    public mutating func readText(_ what: @autoclosure () -> String, maximum: Int) throws(CodecError) -> String {
        let bytes = try readLengthPrefixed(what(), maximum: maximum)
        guard let text = String(validating: bytes.readableBytesView, as: UTF8.self) else {
            throw .invalid(what: what(), found: "bytes that are not UTF-8")
        }
        return text
    }

    /// - Throws: ``CodecError/trailingBytes(what:count:)`` unless everything was read.
    public func expectEnd(_ what: @autoclosure () -> String) throws(CodecError) {
        if readableBytes > 0 { throw .trailingBytes(what: what(), count: readableBytes) }
    }
}
