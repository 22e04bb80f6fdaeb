import NIOCore

extension JSONScanner {
    /// Skips a string whose opening quote is next.
    /// - Returns: where its content lies, the quotes left out, escapes as they were written.
    mutating func string() throws(JSONError) -> Range<Int> {
        position += 1
        let start = position
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return start..<(position - 1)
            case UInt8(ascii: "\\"): try escape()
            case 0..<0x20: throw JSONError("a control character in a string must be escaped", position)
            case 0..<0x80: position += 1
            default: try multibyte(byte)
            }
        }
        throw JSONError("the text ends inside a string", position)
    }

    private mutating func escape() throws(JSONError) {
        guard position + 1 < bytes.count else { throw JSONError("the text ends inside a string", bytes.count) }
        switch bytes[position + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 2
        case UInt8(ascii: "u"):
            guard hexadecimal(at: position + 2) != nil else {
                throw JSONError("four hexadecimal digits must follow \\u", position)
            }
            position += 6
        default: throw JSONError("an unknown escape", position)
        }
    }

    private func hexadecimal(at index: Int) -> UInt32? {
        guard index + 4 <= bytes.count else { return nil }
        var value: UInt32 = 0
        for offset in 0..<4 {
            guard let digit = PercentCoding.hexValue(bytes[index + offset]) else { return nil }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    /// Skips one character of two to four bytes, as table 3-7 of the Unicode standard allows them: no overlong forms,
    /// no surrogates, nothing beyond U+10FFFF.
    private mutating func multibyte(_ lead: UInt8) throws(JSONError) {
        let second: ClosedRange<UInt8>
        let length: Int
        switch lead {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw JSONError("a string is not UTF-8", position)
        }
        guard position + length <= bytes.count, second.contains(bytes[position + 1]) else {
            throw JSONError("a string is not UTF-8", position)
        }
        for offset in 2..<max(length, 2) where bytes[position + offset] & 0xC0 != 0x80 {
            throw JSONError("a string is not UTF-8", position)
        }
        position += length
    }

    /// The text of a string found by ``string()``; a lone surrogate becomes U+FFFD.
    func text(_ range: Range<Int>) -> String {
        let content = UnsafeRawBufferPointer(rebasing: bytes[range])
        guard content.contains(UInt8(ascii: "\\")) else { return String(decoding: content, as: UTF8.self) }
        var units: [UInt16] = []
        var plain: [UInt8] = []
        var index = range.lowerBound
        func flush() {
            units.append(contentsOf: String(decoding: plain, as: UTF8.self).utf16)
            plain.removeAll(keepingCapacity: true)
        }
        while index < range.upperBound {
            guard bytes[index] == UInt8(ascii: "\\") else {
                plain.append(bytes[index])
                index += 1
                continue
            }
            flush()
            let kind = bytes[index + 1]
            index += kind == UInt8(ascii: "u") ? 6 : 2
            switch kind {
            case UInt8(ascii: "u"): units.append(UInt16(hexadecimal(at: index - 4) ?? 0xFFFD))
            case UInt8(ascii: "b"): units.append(0x08)
            case UInt8(ascii: "f"): units.append(0x0C)
            case UInt8(ascii: "n"): units.append(0x0A)
            case UInt8(ascii: "r"): units.append(0x0D)
            case UInt8(ascii: "t"): units.append(0x09)
            default: units.append(UInt16(kind))
            }
        }
        flush()
        return String(decoding: units, as: UTF16.self)
    }

    /// The text of a JSON value that is a string, as UTF-8; `nil` for any other value.
    static func text(ofString value: ByteBuffer) -> ByteBuffer? {
        value.withUnsafeReadableBytes { bytes in
            var scanner = JSONScanner(bytes)
            scanner.skipWhitespace()
            guard let first = try? scanner.peek(), first == UInt8(ascii: "\""), let range = try? scanner.string() else {
                return nil
            }
            return ByteBuffer(string: scanner.text(range))
        }
    }
}
