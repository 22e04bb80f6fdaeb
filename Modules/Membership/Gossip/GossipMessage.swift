import Hashing
import NIOCore
import StatorCore

/// What `gossip` nodes send to one another.
///
/// Encoding: version byte, kind byte, the sender's generation and heartbeat, its view's summary, the body, and XXH3 over
/// all that. The checksum is there because a flipped bit in a heartbeat would otherwise go round the cluster and hide
/// the member's death until the real heartbeat catches up.
struct GossipMessage: Hashable, Sendable {
    enum Body: Hashable, Sendable {
        /// What the sender knows of some members; it wants to hear what is newer.
        case exchange([HeartbeatEntry])
        /// What is newer than the exchange said. Empty when it only carries news of a later view.
        case answer([HeartbeatEntry])
        /// Send me the members of that view from this index on.
        case viewRequest(ViewSummary, first: Int)
        /// A part of the sender's view.
        case viewPart(ViewPart)
    }

    static let version: UInt8 = 1

    let sender: HeartbeatVersion
    let view: ViewSummary
    let body: Body
}

extension GossipMessage {
    /// The bytes around a view part's members: version, kind, sender, summary, counts and checksum, generously.
    static let maximumOverhead = 128

    func encoded() -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeInteger(GossipMessage.version)
        buffer.writeInteger(body.number)
        buffer.writeHeartbeatVersion(sender)
        buffer.writeViewSummary(view)
        switch body {
        case .exchange(let entries), .answer(let entries): buffer.writeHeartbeatEntries(entries)
        case .viewRequest(let wanted, let first):
            buffer.writeViewSummary(wanted)
            buffer.writeVarint(UInt64(first))
        case .viewPart(let part): buffer.writeViewPart(part)
        }
        buffer.writeInteger(XXHash.xxh3(buffer))
        return buffer
    }

    init(decoding bytes: ByteBuffer) throws(CodecError) {
        var rest = bytes
        guard rest.readableBytes >= 8, var content = rest.readSlice(length: rest.readableBytes - 8) else {
            throw .truncated(what: "gossip message")
        }
        let checksum = try rest.readFixed("gossip checksum", as: UInt64.self)
        guard checksum == XXHash.xxh3(content) else {
            throw .invalid(what: "gossip checksum", found: "\(checksum)")
        }
        let version = try content.readFixed("gossip version", as: UInt8.self)
        guard version == GossipMessage.version else { throw .invalid(what: "gossip version", found: "\(version)") }
        let kind = try content.readFixed("gossip kind", as: UInt8.self)
        sender = try content.readHeartbeatVersion()
        view = try content.readViewSummary()
        switch kind {
        case 1: body = .exchange(try content.readHeartbeatEntries())
        case 2: body = .answer(try content.readHeartbeatEntries())
        case 3:
            let wanted = try content.readViewSummary()
            let first = try content.readCount("requested member", maximum: View.maximumMembers)
            body = .viewRequest(wanted, first: first)
        case 4: body = .viewPart(try content.readViewPart())
        default: throw .invalid(what: "gossip kind", found: "\(kind)")
        }
        try content.expectEnd("gossip message")
    }
}

extension GossipMessage.Body {
    fileprivate var number: UInt8 {
        switch self {
        case .exchange: 1
        case .answer: 2
        case .viewRequest: 3
        case .viewPart: 4
        }
    }
}

extension ByteBuffer {
    fileprivate mutating func writeHeartbeatVersion(_ version: HeartbeatVersion) {
        writeVarint(version.generation)
        writeVarint(version.heartbeat)
    }

    fileprivate mutating func readHeartbeatVersion() throws(CodecError) -> HeartbeatVersion {
        let version = HeartbeatVersion(
            generation: try readVarint("generation"), heartbeat: try readVarint("heartbeat"))
        guard version.isValid else { throw .invalid(what: "sender's version", found: "\(version)") }
        return version
    }
}
