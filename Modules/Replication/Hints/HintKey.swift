internal import NIOCore
internal import StatorCore

/// The name of a hint in the hint store: the target's name before the key. Its token is the key's.
enum HintKey {
    static func encoded(target: NodeID, key: Key) -> Key {
        var bytes = ByteBuffer()
        bytes.reserveCapacity(1 + target.name.utf8.count + key.bytes.readableBytes)
        bytes.writeInteger(UInt8(target.name.utf8.count))
        bytes.writeString(target.name)
        bytes.writeImmutableBuffer(key.bytes)
        return Key(unchecked: bytes)
    }

    /// - Returns: `nil` for bytes that are not a hint's name.
    static func decoded(_ name: Key) -> (target: NodeID, key: Key)? {
        var bytes = name.bytes
        guard let length = bytes.readInteger(as: UInt8.self), let target = bytes.readString(length: Int(length)),
            NodeID.isValid(target), let key = try? Key(bytes)
        else { return nil }
        return (NodeID(target), key)
    }
}
