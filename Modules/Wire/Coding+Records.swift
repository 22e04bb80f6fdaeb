import NIOCore
import Replication
import StatorCore

/// Lists of records, keys and pages of them.
extension ByteWriter {
    mutating func writeRecords(_ records: [StoredRecord]) {
        writeVarint(UInt64(records.count))
        for record in records { writeRecord(record) }
    }

    mutating func writeOptionalRecord(_ record: StoredRecord?) {
        writeBoolean(record != nil)
        if let record { writeRecord(record) }
    }

    mutating func writeTransferRequest(_ request: TransferRequest) {
        writeRequestID(request.request)
        writeEpoch(request.epoch)
        writeTokenRange(request.range)
        writeCursor(request.after)
        writeInteger(request.folder)
        writeBoolean(request.isFounder)
    }

    mutating func writeTransferPage(_ page: TransferPage) {
        switch page {
        case .records(let records, let next, let source):
            writeInteger(UInt8(1))
            writeRecords(records)
            writeCursor(next)
            writeInteger(source.doubt?.rawValue ?? 0)
            writeBoolean(source.isFounder)
            writeInteger(source.folder)
        case .refused(let refusal):
            writeInteger(UInt8(2))
            writeRefusal(refusal)
        }
    }
}

extension ByteReader {
    /// The fewest bytes of a record: token, a key of one byte, digest, flags, an empty body.
    private static var minimumRecord: Int { 8 + 2 + 8 + 1 + 1 }

    mutating func readRecords() throws(CodecError) -> [StoredRecord] {
        let count = try readListCount(
            "records", maximum: WireLimits.maximumRecords, minimumSize: ByteReader.minimumRecord)
        var records: [StoredRecord] = []
        for _ in 0..<count { records.append(try readRecord(maximumBody: WireLimits.maximumBody)) }
        return records
    }

    mutating func readOptionalRecord() throws(CodecError) -> StoredRecord? {
        guard try readBoolean("record's presence") else { return nil }
        return try readRecord(maximumBody: WireLimits.maximumBody)
    }

    mutating func readTransferRequest() throws(CodecError) -> TransferRequest {
        TransferRequest(
            request: try readRequestID(), epoch: try readEpoch(), range: try readTokenRange(),
            after: try readCursor(), folder: try readFixed("folder's number", as: UInt64.self),
            isFounder: try readBoolean("founder"))
    }

    private mutating func readTransferSource() throws(CodecError) -> TransferSource {
        let code = try readFixed("source's doubt", as: UInt8.self)
        let doubt = Doubt.Cause(rawValue: code)
        guard code == 0 || doubt != nil else { throw .invalid(what: "source's doubt", found: "\(code)") }
        return TransferSource(
            doubt: doubt, isFounder: try readBoolean("founder"),
            folder: try readFixed("folder's number", as: UInt64.self))
    }

    mutating func readTransferPage() throws(CodecError) -> TransferPage {
        switch try readTag("transfer page") {
        case 1:
            return .records(try readRecords(), next: try readCursor(), source: try readTransferSource())
        case 2: return .refused(try readRefusal())
        case let other: throw .invalid(what: "transfer page", found: "tag \(other)")
        }
    }
}
