internal import Checking
internal import NIOCore
internal import NodeClient
internal import StatorCore

/// The interface of docs/http.md, written and read directly: requests have one form, and of an answer's head five fields
/// matter. A load shares its processors with the nodes.
///
/// Values are sent as bytes (`application/octet-stream`).
struct HTTPDialect: StoreDialect {
    /// What follows the target, for each node.
    private let suffixes: [String]

    init(_ nodes: [NodeURL]) {
        suffixes = nodes.map { " HTTP/1.1\r\nHost: \($0.authority)\r\nUser-Agent: stator-bench\r\n" }
    }

    func encode(_ operation: HistoryOperation, node: Int, valueBytes: Int, into buffer: inout ByteBuffer) {
        switch operation.kind {
        case .read: buffer.writeStaticString("GET /kv/")
        case .write: buffer.writeStaticString("PUT /kv/")
        case .delete: buffer.writeStaticString("DELETE /kv/")
        }
        if operation.key.utf8.allSatisfy(HTTPDialect.isPlain) {
            buffer.writeString(operation.key)
        } else {
            buffer.writeString(percentEncoded(operation.key))
        }
        buffer.writeString(suffixes[node])
        if operation.kind != .read { writeBasis(of: operation, into: &buffer) }
        guard operation.kind == .write else {
            buffer.writeStaticString("\r\n")
            return
        }
        let name = operation.value ?? ""
        buffer.writeStaticString("Content-Type: application/octet-stream\r\nContent-Length: ")
        buffer.writeString(String(LoadValue.size(name, bytes: valueBytes)))
        buffer.writeStaticString("\r\n\r\n")
        LoadValue.write(name, bytes: valueBytes, into: &buffer)
    }

    private func writeBasis(of operation: HistoryOperation, into buffer: inout ByteBuffer) {
        let context: String
        switch operation.basis {
        case .held: return
        case .none: context = "none"
        case .context: context = operation.context ?? "none"
        }
        buffer.writeStaticString("X-Stator-Context: ")
        buffer.writeString(context)
        buffer.writeStaticString("\r\n")
    }

    /// Needs no percent sign: a part of the unreserved characters of RFC 3986.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    func decode(_ buffer: inout ByteBuffer) throws(AnswerFormatError) -> StoreAnswer? {
        guard let head = try HTTPAnswerHead.read(buffer) else { return nil }
        guard head.bodyLength <= LoadLimits.answerBytes else {
            throw AnswerFormatError(
                found: "a body of \(head.bodyLength) bytes", expected: "at most \(LoadLimits.answerBytes)")
        }
        guard buffer.readableBytes >= head.length + head.bodyLength else { return nil }
        buffer.moveReaderIndex(forwardBy: head.length)
        guard let body = buffer.readSlice(length: head.bodyLength) else { return nil }
        let answer = HTTPAnswer(status: head.status, headers: head.fields, body: body)
        return .http(answer, closes: head.closes)
    }
}
