/// Writes compact JSON with members in the order of the calls.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    var text: String { String(decoding: bytes, as: UTF8.self) }

    mutating func object(_ members: (inout JSONWriter) -> Void) {
        nested(UInt8(ascii: "{"), UInt8(ascii: "}"), members)
    }

    mutating func array(_ name: String, _ elements: (inout JSONWriter) -> Void) {
        start(name)
        nested(UInt8(ascii: "["), UInt8(ascii: "]"), elements)
    }

    mutating func element(_ content: (inout JSONWriter) -> Void) {
        separate()
        content(&self)
        needsComma = true
    }

    mutating func member(_ name: String, _ value: String) {
        start(name)
        string(value)
        needsComma = true
    }

    mutating func member(_ name: String, _ value: Bool) {
        start(name)
        bytes += (value ? "true" : "false").utf8
        needsComma = true
    }

    mutating func member(_ name: String, _ value: some FixedWidthInteger) {
        start(name)
        bytes += String(value).utf8
        needsComma = true
    }

    /// A number that is not finite becomes `null`.
    mutating func member(_ name: String, _ value: Double) {
        start(name)
        bytes += (value.isFinite ? Text.decimal(value) : "null").utf8
        needsComma = true
    }

    mutating func member(_ name: String, _ values: [Int]) {
        array(name) { list in
            for value in values {
                list.separate()
                list.bytes += String(value).utf8
                list.needsComma = true
            }
        }
    }

    mutating func member(_ name: String, _ values: [String]) {
        array(name) { list in
            for value in values {
                list.separate()
                list.string(value)
                list.needsComma = true
            }
        }
    }

    private mutating func nested(_ opening: UInt8, _ closing: UInt8, _ content: (inout JSONWriter) -> Void) {
        bytes.append(opening)
        needsComma = false
        content(&self)
        bytes.append(closing)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = false
    }

    private mutating func start(_ name: String) {
        separate()
        string(name)
        bytes.append(UInt8(ascii: ":"))
    }

    private mutating func string(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0x0A: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            case 0x0D: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
            case 0x09: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
            case 0..<0x20, 0x7F:
                bytes += (byte < 0x10 ? "\\u000" : "\\u00").utf8
                bytes += String(byte, radix: 16).utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
