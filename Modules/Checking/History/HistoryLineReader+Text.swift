/// Texts, tokens and errors.
extension HistoryLineReader {
    var next: UInt8? { offset < end ? bytes[offset] : nil }

    mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0D { offset += 1 }
    }

    /// Skips white space, and the character if it follows.
    mutating func takes(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    mutating func string() throws(HistoryFormatError) -> String {
        let place = offset
        guard next == UInt8(ascii: "\"") else { throw unexpected("a text in double quotes") }
        offset += 1
        var text: [UInt8] = []
        while let byte = next {
            // All that needs no look at a time.
            var plain = offset
            while plain < end, HistoryLineReader.isPlain(bytes[plain]) { plain += 1 }
            if plain > offset {
                text += bytes[offset..<plain]
                offset = plain
                continue
            }
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw failure("a text that is not UTF-8", "UTF-8", at: place)
                }
                return string
            case UInt8(ascii: "\\"):
                try escape(into: &text)
            default:
                throw unexpected("an escape such as \\n")
            }
        }
        throw failure("a text without an end", "a double quote", at: place)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    private mutating func escape(into text: inout [UInt8]) throws(HistoryFormatError) {
        let place = offset
        offset += 1
        guard let byte = next else { throw unexpected("the rest of an escape") }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            guard let scalar = try scalar() else {
                throw failure("half of a surrogate pair", "both halves", at: place)
            }
            text += Array(String(scalar).utf8)
        default:
            throw failure("an unknown escape", "one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u", at: place)
        }
    }

    /// The scalar after `\u`, of one code unit or a surrogate pair; `nil` where half of a pair is missing.
    private mutating func scalar() throws(HistoryFormatError) -> Unicode.Scalar? {
        let first = try codeUnit()
        guard (0xD800...0xDFFF).contains(first) else { return Unicode.Scalar(first) }
        guard first <= 0xDBFF, bytes[offset..<end].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else {
            return nil
        }
        offset += 2
        let second = try codeUnit()
        guard (0xDC00...0xDFFF).contains(second) else { return nil }
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    }

    private mutating func codeUnit() throws(HistoryFormatError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = HistoryLineReader.hexadecimal(byte) else {
                throw unexpected("four hexadecimal digits")
            }
            unit = unit << 4 | digit
            offset += 1
        }
        return unit
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }

    func unexpected(_ expected: String) -> HistoryFormatError {
        guard let next else { return failure("the end of the line", expected, at: offset) }
        let found =
            switch next {
            case 0x21...0x7E: "'\(Unicode.Scalar(next))'"
            case 0x20: "a space"
            case 0..<0x20, 0x7F: "a control character"
            default: "a character outside ASCII"
            }
        return failure(found, expected, at: offset)
    }

    func failure(_ found: String, _ expected: String, at place: Int) -> HistoryFormatError {
        HistoryFormatError(line: line, column: place - start + 1, found: found, expected: expected)
    }
}
