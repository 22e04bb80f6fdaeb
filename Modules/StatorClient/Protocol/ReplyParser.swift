import NIOCore

/// Cuts a stream of bytes into replies, however it comes in pieces.
///
/// Every token (a line, or a bulk's bytes) is taken once it is complete and never looked at again; of an incomplete
/// line it is known how far it was searched. Nothing is reserved for what was only announced. After an error the
/// stream cannot be read further. O(bytes) for a stream in any pieces.
struct ReplyParser {
    private enum State {
        /// The next token is a line, whose first bytes hold no end.
        case line(searched: Int)
        case bulk(length: Int)
    }

    /// An array with elements still to come.
    private struct OpenArray {
        var missing: Int
        var items: [Reply] = []
    }

    private let limits: ReplyLimits
    private var buffer = ByteBuffer()
    /// Whether slices of the buffer's storage were handed out: writing to it would copy all of it.
    private var isShared = false
    private var state = State.line(searched: 0)
    private var open: [OpenArray] = []
    private var elements = 0
    private var replyBytes = 0

    init(limits: ReplyLimits) {
        self.limits = limits
    }

    mutating func append(_ chunk: ByteBuffer) {
        if buffer.readableBytes == 0 {
            buffer = chunk
        } else if isShared || buffer.readerIndex > buffer.readableBytes {
            // Only what was not taken yet moves to a buffer of its own, less than what was taken before.
            var fresh = ByteBufferAllocator().buffer(capacity: buffer.readableBytes + chunk.readableBytes)
            fresh.writeImmutableBuffer(buffer)
            fresh.writeImmutableBuffer(chunk)
            buffer = fresh
        } else {
            buffer.writeImmutableBuffer(chunk)
        }
        isShared = false
    }

    /// - Returns: the next reply, or `nil` where more bytes are needed.
    mutating func next() throws(ReplyFormatError) -> Reply? {
        while true {
            let token: Reply?
            switch state {
            case .line(let searched):
                guard let line = try takeLine(searched) else { return nil }
                token = try read(line)
            case .bulk(let length):
                guard let bytes = try takeBulk(length) else { return nil }
                token = .bulk(bytes)
            }
            if let token, let reply = settle(token) { return reply }
        }
    }

    // MARK: Tokens

    /// A line without its end.
    private mutating func takeLine(_ searched: Int) throws(ReplyFormatError) -> ByteBuffer? {
        let view = buffer.readableBytesView
        guard let end = view.dropFirst(searched).firstIndex(of: UInt8(ascii: "\r")) else {
            guard view.count <= limits.lineBytes else { throw tooLong() }
            state = .line(searched: view.count)
            return nil
        }
        let length = end - view.startIndex
        guard length <= limits.lineBytes else { throw tooLong() }
        guard length + 1 < view.count else {
            state = .line(searched: length)
            return nil
        }
        guard view[end + 1] == UInt8(ascii: "\n"), !view.prefix(length).contains(UInt8(ascii: "\n")) else {
            throw ReplyFormatError("a line does not end in CR LF, or has one of them inside")
        }
        guard let line = buffer.readSlice(length: length) else { return nil }
        buffer.moveReaderIndex(forwardBy: 2)
        state = .line(searched: 0)
        try count(bytes: length + 2)
        return line
    }

    private mutating func takeBulk(_ length: Int) throws(ReplyFormatError) -> ByteBuffer? {
        guard buffer.readableBytes >= length + 2, let bytes = buffer.readSlice(length: length) else { return nil }
        guard let end = buffer.readInteger(as: UInt16.self), end == 0x0D0A else {
            throw ReplyFormatError("a bulk string of \(length) bytes is not followed by CR LF")
        }
        isShared = true
        state = .line(searched: 0)
        return bytes
    }

    /// - Returns: a complete value, or `nil` where the line announced one.
    private mutating func read(_ line: ByteBuffer) throws(ReplyFormatError) -> Reply? {
        var rest = line
        guard let type = rest.readInteger(as: UInt8.self) else {
            throw ReplyFormatError("an empty line, where a reply was expected")
        }
        switch type {
        case UInt8(ascii: "+"): return .text(String(buffer: rest))
        case UInt8(ascii: "-"): return .error(String(buffer: rest))
        case UInt8(ascii: ":"): return .integer(try number(rest))
        case UInt8(ascii: "$"): return try announceBulk(try number(rest))
        case UInt8(ascii: "*"): return try announceArray(try number(rest))
        default: throw ReplyFormatError("a reply of the unknown type \(type), known are + - : $ *")
        }
    }

    private mutating func announceBulk(_ length: Int) throws(ReplyFormatError) -> Reply? {
        if length == -1 { return .null }
        guard length >= 0, length <= limits.bulkBytes else {
            throw ReplyFormatError("a bulk string of \(length) bytes, at most \(limits.bulkBytes) are allowed")
        }
        try count(bytes: length + 2)
        state = .bulk(length: length)
        return nil
    }

    private mutating func announceArray(_ length: Int) throws(ReplyFormatError) -> Reply? {
        if length == -1 { return .null }
        guard length >= 0, length <= limits.elements - elements else {
            throw ReplyFormatError("an array of \(length), at most \(limits.elements) elements are allowed in all")
        }
        if length == 0 { return .array([]) }
        guard open.count < limits.depth else {
            throw ReplyFormatError("arrays in arrays, deeper than the \(limits.depth) that are allowed")
        }
        elements += length
        open.append(OpenArray(missing: length))
        return nil
    }

    /// Puts a complete value where it belongs.
    /// - Returns: the reply, where that was its last value.
    private mutating func settle(_ value: Reply) -> Reply? {
        var value = value
        while var array = open.popLast() {
            array.items.append(value)
            array.missing -= 1
            if array.missing > 0 {
                open.append(array)
                return nil
            }
            value = .array(array.items)
        }
        elements = 0
        replyBytes = 0
        return value
    }

    // MARK: Limits

    private mutating func count(bytes: Int) throws(ReplyFormatError) {
        replyBytes += bytes
        guard replyBytes <= limits.replyBytes else {
            throw ReplyFormatError("a reply of more than the \(limits.replyBytes) bytes that are allowed")
        }
    }

    private func tooLong() -> ReplyFormatError {
        ReplyFormatError("a line of more than the \(limits.lineBytes) bytes that are allowed")
    }

    /// A decimal number in its one spelling: no plus sign, no leading zeros.
    private func number(_ digits: ByteBuffer) throws(ReplyFormatError) -> Int {
        guard digits.readableBytes <= 20 else { throw ReplyFormatError("a number of too many digits") }
        let text = String(buffer: digits)
        guard let number = Int(text), String(number) == text else { throw ReplyFormatError("'\(text)' is no number") }
        return number
    }
}
