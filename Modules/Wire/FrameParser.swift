package import NIOCore
package import StatorCore

/// Cuts a byte stream into frames, whatever the pieces it arrives in.
///
/// A length beyond the limit is refused when its four bytes are there: what a peer announces is never allocated, only
/// what it has sent is held. Payloads are slices of the received bytes. Cost: O(bytes); bytes are copied only for a
/// frame that arrives in pieces, about twice each.
package struct FrameParser {
    /// The largest length field accepted. It rises when the peer has shaken hands.
    package var maximumFrame: Int

    private var pending = ByteBuffer()
    /// Whether payloads that were handed out share the storage of `pending`, so that appending to it would copy it.
    private var isShared = true

    package init(maximumFrame: Int) {
        self.maximumFrame = maximumFrame
    }

    /// Bytes that are held for a frame still incomplete, or not yet asked for.
    package var pendingBytes: Int { pending.readableBytes }

    package mutating func append(_ bytes: ByteBuffer) {
        if pending.readableBytes == 0 {
            pending = bytes
            isShared = true
            return
        }
        if isShared {
            var own = ByteBufferAllocator().buffer(capacity: pending.readableBytes + bytes.readableBytes)
            own.writeImmutableBuffer(pending)
            pending = own
            isShared = false
        }
        pending.writeImmutableBuffer(bytes)
    }

    /// The next whole frame, or `nil` until more bytes arrive.
    /// - Throws: ``CodecError`` for a length of zero or beyond the limit; nothing after it can be read.
    package mutating func next() throws(CodecError) -> Frame? {
        guard let field = pending.getInteger(at: pending.readerIndex, as: UInt32.self) else { return nil }
        let length = Int(field)
        guard length >= 1 else { throw .invalid(what: "frame's length", found: "0") }
        guard length <= maximumFrame else {
            throw .tooLarge(what: "frame's length", found: length, maximum: maximumFrame)
        }
        guard pending.readableBytes >= 4 + length else { return nil }
        pending.moveReaderIndex(forwardBy: 4)
        guard let destination = pending.readInteger(as: UInt8.self), let payload = pending.readSlice(length: length - 1)
        else { throw .truncated(what: "frame") }
        isShared = true
        if pending.readableBytes == 0 { pending = ByteBuffer() }
        return Frame(destination: destination, payload: payload)
    }
}
