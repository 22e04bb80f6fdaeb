import NIOCore
import Replication
import StatorCore
import Sync

/// Anti-entropy sessions.
extension ByteWriter {
    mutating func writeSession(_ session: SessionID) {
        writeNodeID(session.initiator)
        writeVarint(session.number)
    }

    mutating func writeSyncPayload(_ payload: SyncPayload) {
        writeSession(payload.session)
        writeEpoch(payload.epoch)
        writeTokenRange(payload.range)
        writeText(payload.strategy)
        writeBoolean(payload.isFirst)
        writeLengthPrefixed(payload.bytes)
    }

    mutating func writeKeyReferences(_ keys: [KeyReference]) {
        writeVarint(UInt64(keys.count))
        for reference in keys {
            writeToken(reference.token)
            writeKey(reference.key)
        }
    }
}

extension ByteReader {
    mutating func readSession() throws(CodecError) -> SessionID {
        SessionID(initiator: try readNodeID("session's initiator"), number: try readVarint("session's number"))
    }

    mutating func readSyncPayload() throws(CodecError) -> SyncPayload {
        SyncPayload(
            session: try readSession(), epoch: try readEpoch(), range: try readTokenRange(),
            strategy: try readText("sync strategy's kind", maximum: WireLimits.maximumKind),
            isFirst: try readBoolean("whether a session begins"),
            bytes: try readLengthPrefixed("sync message", maximum: SyncLimits.maximumMessage))
    }

    mutating func readKeyReferences() throws(CodecError) -> [KeyReference] {
        let count = try readListCount("keys", maximum: WireLimits.maximumKeys, minimumSize: 10)
        var keys: [KeyReference] = []
        for _ in 0..<count { keys.append(KeyReference(token: try readToken(), key: try readKey())) }
        return keys
    }
}
