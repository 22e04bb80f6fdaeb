package import NIOCore
package import Replication
package import StatorCore
import Sync

/// Messages between shards of the same index on two nodes: a tag byte, then the fields of the case in order.
///
/// Fixed-width integers are big endian. The encoding is canonical: a message has one, and bytes that decode encode to
/// themselves. Tags are never used again for something else; a change of a layout is a new ``Handshake/version``.
package enum ShardMessageCodec {
    private enum Tag {
        static let forward: UInt8 = 1
        static let forwardReply: UInt8 = 2
        static let write: UInt8 = 3
        static let writeReply: UInt8 = 4
        static let read: UInt8 = 5
        static let readReply: UInt8 = 6
        static let explain: UInt8 = 7
        static let explainReply: UInt8 = 8
        static let sync: UInt8 = 9
        static let syncPush: UInt8 = 10
        static let syncMerged: UInt8 = 11
        static let syncPull: UInt8 = 12
        static let syncPulled: UInt8 = 13
        static let syncRefused: UInt8 = 14
        static let transfer: UInt8 = 15
        static let transferPage: UInt8 = 16
        static let cover: UInt8 = 17
        static let coverReply: UInt8 = 18
        static let clock: UInt8 = 19
    }

    /// Appends the message's bytes. O(bytes), record bodies are copied once.
    package static func encode(_ message: ShardMessage, into buffer: inout ByteBuffer) {
        buffer.encode { write(message, into: &$0) }
    }

    private static func write(_ message: ShardMessage, into buffer: inout ByteWriter) {
        switch message {
        case .forward(let request, let operation):
            buffer.begin(Tag.forward, request)
            buffer.writeClientRequest(operation)
        case .forwardReply(let request, let response):
            buffer.begin(Tag.forwardReply, request)
            buffer.writeClientResponse(response)
        case .write(let write):
            buffer.writeInteger(Tag.write)
            buffer.writeReplicaWrite(write)
        case .writeReply(let request, let outcome):
            buffer.begin(Tag.writeReply, request)
            buffer.writeWriteOutcome(outcome)
        case .read(let read):
            buffer.writeInteger(Tag.read)
            buffer.writeReplicaRead(read)
        case .readReply(let request, let outcome):
            buffer.begin(Tag.readReply, request)
            buffer.writeReadOutcome(outcome)
        case .explain(let request, let token, let key):
            buffer.begin(Tag.explain, request)
            buffer.writeToken(token)
            buffer.writeKey(key)
        case .explainReply(let request, let explanation):
            buffer.begin(Tag.explainReply, request)
            buffer.writeReplicaExplanation(explanation)
        case .sync, .syncPush, .syncMerged, .syncPull, .syncPulled, .syncRefused, .transfer, .transferPage, .cover,
            .coverReply, .clock:
            writeBackground(message, into: &buffer)
        }
    }

    private static func writeBackground(_ message: ShardMessage, into buffer: inout ByteWriter) {
        switch message {
        case .sync(let payload):
            buffer.writeInteger(Tag.sync)
            buffer.writeSyncPayload(payload)
        case .syncPush(let session, let request, let records):
            buffer.begin(Tag.syncPush, session, request)
            buffer.writeRecords(records)
        case .syncMerged(let session, let request, let records):
            buffer.begin(Tag.syncMerged, session, request)
            buffer.writeRecords(records)
        case .syncPull(let session, let request, let keys):
            buffer.begin(Tag.syncPull, session, request)
            buffer.writeKeyReferences(keys)
        case .syncPulled(let session, let request, let records):
            buffer.begin(Tag.syncPulled, session, request)
            buffer.writeRecords(records)
        case .syncRefused(let session, let reason):
            buffer.writeInteger(Tag.syncRefused)
            buffer.writeSession(session)
            buffer.writeSentence(reason)
        case .transfer(let request):
            buffer.writeInteger(Tag.transfer)
            buffer.writeTransferRequest(request)
        case .transferPage(let request, let page):
            buffer.begin(Tag.transferPage, request)
            buffer.writeTransferPage(page)
        case .cover(let request):
            buffer.writeInteger(Tag.cover)
            buffer.writeCoverRequest(request)
        case .coverReply(let request, let outcome):
            buffer.begin(Tag.coverReply, request)
            buffer.writeCoverOutcome(outcome)
        case .clock(let wall):
            buffer.writeInteger(Tag.clock)
            buffer.writeInteger(wall.microseconds)
        case .forward, .forwardReply, .write, .writeReply, .read, .readReply, .explain, .explainReply:
            preconditionFailure("messages of client operations are encoded above")
        }
    }

    /// Reads one message, which must take all of the bytes. Keys and bodies of the result are slices of them.
    /// - Throws: ``CodecError`` for bytes that no message encodes to.
    package static func decode(_ bytes: inout ByteBuffer) throws(CodecError) -> ShardMessage {
        try bytes.decode { bytes throws(CodecError) in
            let message = try readMessage(&bytes)
            try bytes.expectEnd("shard message")
            return message
        }
    }

    private static func readMessage(_ bytes: inout ByteReader) throws(CodecError) -> ShardMessage {
        switch try bytes.readTag("shard message") {
        case Tag.forward: return .forward(try bytes.readRequestID(), try bytes.readClientRequest())
        case Tag.forwardReply: return .forwardReply(try bytes.readRequestID(), try bytes.readClientResponse())
        case Tag.write: return .write(try bytes.readReplicaWrite())
        case Tag.writeReply: return .writeReply(try bytes.readRequestID(), try bytes.readWriteOutcome())
        case Tag.read: return .read(try bytes.readReplicaRead())
        case Tag.readReply: return .readReply(try bytes.readRequestID(), try bytes.readReadOutcome())
        case Tag.explain: return .explain(try bytes.readRequestID(), try bytes.readToken(), try bytes.readKey())
        case Tag.explainReply: return .explainReply(try bytes.readRequestID(), try bytes.readReplicaExplanation())
        case Tag.sync: return .sync(try bytes.readSyncPayload())
        case Tag.syncPush:
            return .syncPush(try bytes.readSession(), try bytes.readRequestID(), try bytes.readRecords())
        case Tag.syncMerged:
            return .syncMerged(try bytes.readSession(), try bytes.readRequestID(), try bytes.readRecords())
        case Tag.syncPull:
            return .syncPull(try bytes.readSession(), try bytes.readRequestID(), try bytes.readKeyReferences())
        case Tag.syncPulled:
            return .syncPulled(try bytes.readSession(), try bytes.readRequestID(), try bytes.readRecords())
        case Tag.syncRefused: return .syncRefused(try bytes.readSession(), try bytes.readSentence("reason"))
        case Tag.transfer: return .transfer(try bytes.readTransferRequest())
        case Tag.cover: return .cover(try bytes.readCoverRequest())
        case Tag.coverReply: return .coverReply(try bytes.readRequestID(), try bytes.readCoverOutcome())
        case Tag.transferPage: return .transferPage(try bytes.readRequestID(), try bytes.readTransferPage())
        case Tag.clock: return .clock(WallTime(microseconds: try bytes.readFixed("wall time")))
        case let other: throw .invalid(what: "shard message", found: "tag \(other)")
        }
    }
}

extension ByteWriter {
    fileprivate mutating func begin(_ tag: UInt8, _ request: RequestID) {
        writeInteger(tag)
        writeRequestID(request)
    }

    fileprivate mutating func begin(_ tag: UInt8, _ session: SessionID, _ request: RequestID) {
        writeInteger(tag)
        writeSession(session)
        writeRequestID(request)
    }
}
