import NIOCore
import NIOHTTP1

/// Percent-encoding (RFC 3986 section 2.1): `%2F` stands for a byte, everything else for itself; `+` is a plus.
enum PercentCoding {
    /// The bytes that a text stands for.
    /// - Throws: 400 where a `%` is not followed by two hexadecimal digits. Bytes beyond ASCII that came unencoded have
    ///   been refused by the parser.
    static func decode(_ text: Substring.UTF8View, what: String) throws(HTTPFailure) -> ByteBuffer {
        if !text.contains(UInt8(ascii: "%")) { return ByteBuffer(substring: Substring(text)) }
        var out = ByteBufferAllocator().buffer(capacity: text.count)
        var index = text.startIndex
        while index < text.endIndex {
            let byte = text[index]
            index = text.index(after: index)
            guard byte == UInt8(ascii: "%") else {
                out.writeInteger(byte)
                continue
            }
            guard let high = digit(text, &index), let low = digit(text, &index) else {
                throw .badRequest("malformed_encoding", "\(what): two hexadecimal digits must follow each '%'")
            }
            out.writeInteger(high << 4 | low)
        }
        return out
    }

    private static func digit(_ text: Substring.UTF8View, _ index: inout Substring.UTF8View.Index) -> UInt8? {
        guard index < text.endIndex, let value = hexValue(text[index]) else { return nil }
        index = text.index(after: index)
        return value
    }

    static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
