package import NIOCore
package import Replication

/// The unit of the peer protocol on a stream: the length of what follows (4 bytes, big endian), the destination (1
/// byte), the payload.
package struct Frame: Hashable, Sendable {
    /// Length and destination, in bytes.
    package static let overhead = 5
    /// Addresses the membership machine; every smaller number is a shard's index.
    package static let membership = UInt8(255)
    /// A frame without payload that only shows that its sender lives.
    package static let keepAlive = Frame(destination: membership, payload: ByteBuffer())

    /// The same as it is on the wire.
    package static let keepAliveBytes: ByteBuffer = {
        var bytes = ByteBuffer()
        keepAlive.write(into: &bytes)
        return bytes
    }()

    package let destination: UInt8
    package let payload: ByteBuffer

    package init(destination: UInt8, payload: ByteBuffer) {
        self.destination = destination
        self.payload = payload
    }

    package var isKeepAlive: Bool { payload.readableBytes == 0 }

    /// Appends a frame with a shard's message.
    /// - Returns: false, with nothing appended, where it would exceed ``WireLimits/maximumFrame``.
    package static func write(_ message: ShardMessage, toShard shard: Int, into buffer: inout ByteBuffer) -> Bool {
        precondition((0..<WireLimits.maximumShards).contains(shard), "no shard has the index \(shard)")
        return write(destination: UInt8(shard), into: &buffer) { ShardMessageCodec.encode(message, into: &$0) }
    }

    /// Appends a frame with a message for the membership machine; see ``write(_:toShard:into:)``.
    package static func write(_ message: MembershipMessage, into buffer: inout ByteBuffer) -> Bool {
        write(destination: membership, into: &buffer) { MembershipMessageCodec.encode(message, into: &$0) }
    }

    /// Appends the frame as it is.
    package func write(into buffer: inout ByteBuffer) {
        buffer.writeInteger(UInt32(payload.readableBytes + 1))
        buffer.writeInteger(destination)
        buffer.writeImmutableBuffer(payload)
    }

    private static func write(
        destination: UInt8, into buffer: inout ByteBuffer, payload: (inout ByteBuffer) -> Void
    ) -> Bool {
        let start = buffer.writerIndex
        buffer.writeInteger(UInt32(0))
        buffer.writeInteger(destination)
        payload(&buffer)
        let length = buffer.writerIndex - start - 4
        guard length <= WireLimits.maximumFrame else {
            buffer.moveWriterIndex(to: start)
            return false
        }
        buffer.setInteger(UInt32(length), at: start)
        return true
    }
}
