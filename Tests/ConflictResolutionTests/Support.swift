import ConflictResolution
import NIOCore
import StatorCore

func actor(_ name: String, incarnation: UInt64 = 0x1f2e_0000_0000_0000) -> StatorCore.Actor {
    Actor(node: NodeID(name), shard: 0, incarnation: incarnation)
}

func text(_ string: String) -> Content {
    Content(form: .raw, mediaType: "text/plain", bytes: ByteBuffer(string: string))
}

func hex(_ buffer: ByteBuffer) -> String {
    buffer.readableBytesView.map { byte in
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
    }.joined()
}

extension ConflictResolver {
    /// Writes `value` (`nil` deletes) as `node`'s write number `counter`.
    func write(
        _ value: String?, _ basis: WriteBasis, over existing: ByteBuffer? = nil, at node: String, _ counter: UInt64,
        wall: Int64 = 0, forgotAt: UInt64 = 0
    ) throws(ResolverError) -> ByteBuffer {
        let stamp = WriteStamp(
            dot: Dot(actor: actor(node), counter: counter), wall: WallTime(microseconds: wall), forgotAt: forgotAt)
        return try body(of: VersionWrite(content: value.map(text), basis: basis), over: existing, stamp: stamp)
    }

    func context(of body: ByteBuffer) throws(ResolverError) -> WriteBasis {
        .context(try read(body).context)
    }

    /// The values shown, in order; a tombstone is `nil`.
    func values(_ body: ByteBuffer) throws(ResolverError) -> [String?] {
        try read(body).versions.map { $0.content.map { String(buffer: $0.bytes) } }
    }
}
