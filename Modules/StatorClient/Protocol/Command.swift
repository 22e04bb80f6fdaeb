import NIOCore
import StatorCore

/// What is asked of a node.
enum Command: Sendable {
    case get(Key, readQuorum: Quorum?)
    /// Without a context it supersedes what its coordinator holds.
    case put(Key, ByteBuffer, context: Context?, writeQuorum: Quorum?)
    case delete(Key, context: Context?, writeQuorum: Quorum?)
    case ring
    case ping

    var key: Key? {
        switch self {
        case .get(let key, _), .put(let key, _, _, _), .delete(let key, _, _): key
        case .ring, .ping: nil
        }
    }

    var isWrite: Bool {
        switch self {
        case .put, .delete: true
        case .get, .ring, .ping: false
        }
    }

    /// - Parameter timeoutMilliseconds: for how long the node shall try; `nil` for as long as it is set to.
    func encode(timeoutMilliseconds: Int64?, into out: inout ByteBuffer) {
        let timeout = timeoutMilliseconds.map { ("TIMEOUT", ByteBuffer(string: String($0))) }
        func quorum(_ name: String, _ quorum: Quorum?) -> (String, ByteBuffer)? {
            quorum.map { (name, ByteBuffer(string: $0.text)) }
        }
        func option(_ context: Context?) -> (String, ByteBuffer)? {
            context.map { ("CONTEXT", $0.storage ?? ByteBuffer(string: "NONE")) }
        }
        switch self {
        case .ping: out.writeCommand("PING", [], [])
        case .ring: out.writeCommand("STATOR.RING", [], [])
        case .get(let key, let r): out.writeCommand("STATOR.GET", [key.bytes], [quorum("R", r), timeout])
        case .put(let key, let value, let context, let w):
            out.writeCommand("STATOR.PUT", [key.bytes, value], [option(context), quorum("W", w), timeout])
        case .delete(let key, let context, let w):
            out.writeCommand("STATOR.DEL", [key.bytes], [option(context), quorum("W", w), timeout])
        }
    }
}

extension ByteBuffer {
    fileprivate mutating func writeCommand(
        _ name: String, _ arguments: [ByteBuffer], _ options: [(name: String, value: ByteBuffer)?]
    ) {
        let count = 1 + arguments.count + 2 * options.count { $0 != nil }
        writeString("*\(count)\r\n")
        writeBulk(ByteBuffer(string: name))
        for argument in arguments { writeBulk(argument) }
        for case let option? in options {
            writeBulk(ByteBuffer(string: option.name))
            writeBulk(option.value)
        }
    }

    private mutating func writeBulk(_ bytes: ByteBuffer) {
        writeString("$\(bytes.readableBytes)\r\n")
        writeImmutableBuffer(bytes)
        writeStaticString("\r\n")
    }
}
