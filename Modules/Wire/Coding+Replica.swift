import NIOCore
import Replication
import StatorCore

/// Reads and writes between a coordinator and replicas.
extension ByteWriter {
    mutating func writeRequestID(_ request: RequestID) {
        writeInteger(request.number)
    }

    mutating func writeReplicaWrite(_ write: ReplicaWrite) {
        writeRequestID(write.request)
        writeEpoch(write.epoch)
        writeInteger(write.purpose.rawValue)
        writeBoolean(write.hintFor != nil)
        if let target = write.hintFor { writeNodeID(target) }
        writeRecord(write.record)
    }

    mutating func writeWriteOutcome(_ outcome: WriteOutcome) {
        switch outcome {
        case .stored(let hadLive):
            writeInteger(UInt8(hadLive ? 2 : 1))
        case .refused(let refusal):
            writeInteger(UInt8(3))
            writeRefusal(refusal)
        }
    }

    mutating func writeReplicaRead(_ read: ReplicaRead) {
        writeRequestID(read.request)
        writeEpoch(read.epoch)
        writeToken(read.token)
        writeKey(read.key)
        writeInteger(UInt8((read.isStandIn ? 1 : 0) | (read.known == nil ? 0 : 2)))
        if let known = read.known { writeInteger(known.value) }
    }

    mutating func writeReadOutcome(_ outcome: ReadOutcome) {
        switch outcome {
        case .held(let record, let counts):
            writeInteger(UInt8(1))
            writeBoolean(counts)
            writeOptionalRecord(record)
        case .refused(let refusal):
            writeInteger(UInt8(2))
            writeRefusal(refusal)
        case .same(let digest, let counts):
            writeInteger(UInt8(3))
            writeInteger(digest.value)
            writeBoolean(counts)
        }
    }

    mutating func writeRefusal(_ refusal: Refusal) {
        switch refusal {
        case .staleEpoch(let epoch):
            writeInteger(UInt8(1))
            writeEpoch(epoch)
        case .notOwner: writeInteger(UInt8(2))
        case .hintsFull: writeInteger(UInt8(3))
        case .overloaded: writeInteger(UInt8(4))
        case .storageFailed: writeInteger(UInt8(5))
        case .cannotStore: writeInteger(UInt8(6))
        case .corrupt: writeInteger(UInt8(7))
        }
    }
}

extension ByteReader {
    mutating func readRequestID() throws(CodecError) -> RequestID {
        RequestID(try readFixed("request", as: UInt64.self))
    }

    mutating func readReplicaWrite() throws(CodecError) -> ReplicaWrite {
        let request = try readRequestID()
        let epoch = try readEpoch()
        let rawPurpose = try readTag("write's purpose")
        guard let purpose = ReplicaWrite.Purpose(rawValue: rawPurpose) else {
            throw .invalid(what: "write's purpose", found: "\(rawPurpose)")
        }
        let hintFor: NodeID? = try readBoolean("hint target's presence") ? try readNodeID("hint target") : nil
        let record = try readRecord(maximumBody: WireLimits.maximumBody)
        return ReplicaWrite(request: request, epoch: epoch, purpose: purpose, record: record, hintFor: hintFor)
    }

    mutating func readWriteOutcome() throws(CodecError) -> WriteOutcome {
        switch try readTag("write's outcome") {
        case 1: return .stored(hadLive: false)
        case 2: return .stored(hadLive: true)
        case 3: return .refused(try readRefusal())
        case let other: throw .invalid(what: "write's outcome", found: "tag \(other)")
        }
    }

    mutating func readReplicaRead() throws(CodecError) -> ReplicaRead {
        let request = try readRequestID()
        let epoch = try readEpoch()
        let token = try readToken()
        let key = try readKey()
        let flags = try readTag("read's flags")
        guard flags <= 3 else { throw .invalid(what: "read's flags", found: "\(flags)") }
        let known: Digest? = flags & 2 == 0 ? nil : Digest(try readFixed("known digest", as: UInt64.self))
        return ReplicaRead(
            request: request, epoch: epoch, token: token, key: key, isStandIn: flags & 1 == 1, known: known)
    }

    mutating func readReadOutcome() throws(CodecError) -> ReadOutcome {
        switch try readTag("read's outcome") {
        case 1:
            let counts = try readBoolean("whether a read counts")
            return .held(try readOptionalRecord(), counts: counts)
        case 2: return .refused(try readRefusal())
        case 3:
            let digest = Digest(try readFixed("known digest", as: UInt64.self))
            return .same(digest, counts: try readBoolean("whether a read counts"))
        case let other: throw .invalid(what: "read's outcome", found: "tag \(other)")
        }
    }

    mutating func readRefusal() throws(CodecError) -> Refusal {
        switch try readTag("refusal") {
        case 1: return .staleEpoch(try readEpoch())
        case 2: return .notOwner
        case 3: return .hintsFull
        case 4: return .overloaded
        case 5: return .storageFailed
        case 6: return .cannotStore
        case 7: return .corrupt
        case let other: throw .invalid(what: "refusal", found: "tag \(other)")
        }
    }
}
