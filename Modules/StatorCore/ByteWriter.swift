public import NIOCore

/// Writes the fields of an encoding one after the other, and gives them to a buffer many at a time.
///
/// A `ByteBuffer` makes sure of its storage at every field, which is most of what a small field costs. The primitives are
/// those of ``ByteBuffer``. A writer is made by ``NIOCore/ByteBuffer/encode(_:)``.
public struct ByteWriter {
    /// How many bytes wait at most before the buffer gets them.
    @usableFromInline static var room: Int { 256 }

    @usableFromInline var target: ByteBuffer
    @usableFromInline var waiting = InlineArray<256, UInt8>(repeating: 0)
    @usableFromInline var count = 0

    @inlinable
    init(to target: ByteBuffer) {
        self.target = target
    }

    /// Big endian.
    @inlinable
    public mutating func writeInteger<Integer: FixedWidthInteger & BitwiseCopyable>(_ value: Integer) {
        makeRoom(MemoryLayout<Integer>.size)
        let place = count
        withUnsafeMutableBytes(of: &waiting) {
            $0.storeBytes(of: value.bigEndian, toByteOffset: place, as: Integer.self)
        }
        count &+= MemoryLayout<Integer>.size
    }

    /// Unsigned LEB128, 1 to 10 bytes.
    @inlinable
    public mutating func writeVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            writeInteger(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        writeInteger(UInt8(truncatingIfNeeded: rest))
    }

    @inlinable
    public mutating func writeBoolean(_ value: Bool) {
        writeInteger(UInt8(value ? 1 : 0))
    }

    /// The readable bytes of a buffer.
    public mutating func writeBytes(_ bytes: ByteBuffer) {
        guard bytes.readableBytes <= ByteWriter.room - count else {
            flush()
            target.writeImmutableBuffer(bytes)
            return
        }
        bytes.withUnsafeReadableBytes { keep($0) }
    }

    @inlinable
    public mutating func writeLengthPrefixed(_ bytes: ByteBuffer) {
        writeVarint(UInt64(bytes.readableBytes))
        writeBytes(bytes)
    }

    /// Its length, then its UTF-8.
    public mutating func writeText(_ text: String) {
        let length = text.utf8.count
        writeVarint(UInt64(length))
        if length <= ByteWriter.room - count,
            text.utf8.withContiguousStorageIfAvailable({ keep(UnsafeRawBufferPointer($0)) }) != nil
        {
            return
        }
        flush()
        target.writeString(text)
    }

    /// - Precondition: there is room.
    private mutating func keep(_ bytes: UnsafeRawBufferPointer) {
        let place = count
        precondition(bytes.count <= ByteWriter.room - place, "there is room")
        withUnsafeMutableBytes(of: &waiting) { room in
            UnsafeMutableRawBufferPointer(rebasing: room[place..<place + bytes.count]).copyMemory(from: bytes)
        }
        count += bytes.count
    }

    @inlinable
    mutating func makeRoom(_ needed: Int) {
        if needed > ByteWriter.room &- count { flush() }
    }

    @usableFromInline
    mutating func flush() {
        guard count > 0 else { return }
        ByteWriter.move(count, of: &waiting, to: &target)
        count = 0
    }

    private static func move(_ count: Int, of waiting: inout InlineArray<256, UInt8>, to target: inout ByteBuffer) {
        // A buffer without storage would take two steps to it.
        if target.capacity == 0 { target = ByteBufferAllocator().buffer(capacity: count) }
        withUnsafeMutableBytes(of: &waiting) { bytes in
            _ = target.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
        }
    }
}

extension ByteBuffer {
    /// Appends the fields that `body` writes.
    @inlinable
    public mutating func encode<Failure: Error>(
        _ body: (inout ByteWriter) throws(Failure) -> Void
    ) throws(Failure) {
        var writer = ByteWriter(to: ByteBuffer())
        // The writer holds the only reference, so that appending copies nothing.
        swap(&self, &writer.target)
        defer {
            writer.flush()
            swap(&self, &writer.target)
        }
        try body(&writer)
    }
}
