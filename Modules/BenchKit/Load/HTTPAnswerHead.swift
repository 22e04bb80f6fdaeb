internal import NIOCore
internal import NIOHTTP1

/// The head of an answer, as far as a load needs it: RFC 9112 with a body whose length is announced. What has none
/// (chunks, or a body up to the end of the connection) is refused: nodes do not send it.
struct HTTPAnswerHead {
    private(set) var status = 0
    /// In bytes, with the empty line.
    private(set) var length = 0
    private(set) var bodyLength = 0
    private(set) var closes = false
    /// Those that are of interest: media type, node, context.
    private(set) var fields = HTTPHeaders()

    private typealias Bytes = UnsafeRawBufferPointer

    /// - Returns: `nil` where the head is not there whole.
    static func read(_ buffer: ByteBuffer) throws(AnswerFormatError) -> HTTPAnswerHead? {
        // Typed throws do not pass through the closure.
        let result = buffer.withUnsafeReadableBytes { bytes -> Result<HTTPAnswerHead?, AnswerFormatError> in
            do throws(AnswerFormatError) { return .success(try read(bytes)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    private static func read(_ bytes: Bytes) throws(AnswerFormatError) -> HTTPAnswerHead? {
        var head = HTTPAnswerHead()
        var lengthOfBody: Int?
        guard var end = lineEnd(bytes, from: 0) else { return try incomplete(bytes) }
        head.status = try status(bytes, end)
        while true {
            let start = end + 2
            guard let next = lineEnd(bytes, from: start) else { return try incomplete(bytes) }
            end = next
            if end == start { break }
            guard let colon = bytes[start..<end].firstIndex(of: UInt8(ascii: ":")) else {
                let line = text(bytes, start..<min(end, start + 60))
                throw AnswerFormatError(found: "a line '\(line)'", expected: "name: value")
            }
            try head.note(bytes, name: start..<colon, value: trimmed(bytes, (colon + 1)..<end), &lengthOfBody)
        }
        guard let lengthOfBody else {
            throw AnswerFormatError(found: "no Content-Length", expected: "a body whose length is announced")
        }
        head.length = end + 2
        head.bodyLength = lengthOfBody
        return head
    }

    private static func incomplete(_ bytes: Bytes) throws(AnswerFormatError) -> HTTPAnswerHead? {
        if bytes.count <= LoadLimits.headBytes { return nil }
        throw AnswerFormatError(
            found: "a head of more than \(LoadLimits.headBytes) bytes", expected: "at most that")
    }

    private static func status(_ bytes: Bytes, _ end: Int) throws(AnswerFormatError) -> Int {
        let digits = 9..<12
        guard end >= 12, text(bytes, 0..<9) == "HTTP/1.1 ", let status = Int(text(bytes, digits)), status >= 200 else {
            throw AnswerFormatError(
                found: "the line '\(text(bytes, 0..<min(end, 60)))'", expected: "HTTP/1.1 and a final status")
        }
        return status
    }

    private mutating func note(
        _ bytes: Bytes, name: Range<Int>, value: Range<Int>, _ lengthOfBody: inout Int?
    ) throws(AnswerFormatError) {
        func isNamed(_ expected: StaticString) -> Bool { HTTPAnswerHead.equal(bytes, name, expected) }
        switch name.count {
        case 14 where isNamed("content-length"):
            let text = HTTPAnswerHead.text(bytes, value)
            guard let length = Int(text), length >= 0, lengthOfBody == nil || lengthOfBody == length else {
                throw AnswerFormatError(found: "Content-Length '\(text.prefix(20))'", expected: "one number")
            }
            lengthOfBody = length
        case 17 where isNamed("transfer-encoding"):
            throw AnswerFormatError(found: "Transfer-Encoding", expected: "a body whose length is announced")
        case 10 where isNamed("connection"):
            if HTTPAnswerHead.equal(bytes, value, "close") { closes = true }
        case 12 where isNamed("content-type"):
            // The common ones without an allocation.
            if HTTPAnswerHead.equal(bytes, value, "application/octet-stream") {
                fields.add(name: "content-type", value: "application/octet-stream")
            } else {
                fields.add(name: "content-type", value: HTTPAnswerHead.text(bytes, value))
            }
        case 13 where isNamed("x-stator-node"):
            fields.add(name: "x-stator-node", value: HTTPAnswerHead.text(bytes, value))
        case 16 where isNamed("x-stator-context"):
            fields.add(name: "x-stator-context", value: HTTPAnswerHead.text(bytes, value))
        default: break
        }
    }

    // MARK: Bytes

    /// Where the line that begins there ends, at its CR LF.
    private static func lineEnd(_ bytes: Bytes, from start: Int) -> Int? {
        var index = start + 1
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "\n"), bytes[index - 1] == UInt8(ascii: "\r") { return index - 1 }
            index += 1
        }
        return nil
    }

    private static func trimmed(_ bytes: Bytes, _ range: Range<Int>) -> Range<Int> {
        var (low, high) = (range.lowerBound, range.upperBound)
        while low < high, bytes[low] == 0x20 || bytes[low] == 0x09 { low += 1 }
        while low < high, bytes[high - 1] == 0x20 || bytes[high - 1] == 0x09 { high -= 1 }
        return low..<high
    }

    /// - Parameter expected: in lower case.
    private static func equal(_ bytes: Bytes, _ range: Range<Int>, _ expected: StaticString) -> Bool {
        guard range.count == expected.utf8CodeUnitCount else { return false }
        for (offset, index) in range.enumerated() {
            let byte = bytes[index]
            let lower = byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
            if lower != expected.utf8Start[offset] { return false }
        }
        return true
    }

    private static func text(_ bytes: Bytes, _ range: Range<Int>) -> String {
        String(decoding: Bytes(rebasing: bytes[range]), as: UTF8.self)
    }
}
