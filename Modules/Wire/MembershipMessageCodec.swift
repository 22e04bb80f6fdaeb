package import NIOCore
package import Replication
package import StatorCore

/// Messages between membership machines: a tag byte, then the fields of the case in order. Canonical, like those of
/// ``ShardMessageCodec``.
package enum MembershipMessageCodec {
    private enum Tag {
        static let strategy: UInt8 = 1
        static let joinRequest: UInt8 = 2
        static let changeRefused: UInt8 = 3
        static let propose: UInt8 = 4
        static let vote: UInt8 = 5
        static let commit: UInt8 = 6
        static let committed: UInt8 = 7
        static let abort: UInt8 = 8
        static let streamed: UInt8 = 9
        static let streamedNoted: UInt8 = 10
        static let witness: UInt8 = 11
        static let witnessed: UInt8 = 12
    }

    package static func encode(_ message: MembershipMessage, into buffer: inout ByteBuffer) {
        buffer.encode { write(message, into: &$0) }
    }

    private static func write(_ message: MembershipMessage, into buffer: inout ByteWriter) {
        switch message {
        case .strategy(let kind, let bytes):
            buffer.writeInteger(Tag.strategy)
            buffer.writeText(kind)
            buffer.writeLengthPrefixed(bytes)
        case .joinRequest(let member):
            buffer.writeInteger(Tag.joinRequest)
            buffer.writeMember(member)
        case .changeRefused(let reason):
            buffer.writeInteger(Tag.changeRefused)
            buffer.writeSentence(reason)
        case .propose(let change, let view): buffer.writeChange(Tag.propose, change, view)
        case .vote(let change, let refusal):
            buffer.writeChange(Tag.vote, change)
            buffer.writeBoolean(refusal != nil)
            if let refusal { buffer.writeSentence(refusal) }
        case .commit(let change, let view): buffer.writeChange(Tag.commit, change, view)
        case .committed(let change): buffer.writeChange(Tag.committed, change)
        case .abort(let change): buffer.writeChange(Tag.abort, change)
        case .streamed(let epoch):
            buffer.writeInteger(Tag.streamed)
            buffer.writeEpoch(epoch)
        case .streamedNoted(let epoch):
            buffer.writeInteger(Tag.streamedNoted)
            buffer.writeEpoch(epoch)
        case .witness(let claim):
            buffer.writeInteger(Tag.witness)
            buffer.writeLeaseClaim(claim)
        case .witnessed(let claim, let verdict):
            buffer.writeInteger(Tag.witnessed)
            buffer.writeLeaseClaim(claim)
            buffer.writeLeaseVerdict(verdict)
        }
    }

    /// Reads one message, which must take all of the bytes.
    /// - Throws: ``CodecError`` for bytes that no message encodes to.
    package static func decode(_ bytes: inout ByteBuffer) throws(CodecError) -> MembershipMessage {
        try bytes.decode { bytes throws(CodecError) in
            let message = try readMessage(&bytes)
            try bytes.expectEnd("membership message")
            return message
        }
    }

    private static func readMessage(_ bytes: inout ByteReader) throws(CodecError) -> MembershipMessage {
        switch try bytes.readTag("membership message") {
        case Tag.strategy:
            let kind = try bytes.readText("membership strategy's kind", maximum: WireLimits.maximumKind)
            let maximum = WireLimits.maximumMembershipMessage
            return .strategy(kind: kind, bytes: try bytes.readLengthPrefixed("membership payload", maximum: maximum))
        case Tag.joinRequest: return .joinRequest(try bytes.readMember())
        case Tag.changeRefused: return .changeRefused(try bytes.readSentence("reason"))
        case Tag.propose: return .propose(try bytes.readChange(), try bytes.readView())
        case Tag.vote:
            let change = try bytes.readChange()
            let isRefused = try bytes.readBoolean("vote")
            return .vote(change, refusal: isRefused ? try bytes.readSentence("reason") : nil)
        case Tag.commit: return .commit(try bytes.readChange(), try bytes.readView())
        case Tag.committed: return .committed(try bytes.readChange())
        case Tag.abort: return .abort(try bytes.readChange())
        case Tag.streamed: return .streamed(try bytes.readEpoch())
        case Tag.streamedNoted: return .streamedNoted(try bytes.readEpoch())
        case Tag.witness: return .witness(try bytes.readLeaseClaim())
        case Tag.witnessed: return .witnessed(try bytes.readLeaseClaim(), try bytes.readLeaseVerdict())
        case let other: throw .invalid(what: "membership message", found: "tag \(other)")
        }
    }
}

extension ByteWriter {
    fileprivate mutating func writeChange(_ tag: UInt8, _ change: ChangeID) {
        writeInteger(tag)
        writeNodeID(change.proposer)
        writeVarint(change.number)
    }

    fileprivate mutating func writeChange(_ tag: UInt8, _ change: ChangeID, _ view: View) {
        writeChange(tag, change)
        writeView(view)
    }
}

extension ByteReader {
    fileprivate mutating func readChange() throws(CodecError) -> ChangeID {
        ChangeID(proposer: try readNodeID("proposer"), number: try readVarint("change's number"))
    }
}
