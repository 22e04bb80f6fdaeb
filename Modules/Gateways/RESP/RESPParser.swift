package import NIOCore

/// Cuts a client's bytes into commands: arrays of bulk texts, or lines of words as people type them.
///
/// redis.io/docs/latest/develop/reference/protocol-spec. It goes on where it stopped when more bytes come, allocates
/// nothing for what is only announced, and copies only the bytes of a command that arrives in pieces.
package struct RESPParser {
    /// Where the arguments of the present command lie, from its first byte on. The storage is used again.
    private(set) var arguments: [Range<Int>] = []
    private let maximumCommand: Int

    private var pending = ByteBuffer()
    /// Whether slices that were handed out share the storage of `pending`, so that appending to it would copy it all.
    private var isShared = true
    /// Up to where the present command has been read, from its first byte on.
    private var position = 0
    private var announced = 0
    private var state = State.start

    private enum State {
        case start
        case arguments
        /// Whole: handed out until ``consume()``.
        case whole
    }

    /// - Parameter maximumCommand: the most bytes that a command may have.
    package init(maximumCommand: Int) {
        self.maximumCommand = maximumCommand
    }

    /// Bytes held and not consumed.
    var pendingBytes: Int { pending.readableBytes }

    /// Whether bytes are held of a command whose end has not come.
    var isWithinCommand: Bool { state != .whole && pending.readableBytes > 0 }

    package mutating func append(_ bytes: consuming ByteBuffer) {
        guard pending.readableBytes > 0 else {
            pending = bytes
            isShared = true
            return
        }
        if isShared {
            var own = ByteBufferAllocator().buffer(capacity: pending.readableBytes + bytes.readableBytes)
            own.writeImmutableBuffer(pending)
            pending = own
            isShared = false
        }
        pending.writeImmutableBuffer(bytes)
    }

    /// Whether a whole command is there; it stays the present one until ``consume()``.
    /// - Throws: for bytes that are no command; nothing after them can be read.
    package mutating func next() throws(RESPProtocolError) -> Bool {
        if state == .whole { return true }
        guard pending.readableBytes > position else { return false }
        var cursor = Cursor(
            position: position, announced: announced, isWithin: state == .arguments, maximum: maximumCommand)
        swap(&cursor.arguments, &arguments)
        defer { swap(&cursor.arguments, &arguments) }
        let isWhole = try pending.withUnsafeReadableBytes { bytes throws(RESPProtocolError) in
            try cursor.advance(bytes)
        }
        position = cursor.position
        announced = cursor.announced
        state = isWhole ? .whole : cursor.isWithin ? .arguments : .start
        return isWhole
    }

    /// An argument of the present command: a slice.
    package mutating func argument(_ index: Int) -> ByteBuffer {
        isShared = true
        let range = arguments[index]
        return pending.getSlice(at: pending.readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
    }

    func withArgument<Result>(_ index: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let range = arguments[index]
        return pending.withUnsafeReadableBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    func text(_ index: Int) -> String {
        withArgument(index) { String(decoding: $0, as: UTF8.self) }
    }

    /// Goes on behind the present command.
    package mutating func consume() {
        precondition(state == .whole, "a command is consumed once")
        pending.moveReaderIndex(forwardBy: position)
        if pending.readableBytes == 0 { pending = ByteBuffer() }
        position = 0
        announced = 0
        state = .start
        arguments.removeAll(keepingCapacity: true)
    }

    /// Gives up what is held.
    mutating func discard() {
        pending = ByteBuffer()
        position = 0
        announced = 0
        state = .start
        arguments.removeAll()
    }
}

/// Bytes that are no command.
package enum RESPProtocolError: Error, Equatable {
    case tooBigInline
    case tooLongHeader
    case invalidCount
    case expectedBulk(found: UInt8)
    case invalidBulkLength
    case unbalancedQuotes
    case unterminatedBulk
    case tooLarge(maximum: Int)

    /// As Redis words it where it knows the error.
    var description: String {
        switch self {
        case .tooBigInline: "too big inline request"
        case .tooLongHeader: "too big mbulk count string"
        case .invalidCount: "invalid multibulk length"
        case .expectedBulk(let found): "expected '$', got '\(RESPProtocolError.printable(found))'"
        case .invalidBulkLength: "invalid bulk length"
        case .unbalancedQuotes: "unbalanced quotes in request"
        case .unterminatedBulk: "an argument does not end where its length says"
        case .tooLarge(let maximum): "a command may have at most \(maximum) bytes"
        }
    }

    private static func printable(_ byte: UInt8) -> String {
        (0x20..<0x7F).contains(byte) ? String(UnicodeScalar(byte)) : "\\x" + String(byte, radix: 16)
    }
}
