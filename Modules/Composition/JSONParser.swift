/// Why a text is not JSON, and where.
package struct JSONSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Counted from 1.
    package let line: Int
    /// In characters (Unicode scalars), counted from 1.
    package let column: Int
    package let message: String

    package var description: String { "line \(line), column \(column): \(message)" }
}

/// A strict parser of RFC 8259.
///
/// Foundation's parsers keep the last of two members of the same name without a word, take integers for floating-point
/// numbers and lose the order of members. A node's configuration needs all three told apart, so this parser refuses
/// duplicate names, trailing commas, comments, NaN, lone surrogates, ill-formed UTF-8 and anything after the document,
/// and says where. Nesting and size are bounded: input never traps. O(bytes).
package struct JSONParser {
    /// How deep arrays and objects may nest.
    package static let maximumDepth = 64
    /// The largest document, in bytes: enough for a view of the most members.
    package static let maximumSize = 8 << 20

    private let bytes: [UInt8]
    private var offset = 0
    private var depth = 0

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    package static func parse(_ bytes: [UInt8]) throws(JSONSyntaxError) -> JSONValue {
        var parser = JSONParser(bytes)
        guard bytes.count <= maximumSize else { throw parser.failure("the document is larger than 8 MiB") }
        let value = try parser.value()
        parser.skipSpace()
        if let next = parser.next { throw parser.failure("\(parser.shown(next)) after the end of the document") }
        return value
    }

    private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }

    private mutating func takes(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    private mutating func value() throws(JSONSyntaxError) -> JSONValue {
        skipSpace()
        guard let byte = next else { throw failure("the document ends where a value is expected") }
        switch byte {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .text(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case UInt8(ascii: "/"), UInt8(ascii: "#"): throw failure("JSON has no comments")
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): return try literal()
        default: throw failure("\(shown(byte)) where a value is expected")
        }
    }

    private mutating func literal() throws(JSONSyntaxError) -> JSONValue {
        let word = bytes[offset...].prefix(16).prefix { byte in
            (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        }
        let name = String(decoding: word, as: UTF8.self)
        let value: JSONValue
        switch name {
        case "true": value = .boolean(true)
        case "false": value = .boolean(false)
        case "null": value = .null
        default: throw failure("'\(name)' is not a JSON value; text stands in double quotes")
        }
        offset += word.count
        return value
    }

    private mutating func descend() throws(JSONSyntaxError) {
        depth += 1
        guard depth <= JSONParser.maximumDepth else {
            throw failure("more than \(JSONParser.maximumDepth) arrays and objects inside one another")
        }
        offset += 1
    }

    private mutating func array() throws(JSONSyntaxError) -> JSONValue {
        try descend()
        defer { depth -= 1 }
        var elements: [JSONValue] = []
        if takes("]") { return .array([]) }
        while true {
            elements.append(try value())
            if takes("]") { return .array(elements) }
            guard takes(",") else { throw unexpected("',' or ']'") }
            skipSpace()
            if next == UInt8(ascii: "]") { throw failure("no element follows the ','") }
        }
    }

    private mutating func object() throws(JSONSyntaxError) -> JSONValue {
        try descend()
        defer { depth -= 1 }
        var members: [JSONMember] = []
        var names: Set<String> = []
        if takes("}") { return .object([]) }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw unexpected("a name in double quotes") }
            let start = offset
            let name = try string()
            guard names.insert(name).inserted else {
                offset = start
                throw failure("the name \(JSONValue.quoted(name)) occurs twice in one object")
            }
            guard takes(":") else { throw unexpected("':'") }
            members.append(JSONMember(name, try value()))
            if takes("}") { return .object(members) }
            guard takes(",") else { throw unexpected("',' or '}'") }
            skipSpace()
            if next == UInt8(ascii: "}") { throw failure("no member follows the ','") }
        }
    }

    private mutating func digits() throws(JSONSyntaxError) {
        guard let byte = next, (0x30...0x39).contains(byte) else { throw unexpected("a digit") }
        while let byte = next, (0x30...0x39).contains(byte) { offset += 1 }
    }

    private mutating func number() throws(JSONSyntaxError) -> JSONValue {
        let start = offset
        var isInteger = true
        if next == UInt8(ascii: "-") { offset += 1 }
        if next == UInt8(ascii: "0") {
            offset += 1
            if let byte = next, (0x30...0x39).contains(byte) { throw failure("a number does not start with 0") }
        } else {
            try digits()
        }
        if next == UInt8(ascii: ".") {
            isInteger = false
            offset += 1
            try digits()
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            isInteger = false
            offset += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { offset += 1 }
            try digits()
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        if isInteger, let integer = Int(text) { return .integer(integer) }
        guard let number = Double(text), number.isFinite else {
            offset = start
            throw failure("the number is too large")
        }
        return .number(number)
    }
}

extension JSONParser {
    private mutating func string() throws(JSONSyntaxError) -> String {
        let start = offset
        offset += 1
        var text: [UInt8] = []
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else {
                    offset = start
                    throw failure("the text is not UTF-8")
                }
                offset += 1
                return string
            case UInt8(ascii: "\\"):
                try escape(into: &text)
            case 0..<0x20:
                throw failure("\(shown(byte)) inside a text; write it as an escape such as \\n")
            default:
                text.append(byte)
                offset += 1
            }
        }
        offset = start
        throw failure("the text has no end")
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONSyntaxError) {
        let start = offset
        offset += 1
        guard let byte = next else { throw failure("the document ends inside an escape") }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            guard let scalar = try escapedScalar() else {
                offset = start
                throw failure("half of a surrogate pair")
            }
            text.append(contentsOf: Array(String(scalar).utf8))
        default:
            offset = start
            throw failure("there is no such escape")
        }
    }

    /// The scalar after `\u`, of one code unit or a surrogate pair; `nil` where half of a pair is missing.
    private mutating func escapedScalar() throws(JSONSyntaxError) -> Unicode.Scalar? {
        let first = try codeUnit()
        guard (0xD800...0xDFFF).contains(first) else { return Unicode.Scalar(first) }
        guard first <= 0xDBFF, bytes[offset...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else {
            return nil
        }
        offset += 2
        let second = try codeUnit()
        guard (0xDC00...0xDFFF).contains(second) else { return nil }
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    }

    private mutating func codeUnit() throws(JSONSyntaxError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw unexpected("four hexadecimal digits")
            }
            unit = unit << 4 | UInt32(digit)
            offset += 1
        }
        return unit
    }

    private func unexpected(_ expected: String) -> JSONSyntaxError {
        guard let next else { return failure("the document ends where \(expected) is expected") }
        if next == UInt8(ascii: "/") || next == UInt8(ascii: "#") { return failure("JSON has no comments") }
        return failure("\(shown(next)) where \(expected) is expected")
    }

    private func shown(_ byte: UInt8) -> String {
        if (0x21...0x7E).contains(byte) { return "'\(Unicode.Scalar(byte))'" }
        if byte == 0x20 { return "a space" }
        if byte == 0x0A || byte == 0x0D { return "a line break" }
        return byte < 0x80 ? "a control character" : "a character outside ASCII"
    }

    /// An error at the current offset. Lines and columns are counted only now: O(offset), once a document.
    private func failure(_ message: String) -> JSONSyntaxError {
        var line = 1
        var column = 1
        for byte in bytes[..<min(offset, bytes.count)] {
            if byte == 0x0A {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return JSONSyntaxError(line: line, column: column, message: message)
    }
}
