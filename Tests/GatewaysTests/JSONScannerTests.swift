import NIOCore
import Testing

@testable import Gateways

/// Cases in the manner of JSONTestSuite (Seriot, "Parsing JSON is a minefield").
@Suite struct JSONScannerTests {
    static func isAccepted(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var scanner = JSONScanner(bytes)
            return (try? scanner.document()) != nil
        }
    }

    static let accepted = [
        "0", "-0", "1.0", "1e5", "1E+5", "1e-5", "-1.5e300", "12345678901234567890", "0.1", "1e999999", "true", "false",
        "null", "\"\"", "\"a\"", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\u00e9\"", "\"\\uD834\\uDD1E\"", "\"\\uD800\"",
        "\"\u{7F}\"", "\"é€𝄞\"", "[]", "[ ]", "[1]", "[1,2]", " [1 , 2 ] ", "[[],[[]]]", "{}", "{ }", "{\"a\":1}",
        "{\"a\":1,\"a\":2}", "{ \"a\" : [ { } ] , \"b\" : null }", "\t\r\n 1 \n", "{\"\":0}", "[\"a\",1,null,{}]",
        "\"\u{2028}\"",
    ]

    static let refused = [
        "", " ", "01", "-", "-a", "+1", ".5", "1.", "1.e1", "1e", "1e+", "0x1", "1_000", "NaN", "Infinity", "-Infinity",
        "tru", "truee", "True", "nul", "'a'", "\"", "\"a", "\"\\", "\"\\x41\"", "\"\\u12\"", "\"\\u12G4\"", "\"\\u\"",
        "\"a\nb\"", "\"\t\"", "\"\0\"", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1,,2]", "[1}", "{", "}",
        "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}", "{a:1}", "{1:1}", "{\"a\" 1}", "{\"a\"::1}",
        "{\"a\":1 \"b\":2}", "{'a':1}", "1 2", "[] []", "{}}", "//", "/**/1", "\u{FEFF}1", "\u{A0}1", "[1]x", "nulL",
        "\u{0C}1", "--1", "1-", "1e5.5",
    ]

    @Test(arguments: accepted) func acceptsWhatRFC8259Allows(_ text: String) {
        #expect(Self.isAccepted(Array(text.utf8)))
    }

    @Test(arguments: refused) func refusesWhatRFC8259DoesNotAllow(_ text: String) {
        #expect(!Self.isAccepted(Array(text.utf8)))
    }

    static let notUTF8: [[UInt8]] = [
        [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF],
        [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xE2, 0x82], [0xE2, 0x28, 0xA1], [0xF0, 0x80, 0x80, 0x80],
        [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xF0, 0x9F, 0x92], [0xFE],
        [0xFF],
        [0xF0, 0x9F, 0x28, 0x80],
    ]

    @Test(arguments: notUTF8) func refusesStringsThatAreNotUTF8(_ content: [UInt8]) {
        #expect(!Self.isAccepted([0x22] + content + [0x22]))
    }

    @Test func nestingIsBounded() {
        let deepest = String(repeating: "[", count: 128) + String(repeating: "]", count: 128)
        #expect(Self.isAccepted(Array(deepest.utf8)))
        #expect(!Self.isAccepted(Array("[\(deepest)]".utf8)))
        #expect(!Self.isAccepted(Array(String(repeating: "[", count: 1_000_000).utf8)))
        #expect(!Self.isAccepted(Array(String(repeating: "{\"a\":", count: 1_000_000).utf8)))
    }

    /// No prefix and no single changed byte of a text may make the scanner read out of bounds.
    @Test func damagedTextNeverTraps() {
        let text = Array("{\"value\":[1.5e-3,\"\\u00e9é\\n\",{\"x\":null}],\"context\":\"AAAA\"}".utf8)
        for length in 0..<text.count { #expect(!Self.isAccepted(Array(text[..<length]))) }
        for index in text.indices {
            for byte: UInt8 in [
                0, 0x0A, 0x20, 0x22, 0x2C, 0x2D, 0x2E, 0x30, 0x3A, 0x5B, 0x5C, 0x5D, 0x65, 0x75, 0x7B, 0x7D, 0x80, 0xC3,
                0xE2, 0xF0, 0xFF,
            ] {
                var damaged = text
                damaged[index] = byte
                _ = Self.isAccepted(damaged)
                _ = try? ValueEnvelope(ByteBuffer(bytes: damaged))
            }
        }
    }
}

@Suite struct ValueEnvelopeTests {
    private func value(_ body: String) throws -> String {
        String(buffer: try ValueEnvelope(ByteBuffer(string: body)).value)
    }

    @Test(arguments: ["1.0", "12345678901234567890", "\"\\u0041\"", "{ \"b\":1,  \"a\": 1e2 }", "[1 ,2]", "null", "-0"])
    func valueIsKeptLetterByLetter(_ text: String) throws {
        #expect(try value("{\"value\":\(text)}") == text)
        #expect(try value(" { \"value\" :\n\(text)\t, \"context\":\"AAAA\" } ") == text)
    }

    @Test func memberNamesMayBeEscaped() throws {
        #expect(try value("{\"\\u0076alue\":1}") == "1")
    }

    @Test func contextIsUnescaped() throws {
        let envelope = try ValueEnvelope(ByteBuffer(string: "{\"context\":\"AA\\/=\",\"value\":1}"))
        #expect(envelope.context == "AA/=")
    }

    @Test(arguments: [
        ("{}", "missing_value"), ("{\"context\":\"AA==\"}", "missing_value"), ("[1]", "not_an_object"),
        ("\"x\"", "not_an_object"), ("{\"value\":1,\"value\":2}", "duplicate_member"),
        ("{\"value\":1,\"context\":\"a\",\"context\":\"a\"}", "duplicate_member"),
        ("{\"value\":1,\"ttl\":2}", "unknown_member"), ("{\"value\":1,\"context\":2}", "invalid_context"),
        ("", "malformed_json"), ("{\"value\":01}", "malformed_json"), ("{\"value\":1}x", "malformed_json"),
        ("{\"other\":1,", "malformed_json"),
    ])
    func refusalsHaveTheirCode(_ body: String, _ code: String) {
        #expect { try ValueEnvelope(ByteBuffer(string: body)) } throws: { error in
            (error as? HTTPFailure)?.code == code
        }
    }

    @Test func malformedJSONSaysWhere() {
        #expect { try ValueEnvelope(ByteBuffer(string: "{\"value\": tru}")) } throws: { error in
            (error as? HTTPFailure)?.details.first?.value == 10
        }
    }
}
