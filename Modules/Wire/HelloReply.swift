package import NIOCore
package import StatorCore

/// The answer to a ``Hello``.
package enum HelloReply: Hashable, Sendable {
    /// Frames may follow. Who answered, so that the dialling node knows that it reached the one it meant.
    case accepted(NodeID, generation: UInt64)
    case refused(HandshakeRefusal)

    package func encode(into buffer: inout ByteBuffer) {
        buffer.encode { write(into: &$0) }
    }

    private func write(into buffer: inout ByteWriter) {
        Handshake.writePreamble(into: &buffer)
        switch self {
        case .accepted(let node, let generation):
            buffer.writeInteger(UInt8(1))
            buffer.writeNodeID(node)
            buffer.writeInteger(generation)
        case .refused(let refusal):
            buffer.writeInteger(UInt8(2))
            refusal.encode(into: &buffer)
        }
    }

    /// An answer in another version of the protocol reads as a refusal for that reason.
    package static func decode(_ bytes: inout ByteBuffer) throws(CodecError) -> HelloReply {
        try bytes.decode { bytes throws(CodecError) in try read(&bytes) }
    }

    private static func read(_ bytes: inout ByteReader) throws(CodecError) -> HelloReply {
        let version = try Handshake.readPreamble(&bytes)
        guard version == Handshake.version else {
            return .refused(.version(here: version, there: Handshake.version))
        }
        let reply: HelloReply
        switch try bytes.readTag("handshake's answer") {
        case 1: reply = .accepted(try bytes.readNodeID(), generation: try bytes.readFixed("generation"))
        case 2: reply = .refused(try HandshakeRefusal.decode(&bytes))
        case let other: throw .invalid(what: "handshake's answer", found: "tag \(other)")
        }
        try bytes.expectEnd("handshake's answer")
        return reply
    }
}

/// Why a node was not let in. `here` is the refusing node's, `there` the dialling one's.
package enum HandshakeRefusal: Hashable, Sendable, CustomStringConvertible {
    case version(here: UInt16, there: UInt16)
    case cluster(here: String, there: String)
    case shards(here: Int, there: Int)
    case different(setting: String, here: String, there: String)
    /// The dialling node claims the refusing node's own name.
    case sameName(NodeID)
    case tooManyConnections

    package var description: String {
        switch self {
        case .version(let here, let there): "protocol version \(there) is not spoken here, only \(here)"
        case .cluster(let here, let there): "cluster '\(there)' is not this one, '\(here)'"
        case .shards(let here, let there): "\(there) shards do not fit the \(here) of this node"
        case .different(let setting, let here, let there): "\(setting) is \(there), here it is \(here)"
        case .sameName(let node): "this node itself is named \(node)"
        case .tooManyConnections: "too many connections are open"
        }
    }

    func encode(into buffer: inout ByteWriter) {
        switch self {
        case .version(let here, let there):
            buffer.writeInteger(UInt8(1))
            buffer.writeInteger(here)
            buffer.writeInteger(there)
        case .cluster(let here, let there):
            buffer.writeInteger(UInt8(2))
            buffer.writeText(here)
            buffer.writeText(there)
        case .shards(let here, let there):
            buffer.writeInteger(UInt8(3))
            buffer.writeNumber(here)
            buffer.writeNumber(there)
        case .different(let setting, let here, let there):
            buffer.writeInteger(UInt8(4))
            buffer.writeText(setting)
            buffer.writeText(here)
            buffer.writeText(there)
        case .sameName(let node):
            buffer.writeInteger(UInt8(5))
            buffer.writeNodeID(node)
        case .tooManyConnections: buffer.writeInteger(UInt8(6))
        }
    }

    static func decode(_ bytes: inout ByteReader) throws(CodecError) -> HandshakeRefusal {
        let maximum = WireLimits.maximumClusterName
        switch try bytes.readTag("refusal") {
        case 1: return .version(here: try bytes.readFixed("version"), there: try bytes.readFixed("version"))
        case 2:
            return .cluster(
                here: try bytes.readText("cluster's name", maximum: maximum),
                there: try bytes.readText("cluster's name", maximum: maximum))
        case 3: return .shards(here: try bytes.readNumber("shards"), there: try bytes.readNumber("shards"))
        case 4:
            return .different(
                setting: try bytes.readText("setting", maximum: maximum),
                here: try bytes.readText("setting's value", maximum: WireLimits.maximumPartitionerText),
                there: try bytes.readText("setting's value", maximum: WireLimits.maximumPartitionerText))
        case 5: return .sameName(try bytes.readNodeID())
        case 6: return .tooManyConnections
        case let other: throw .invalid(what: "refusal", found: "tag \(other)")
        }
    }
}
