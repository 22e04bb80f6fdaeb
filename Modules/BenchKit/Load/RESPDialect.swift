internal import Checking
internal import NIOCore

/// RESP2 as any Redis-compatible server understands it (redis.io/docs/latest/develop/reference/protocol-spec): GET, SET,
/// DEL. See ``LoadSettings/Interface/resp`` for what it cannot say.
struct RESPDialect: StoreDialect {
    func encode(_ operation: HistoryOperation, node: Int, valueBytes: Int, into buffer: inout ByteBuffer) {
        switch operation.kind {
        case .read: buffer.writeStaticString("*2\r\n$3\r\nGET\r\n")
        case .write: buffer.writeStaticString("*3\r\n$3\r\nSET\r\n")
        case .delete: buffer.writeStaticString("*2\r\n$3\r\nDEL\r\n")
        }
        buffer.writeString("$\(operation.key.utf8.count)\r\n")
        buffer.writeString(operation.key)
        buffer.writeStaticString("\r\n")
        guard operation.kind == .write else { return }
        let name = operation.value ?? ""
        buffer.writeString("$\(LoadValue.size(name, bytes: valueBytes))\r\n")
        LoadValue.write(name, bytes: valueBytes, into: &buffer)
        buffer.writeStaticString("\r\n")
    }

    func decode(_ buffer: inout ByteBuffer) throws(AnswerFormatError) -> StoreAnswer? {
        var rest = buffer
        guard let line = try RESPDialect.line(&rest), let type = line.utf8.first else { return nil }
        let text = String(line.dropFirst())
        let reply: RESPReply
        switch type {
        case UInt8(ascii: "+"): reply = .text(text)
        case UInt8(ascii: "-"): reply = .error(text)
        case UInt8(ascii: ":"):
            guard let number = Int(text) else { throw RESPDialect.error(line) }
            reply = .integer(number)
        case UInt8(ascii: "_") where text.isEmpty: reply = .null
        case UInt8(ascii: "$") where text == "-1": reply = .null
        case UInt8(ascii: "$"):
            guard let length = Int(text), (0...LoadLimits.answerBytes).contains(length) else {
                throw RESPDialect.error(line)
            }
            guard rest.readableBytes >= length + 2, let bytes = rest.readSlice(length: length) else { return nil }
            rest.moveReaderIndex(forwardBy: 2)
            reply = .bytes(bytes)
        default: throw RESPDialect.error(line)
        }
        buffer = rest
        return .resp(reply)
    }

    private static func line(_ buffer: inout ByteBuffer) throws(AnswerFormatError) -> String? {
        guard let end = buffer.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) else {
            guard buffer.readableBytes > LoadLimits.headBytes else { return nil }
            throw AnswerFormatError(
                found: "a line of more than \(LoadLimits.headBytes) bytes", expected: "at most that")
        }
        let length = end - buffer.readerIndex
        guard length > 1, let line = buffer.readString(length: length - 1) else {
            throw AnswerFormatError(found: "an empty line", expected: "a reply of RESP")
        }
        buffer.moveReaderIndex(forwardBy: 2)
        return line
    }

    private static func error(_ line: String) -> AnswerFormatError {
        AnswerFormatError(found: "'\(line.prefix(60))'", expected: "a simple text, error, number or bulk text of RESP")
    }
}

/// A reply to one of the commands that a load sends.
enum RESPReply {
    case text(String)
    case bytes(ByteBuffer)
    case integer(Int)
    case null
    case error(String)

    /// Codes by which Redis, or a node, says that it did nothing.
    private static let refusals = [
        "ERR", "LOADING", "MASTERDOWN", "MISCONF", "MOVED", "NOAUTH", "NOPERM", "OOM", "READONLY", "WRONGTYPE",
    ]

    /// Errors of reads are `failed`; those of writes too where the code says that nothing was done, else `unknown`.
    func conclude(_ operation: inout HistoryOperation) {
        operation.outcome = .ok
        switch (self, operation.kind) {
        case (.bytes(let bytes), .read): operation.values = [String(buffer: bytes)]
        case (.null, .read): operation.values = []
        case (.text, .write), (.integer, .delete): break
        case (.error(let message), _):
            let code = String(message.prefix { $0 != " " })
            operation.error = code
            operation.outcome = operation.kind == .read || RESPReply.refusals.contains(code) ? .failed : .unknown
        default:
            operation.error = "unexpected reply"
            operation.outcome = operation.kind == .read ? .failed : .unknown
        }
    }
}
