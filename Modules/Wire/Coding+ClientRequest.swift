import ConflictResolution
import NIOCore
import Replication
import StatorCore

/// Client operations, as a node forwards them to a coordinator.
extension ByteWriter {
    mutating func writeClientRequest(_ request: ClientRequest) {
        writeToken(request.token)
        writeKey(request.key)
        writeRequestOptions(request.options)
        switch request.operation {
        case .get: writeInteger(UInt8(1))
        case .write(let write):
            writeInteger(UInt8(2))
            writeVersionWrite(write)
        case .explain: writeInteger(UInt8(3))
        case .update(let update):
            writeInteger(UInt8(4))
            writeUpdate(update)
        }
    }

    mutating func writeVersionWrite(_ write: VersionWrite) {
        writeOptionalContent(write.content)
        switch write.basis {
        case .held: writeInteger(UInt8(1))
        case .context(let context):
            writeInteger(UInt8(2))
            writeLengthPrefixed(context)
        case .nothing: writeInteger(UInt8(3))
        }
    }

    /// One byte: 0 for none, otherwise the form plus one; then media type and bytes.
    mutating func writeOptionalContent(_ content: Content?) {
        guard let content else {
            writeInteger(UInt8(0))
            return
        }
        writeInteger(content.form.rawValue + 1)
        writeSentence(content.mediaType, maximum: Content.maximumMediaTypeLength)
        writeLengthPrefixed(content.bytes)
    }
}

extension ByteReader {
    mutating func readClientRequest() throws(CodecError) -> ClientRequest {
        let token = try readToken()
        let key = try readKey()
        let options = try readRequestOptions()
        let operation: ClientOperation
        switch try readTag("client's operation") {
        case 1: operation = .get
        case 2: operation = .write(try readVersionWrite())
        case 3: operation = .explain
        case 4: operation = .update(try readUpdate())
        case let other: throw .invalid(what: "client's operation", found: "tag \(other)")
        }
        return ClientRequest(key: key, token: token, operation: operation, options: options)
    }

    mutating func readVersionWrite() throws(CodecError) -> VersionWrite {
        let content = try readOptionalContent()
        switch try readTag("write's basis") {
        case 1: return VersionWrite(content: content, basis: .held)
        case 2:
            let context = try readLengthPrefixed("write's context", maximum: WireLimits.maximumBody)
            return VersionWrite(content: content, basis: .context(context))
        case 3: return VersionWrite(content: content, basis: .nothing)
        case let other: throw .invalid(what: "write's basis", found: "tag \(other)")
        }
    }

    mutating func readOptionalContent() throws(CodecError) -> Content? {
        let tag = try readTag("content's form")
        guard tag > 0 else { return nil }
        guard let form = Content.Form(rawValue: tag - 1) else {
            throw .invalid(what: "content's form", found: "tag \(tag)")
        }
        let mediaType = try readText("media type", maximum: Content.maximumMediaTypeLength)
        let bytes = try readLengthPrefixed("content", maximum: WireLimits.maximumBody)
        return Content(form: form, mediaType: mediaType, bytes: bytes)
    }
}
