import NIOCore
import Replication
import StatorCore

/// Questions of a node that lets ranges go, and their answers.
extension ByteWriter {
    mutating func writeCoverRequest(_ request: CoverRequest) {
        writeRequestID(request.request)
        writeEpoch(request.epoch)
        writeVarint(UInt64(request.entries.count))
        for entry in request.entries {
            writeToken(entry.token)
            writeKey(entry.key)
            writeInteger(entry.digest.value)
        }
    }

    mutating func writeCoverOutcome(_ outcome: CoverOutcome) {
        switch outcome {
        case .differing(let positions):
            writeInteger(UInt8(1))
            writeVarint(UInt64(positions.count))
            for position in positions { writeInteger(UInt16(position)) }
        case .refused(let refusal):
            writeInteger(UInt8(2))
            writeRefusal(refusal)
        }
    }
}

extension ByteReader {
    /// Token, a key of one byte, digest.
    private static var minimumEntry: Int { 8 + 2 + 8 }

    mutating func readCoverRequest() throws(CodecError) -> CoverRequest {
        let request = try readRequestID()
        let epoch = try readEpoch()
        let count = try readListCount(
            "records to let go", maximum: ReplicationLimits.recordsPerMessage, minimumSize: ByteReader.minimumEntry)
        guard count > 0 else { throw .invalid(what: "records to let go", found: "none") }
        var entries: [CoverRequest.Entry] = []
        entries.reserveCapacity(count)
        for _ in 0..<count {
            let token = try readToken()
            let key = try readKey()
            entries.append(
                CoverRequest.Entry(
                    token: token, key: key, digest: Digest(try readFixed("digest to let go", as: UInt64.self))))
        }
        return CoverRequest(request: request, epoch: epoch, entries: entries)
    }

    mutating func readCoverOutcome() throws(CodecError) -> CoverOutcome {
        switch try readTag("answer about records to let go") {
        case 1:
            let count = try readListCount(
                "differing records", maximum: ReplicationLimits.recordsPerMessage, minimumSize: 2)
            var positions: [Int] = []
            for _ in 0..<count { positions.append(Int(try readFixed("differing record", as: UInt16.self))) }
            return .differing(positions)
        case 2: return .refused(try readRefusal())
        case let other: throw .invalid(what: "answer about records to let go", found: "tag \(other)")
        }
    }
}
