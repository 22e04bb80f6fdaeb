import NIOCore

/// Replies as bytes, in the version of the protocol that the client chose.
extension ByteBuffer {
    mutating func writeRESPOK() {
        // The four bytes "+OK\r", and the line's end.
        writeInteger(0x2B4F_4B0D as UInt32)
        writeInteger(0x0A as UInt8)
    }

    mutating func writeRESPStatus(_ text: StaticString) {
        writeStaticString("+")
        writeStaticString(text)
        writeStaticString("\r\n")
    }

    /// An error's first word is its code. What could end the line is taken out.
    mutating func writeRESPError(_ text: String) {
        writeStaticString("-")
        if text.utf8.contains(where: { $0 == 0x0D || $0 == 0x0A }) {
            writeString(String(text.map { $0.isNewline ? " " : $0 }))
        } else {
            writeString(text)
        }
        writeStaticString("\r\n")
    }

    mutating func writeRESPInteger(_ value: Int) {
        writeRESPHeader(UInt8(ascii: ":"), value)
    }

    mutating func writeRESPArray(_ count: Int) {
        writeRESPHeader(UInt8(ascii: "*"), count)
    }

    /// A map of RESP3; its keys and values one after the other in RESP2.
    mutating func writeRESPMap(_ count: Int, _ version: RESPVersion) {
        if version == .three { writeRESPHeader(UInt8(ascii: "%"), count) } else { writeRESPArray(2 * count) }
    }

    mutating func writeRESPNull(_ version: RESPVersion) {
        if version == .three { writeStaticString("_\r\n") } else { writeStaticString("$-1\r\n") }
    }

    mutating func writeRESPBulk(_ text: String) {
        writeRESPHeader(UInt8(ascii: "$"), text.utf8.count)
        writeString(text)
        writeStaticString("\r\n")
    }

    mutating func writeRESPBulk(_ bytes: ByteBuffer) {
        let count = bytes.readableBytes
        bytes.withUnsafeReadableBytes { source in
            _ = writeWithUnsafeMutableBytes(minimumWritableBytes: count + 24) { target in
                var end = ByteBuffer.putRESPHeader(UInt8(ascii: "$"), count, into: target)
                UnsafeMutableRawBufferPointer(rebasing: target[end...]).copyMemory(from: source)
                end += count
                target[end] = UInt8(ascii: "\r")
                target[end + 1] = UInt8(ascii: "\n")
                return end + 2
            }
        }
    }

    private mutating func writeRESPHeader(_ type: UInt8, _ value: Int) {
        _ = writeWithUnsafeMutableBytes(minimumWritableBytes: 24) { ByteBuffer.putRESPHeader(type, value, into: $0) }
    }

    /// - Returns: how many bytes it took, 23 at most.
    private static func putRESPHeader(_ type: UInt8, _ value: Int, into target: UnsafeMutableRawBufferPointer) -> Int {
        target[0] = type
        var end = 1
        if value < 0 {
            target[1] = UInt8(ascii: "-")
            end = 2
        }
        var rest = value.magnitude
        var digits = 1
        var bound: UInt = 10
        while digits < 20, rest >= bound {
            digits += 1
            let next = bound.multipliedReportingOverflow(by: 10)
            if next.overflow { break }
            bound = next.partialValue
        }
        for place in stride(from: end + digits - 1, through: end, by: -1) {
            target[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        end += digits
        target[end] = UInt8(ascii: "\r")
        target[end + 1] = UInt8(ascii: "\n")
        return end + 2
    }
}

/// Chosen by HELLO.
enum RESPVersion: Int {
    case two = 2
    case three = 3
}
