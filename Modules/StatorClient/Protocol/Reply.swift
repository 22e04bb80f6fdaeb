import NIOCore

/// A reply as RESP2 has it (redis.io/docs/latest/develop/reference/protocol-spec). Null bulks and arrays are one.
enum Reply: Hashable, Sendable {
    case text(String)
    case error(String)
    case integer(Int)
    case bulk(ByteBuffer)
    case null
    case array([Reply])

    /// For error messages: what it is, without its bytes.
    var kind: String {
        switch self {
        case .text: "a simple string"
        case .error: "an error"
        case .integer: "an integer"
        case .bulk(let bytes): "a bulk string of \(bytes.readableBytes) bytes"
        case .null: "null"
        case .array(let items): "an array of \(items.count)"
        }
    }
}

/// What a parser accepts at most.
struct ReplyLimits: Sendable {
    var lineBytes = ClientLimits.replyLineBytes
    var bulkBytes = 64 << 20
    var replyBytes = 256 << 20
    var depth = ClientLimits.replyDepth
    var elements = ClientLimits.replyElements
}

/// Bytes that are no reply: what was found, and what was expected.
struct ReplyFormatError: Error, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
