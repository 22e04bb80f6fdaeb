import NIOCore

/// Composes JSON text straight into a buffer.
///
/// Commas come by themselves; that objects and members alternate properly is the caller's part. Member names are
/// written as they are where they are static, and escaped otherwise.
struct JSONWriter {
    private(set) var buffer: ByteBuffer
    private var needsComma = false

    init(capacity: Int = 512) {
        buffer = ByteBufferAllocator().buffer(capacity: capacity)
    }

    /// The text with a line feed at its end.
    consuming func finish() -> ByteBuffer {
        buffer.writeStaticString("\n")
        return buffer
    }

    // MARK: Structure

    mutating func object(_ members: (inout JSONWriter) -> Void) {
        open("{")
        members(&self)
        close("}")
    }

    mutating func object(_ name: StaticString, _ members: (inout JSONWriter) -> Void) {
        self.name(name)
        object(members)
    }

    mutating func object(named name: String, _ members: (inout JSONWriter) -> Void) {
        self.name(name)
        object(members)
    }

    mutating func array(_ name: StaticString, _ elements: (inout JSONWriter) -> Void) {
        self.name(name)
        open("[")
        elements(&self)
        close("]")
    }

    mutating func array(_ name: StaticString, _ elements: some Sequence<String>) {
        array(name) { json in
            for element in elements { json.value(element) }
        }
    }

    // MARK: Members

    mutating func member(_ name: StaticString, _ value: String) {
        self.name(name)
        self.value(value)
    }

    mutating func member(_ name: StaticString, _ value: Int) {
        self.name(name)
        separate()
        buffer.writeString(String(value))
    }

    mutating func member(_ name: StaticString, _ value: UInt64) {
        self.name(name)
        separate()
        buffer.writeString(String(value))
    }

    mutating func member(_ name: StaticString, _ value: Bool) {
        self.name(name)
        literal(value ? "true" : "false")
    }

    mutating func member(_ name: StaticString, _ value: Double) {
        self.name(name)
        self.value(value)
    }

    mutating func member(named name: String, _ value: String) {
        self.name(name)
        self.value(value)
    }

    mutating func member(named name: String, _ value: Double) {
        self.name(name)
        self.value(value)
    }

    mutating func member(named name: String, _ value: Int) {
        self.name(name)
        separate()
        buffer.writeString(String(value))
    }

    /// A string, or `null`.
    mutating func member(_ name: StaticString, _ value: String?) {
        guard let value else { return null(name) }
        member(name, value)
    }

    mutating func null(_ name: StaticString) {
        self.name(name)
        literal("null")
    }

    /// A member whose value is JSON text already.
    mutating func member(_ name: StaticString, json text: ByteBuffer) {
        self.name(name)
        separate()
        buffer.writeImmutableBuffer(text)
    }

    // MARK: Values

    mutating func value(_ value: String) {
        separate()
        writeQuoted(value)
    }

    /// A number; one that JSON cannot say becomes `null`.
    mutating func value(_ value: Double) {
        guard value.isFinite else { return literal("null") }
        separate()
        if let integer = Int(exactly: value), abs(integer) < 1 << 53 {
            buffer.writeString(String(integer))
        } else {
            buffer.writeString(String(describing: value))
        }
    }

    private mutating func literal(_ text: StaticString) {
        separate()
        buffer.writeStaticString(text)
    }

    private mutating func name(_ name: StaticString) {
        separate()
        buffer.writeStaticString("\"")
        buffer.writeStaticString(name)
        buffer.writeStaticString("\":")
        needsComma = false
    }

    private mutating func name(_ name: String) {
        separate()
        writeQuoted(name)
        buffer.writeStaticString(":")
        needsComma = false
    }

    private mutating func open(_ bracket: StaticString) {
        separate()
        buffer.writeStaticString(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: StaticString) {
        buffer.writeStaticString(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { buffer.writeStaticString(",") }
        needsComma = true
    }

    /// Quotes, escapes what RFC 8259 section 7 demands and leaves the rest as UTF-8.
    private mutating func writeQuoted(_ text: String) {
        buffer.writeStaticString("\"")
        let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }
        if isPlain {
            buffer.writeString(text)
        } else {
            for byte in text.utf8 { writeEscaped(byte) }
        }
        buffer.writeStaticString("\"")
    }

    private mutating func writeEscaped(_ byte: UInt8) {
        switch byte {
        case 0x22: buffer.writeStaticString("\\\"")
        case 0x5C: buffer.writeStaticString("\\\\")
        case 0x08: buffer.writeStaticString("\\b")
        case 0x09: buffer.writeStaticString("\\t")
        case 0x0A: buffer.writeStaticString("\\n")
        case 0x0C: buffer.writeStaticString("\\f")
        case 0x0D: buffer.writeStaticString("\\r")
        case 0..<0x20:
            buffer.writeStaticString("\\u00")
            buffer.writeInteger(Self.hexDigit(byte >> 4))
            buffer.writeInteger(Self.hexDigit(byte & 0xF))
        default: buffer.writeInteger(byte)
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
