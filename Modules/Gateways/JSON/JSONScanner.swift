/// Checks JSON text (RFC 8259) without building anything, and finds where its parts lie.
///
/// Numbers, strings and the order of members are never interpreted, so a value can be kept letter by letter. One pass,
/// O(bytes), no allocation; nesting is limited to ``maximumDepth``. Stricter than some parsers: no byte order mark,
/// strings must be UTF-8; a lone surrogate written as an escape is let pass, as the grammar does.
struct JSONScanner {
    static let maximumDepth = 128

    let bytes: UnsafeRawBufferPointer
    var position = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// The whole text is one value, with nothing but white space around it.
    mutating func document() throws(JSONError) -> Range<Int> {
        skipWhitespace()
        let range = try value(depth: 0)
        try end()
        return range
    }

    /// Nothing but white space is left.
    mutating func end() throws(JSONError) {
        skipWhitespace()
        guard position == bytes.count else { throw JSONError("unexpected text after the value", position) }
    }

    /// Skips one value.
    /// - Returns: where it lies, without the white space around it.
    mutating func value(depth: Int) throws(JSONError) -> Range<Int> {
        let start = position
        switch try peek() {
        case UInt8(ascii: "{"):
            try object(depth: depth) { (scanner, _) throws(JSONError) in _ = try scanner.value(depth: depth + 1) }
        case UInt8(ascii: "["): try array(depth: depth)
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "t"): try literal("true")
        case UInt8(ascii: "f"): try literal("false")
        case UInt8(ascii: "n"): try literal("null")
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
        default: throw JSONError("a JSON value was expected", position)
        }
        return start..<position
    }

    /// Walks over an object.
    /// - Parameter member: is called at the start of each member's value with where its name lies (the quotes left
    ///   out), and has to skip the value.
    mutating func object(
        depth: Int, _ member: (inout JSONScanner, Range<Int>) throws(JSONError) -> Void
    ) throws(JSONError) {
        try enter(depth)
        if skip(UInt8(ascii: "}")) { return }
        while true {
            guard try peek() == UInt8(ascii: "\"") else {
                throw JSONError("a member's name in quotes was expected", position)
            }
            let name = try string()
            skipWhitespace()
            guard try peek() == UInt8(ascii: ":") else { throw JSONError("':' was expected", position) }
            position += 1
            skipWhitespace()
            try member(&self, name)
            skipWhitespace()
            if skip(UInt8(ascii: "}")) { return }
            guard skip(UInt8(ascii: ",")) else { throw unexpected("',' or '}' was expected") }
        }
    }

    private mutating func array(depth: Int) throws(JSONError) {
        try enter(depth)
        if skip(UInt8(ascii: "]")) { return }
        while true {
            _ = try value(depth: depth + 1)
            skipWhitespace()
            if skip(UInt8(ascii: "]")) { return }
            guard skip(UInt8(ascii: ",")) else { throw unexpected("',' or ']' was expected") }
        }
    }

    private mutating func enter(_ depth: Int) throws(JSONError) {
        guard depth < Self.maximumDepth else {
            throw JSONError("nested deeper than \(Self.maximumDepth) levels", position)
        }
        position += 1
        skipWhitespace()
    }

    private mutating func number() throws(JSONError) {
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        if position < bytes.count, bytes[position] == UInt8(ascii: "0") {
            position += 1
        } else {
            try digits()
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            try digits()
        }
    }

    private mutating func digits() throws(JSONError) {
        let start = position
        while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) {
            position += 1
        }
        guard position > start else { throw unexpected("a digit was expected") }
    }

    private mutating func literal(_ text: StaticString) throws(JSONError) {
        let length = text.utf8CodeUnitCount
        guard bytes.count - position >= length else { throw JSONError("the text ends too early", bytes.count) }
        for index in 0..<length where bytes[position + index] != text.utf8Start[index] {
            throw JSONError("'\(text)' was expected", position)
        }
        position += length
    }

    func peek() throws(JSONError) -> UInt8 {
        guard position < bytes.count else { throw JSONError("the text ends too early", position) }
        return bytes[position]
    }

    func unexpected(_ reason: String) -> JSONError {
        position < bytes.count ? JSONError(reason, position) : JSONError("the text ends too early", position)
    }

    /// Takes this byte if it is next, and the white space after it.
    private mutating func skip(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        // After a closing bracket white space belongs to what surrounds the value.
        if byte == UInt8(ascii: ",") { skipWhitespace() }
        return true
    }

    mutating func skipWhitespace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }
}

/// What is wrong with a JSON text, and at which byte.
struct JSONError: Error, Equatable {
    var reason: String
    /// Counted from 0.
    var position: Int

    init(_ reason: String, _ position: Int) {
        self.reason = reason
        self.position = position
    }
}
