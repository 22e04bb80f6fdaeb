public import NIOCore

/// Reads the fields of an encoding one after the other, from bytes that are found once.
///
/// A `ByteBuffer` looks for its storage anew at every field, which is most of what a small field costs. The primitives
/// are those of ``ByteBuffer``, with the same limits and errors, and every read is checked against the end. A reader is
/// made by ``NIOCore/ByteBuffer/decode(_:)`` and means something within its closure only.
public struct ByteReader {
    @usableFromInline let bytes: UnsafeRawBufferPointer
    /// What slices are cut from: they share its storage.
    @usableFromInline let source: ByteBuffer
    @usableFromInline var offset = 0

    @inlinable
    init(_ bytes: UnsafeRawBufferPointer, of source: ByteBuffer) {
        self.bytes = bytes
        self.source = source
    }

    @inlinable public var readableBytes: Int { bytes.count &- offset }

    /// How many bytes were read so far.
    @inlinable public var position: Int { offset }

    /// Big endian; `nil` where too few bytes are left.
    @inlinable
    public mutating func readInteger<Integer: FixedWidthInteger & BitwiseCopyable>(
        as type: Integer.Type = Integer.self
    ) -> Integer? {
        guard readableBytes >= MemoryLayout<Integer>.size else { return nil }
        let value = bytes.loadUnaligned(fromByteOffset: offset, as: Integer.self)
        offset &+= MemoryLayout<Integer>.size
        return Integer(bigEndian: value)
    }

    @inlinable
    public mutating func readFixed<Integer: FixedWidthInteger & BitwiseCopyable>(
        _ what: @autoclosure () -> String, as type: Integer.Type = Integer.self
    ) throws(CodecError) -> Integer {
        guard let value = readInteger(as: type) else { throw .truncated(what: what()) }
        return value
    }

    @inlinable
    public mutating func readVarint(_ what: @autoclosure () -> String) throws(CodecError) -> UInt64 {
        // Most numbers are below 128: one byte.
        if offset < bytes.count, bytes[offset] < 0x80 {
            let value = UInt64(bytes[offset])
            offset &+= 1
            return value
        }
        return try readLongVarint(what())
    }

    @usableFromInline
    mutating func readLongVarint(_ what: @autoclosure () -> String) throws(CodecError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard let byte = readInteger(as: UInt8.self) else { throw .truncated(what: what()) }
            if shift == 63, byte > 1 { throw .invalid(what: what(), found: "wider than 64 bits") }
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 {
                if byte == 0, shift > 0 { throw .invalid(what: what(), found: "a padded integer") }
                return value
            }
            shift += 7
        }
    }

    /// A count or length, refused above `maximum`.
    @inlinable
    public mutating func readCount(_ what: @autoclosure () -> String, maximum: Int) throws(CodecError) -> Int {
        let value = try readVarint(what())
        guard value <= UInt64(maximum) else {
            throw .tooLarge(what: what(), found: Int(clamping: value), maximum: maximum)
        }
        return Int(truncatingIfNeeded: value)
    }

    @inlinable
    public mutating func readBoolean(_ what: @autoclosure () -> String) throws(CodecError) -> Bool {
        switch try readFixed(what(), as: UInt8.self) {
        case 0: return false
        case 1: return true
        case let other: throw .invalid(what: what(), found: "\(other)")
        }
    }

    /// A slice of the buffer that is read: no copy. `nil` where too few bytes are left.
    @inlinable
    public mutating func readSlice(length: Int) -> ByteBuffer? {
        guard length >= 0, length <= readableBytes else { return nil }
        let slice = source.getSlice(at: source.readerIndex &+ offset, length: length)
        offset &+= length
        return slice
    }

    /// What was read from an earlier ``position`` on, as a slice.
    public func slice(from start: Int) -> ByteBuffer {
        precondition(start >= 0 && start <= offset, "a position of this reader")
        var slice = source
        slice.moveReaderIndex(to: source.readerIndex + start)
        slice.moveWriterIndex(to: source.readerIndex + offset)
        return slice.slice()
    }

    @inlinable
    public mutating func readLengthPrefixed(
        _ what: @autoclosure () -> String, maximum: Int
    ) throws(CodecError) -> ByteBuffer {
        let count = try readCount(what(), maximum: maximum)
        guard let slice = readSlice(length: count) else { throw .truncated(what: what()) }
        return slice
    }

    public mutating func readText(_ what: @autoclosure () -> String, maximum: Int) throws(CodecError) -> String {
        let bytes = try readTextBytes(what(), maximum: maximum)
        if bytes.isEmpty { return "" }
        if let text = bytes.asciiText { return text }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .invalid(what: what(), found: "bytes that are not UTF-8")
        }
        return text
    }

    /// The bytes of a text, before they are looked at.
    mutating func readTextBytes(
        _ what: @autoclosure () -> String, maximum: Int
    ) throws(CodecError) -> UnsafeRawBufferPointer {
        let count = try readCount(what(), maximum: maximum)
        guard count <= readableBytes else { throw .truncated(what: what()) }
        let text = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
        offset += count
        return text
    }

    /// - Throws: ``CodecError/trailingBytes(what:count:)`` unless everything was read.
    @inlinable
    public func expectEnd(_ what: @autoclosure () -> String) throws(CodecError) {
        if readableBytes > 0 { throw .trailingBytes(what: what(), count: readableBytes) }
    }
}

extension UnsafeRawBufferPointer {
    /// The text where all bytes are ASCII: no need to look for anything longer.
    var asciiText: String? {
        var seen: UInt8 = 0
        for byte in self { seen |= byte }
        return seen < 0x80 ? String(decoding: assumingMemoryBound(to: UInt8.self), as: UTF8.self) : nil
    }
}

extension ByteBuffer {
    /// Reads fields from the front of the readable bytes, and moves the reader index behind them.
    ///
    /// - Parameter body: reads; the reader must not leave it. Where it throws, nothing counts as read.
    @inlinable
    public mutating func decode<Result>(
        _ body: (inout ByteReader) throws(CodecError) -> Result
    ) throws(CodecError) -> Result {
        let source = self
        var read = 0
        let result = try source.withUnsafeReadableBytes { bytes throws(CodecError) in
            var reader = ByteReader(bytes, of: source)
            let result = try body(&reader)
            read = reader.position
            return result
        }
        moveReaderIndex(forwardBy: read)
        return result
    }
}
