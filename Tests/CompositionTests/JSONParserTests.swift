import Composition
import StatorCore
import Testing

@Suite struct JSONParserTests {
    private func parse(_ text: String) throws(JSONSyntaxError) -> JSONValue {
        try JSONParser.parse(Array(text.utf8))
    }

    private func failure(_ text: String) -> String? {
        failure(Array(text.utf8))
    }

    private func failure(_ bytes: [UInt8]) -> String? {
        do throws(JSONSyntaxError) {
            _ = try JSONParser.parse(bytes)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func valuesOfEveryTypeAreTaken() throws {
        let value = try parse(#" {"a" : [null,true,false, -0, 12, 1.5, 2e3, "x"], "b":{}, "c":[]}"#)
        #expect(
            value
                == .object([
                    JSONMember(
                        "a",
                        .array([
                            .null, .boolean(true), .boolean(false), .integer(0), .integer(12), .number(1.5),
                            .number(2000), .text("x"),
                        ])),
                    JSONMember("b", .object([])), JSONMember("c", .array([])),
                ]))
    }

    @Test func integersAreKeptApartFromOtherNumbers() throws {
        #expect(try parse("3") == .integer(3))
        #expect(try parse("3.0") == .number(3))
        #expect(try parse("9223372036854775807") == .integer(.max))
        #expect(try parse("-9223372036854775808") == .integer(.min))
        #expect(try parse("9223372036854775808") == .number(9_223_372_036_854_775_808))
    }

    @Test func numberTooSmallToTellFromZeroIsZero() throws {
        #expect(try parse("1e-999") == .number(0))
    }

    @Test func escapesAreResolved() throws {
        #expect(try parse(#""\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00""#) == .text("\"\\/\u{8}\u{c}\n\r\té😀"))
    }

    @Test(arguments: [
        (#"{"a":1,"a":2}"#, #"line 1, column 8: the name "a" occurs twice in one object"#),
        (#"{"a":1,"\u0061":2}"#, #"line 1, column 8: the name "a" occurs twice in one object"#),
        ("[1,]", "line 1, column 4: no element follows the ','"),
        ("{\"a\":1,\n}", "line 2, column 1: no member follows the ','"),
        ("{\n  // hello\n}", "line 2, column 3: JSON has no comments"),
        ("[1 /* one */]", "line 1, column 4: JSON has no comments"),
        ("[NaN]", "line 1, column 2: 'NaN' is not a JSON value; text stands in double quotes"),
        ("-Infinity", "line 1, column 2: 'I' where a digit is expected"),
        ("hello", "line 1, column 1: 'hello' is not a JSON value; text stands in double quotes"),
        ("'a'", "line 1, column 1: ''' where a value is expected"),
        ("{a:1}", "line 1, column 2: 'a' where a name in double quotes is expected"),
        ("[1 2]", "line 1, column 4: '2' where ',' or ']' is expected"),
        ("{\"a\" 1}", "line 1, column 6: '1' where ':' is expected"),
        ("01", "line 1, column 2: a number does not start with 0"),
        ("+1", "line 1, column 1: '+' where a value is expected"),
        ("1.", "line 1, column 3: the document ends where a digit is expected"),
        (".5", "line 1, column 1: '.' where a value is expected"),
        ("1e999", "line 1, column 1: the number is too large"),
        ("1 2", "line 1, column 3: '2' after the end of the document"),
        ("", "line 1, column 1: the document ends where a value is expected"),
        ("[", "line 1, column 2: the document ends where a value is expected"),
        ("[1", "line 1, column 3: the document ends where ',' or ']' is expected"),
        ("\"abc", "line 1, column 1: the text has no end"),
        ("[\"é\", \"a\nb\"]", "line 1, column 9: a line break inside a text; write it as an escape such as \\n"),
        (#""\x""#, "line 1, column 2: there is no such escape"),
        (#""\u12g4""#, "line 1, column 6: 'g' where four hexadecimal digits is expected"),
        (#""\uD800""#, "line 1, column 2: half of a surrogate pair"),
        (#""\uD800\u0041""#, "line 1, column 2: half of a surrogate pair"),
        (#""\uDC00""#, "line 1, column 2: half of a surrogate pair"),
    ]) func whatIsNotJSONIsRefusedWithItsPlace(text: String, expected: String) {
        #expect(failure(text) == expected)
    }

    @Test func illFormedTextIsRefused() {
        #expect(failure([0x22, 0xC3, 0x28, 0x22]) == "line 1, column 1: the text is not UTF-8")
        #expect(
            failure([0xEF, 0xBB, 0xBF, 0x31]) == "line 1, column 1: a character outside ASCII where a value is expected"
        )
        #expect(failure([0x22, 0x00, 0x22])?.contains("control character") == true)
    }

    @Test func nestingIsBounded() throws {
        let deepest = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(throws: Never.self) { try parse(deepest) }
        #expect(failure(String(repeating: "[", count: 65))?.contains("more than 64") == true)
        #expect(failure(String(repeating: "{\"a\":", count: 100_000))?.contains("more than 64") == true)
        // Depth counts what is open, not what was.
        #expect(throws: Never.self) { try parse("[" + String(repeating: "[],", count: 100) + "[]]") }
    }

    @Test func sizeIsBounded() {
        let large = [UInt8](repeating: 0x20, count: JSONParser.maximumSize + 1)
        #expect(failure(large)?.contains("larger than") == true)
    }

    @Test func whatIsWrittenReadsBackEqual() throws {
        var random = RandomGenerator(seed: 20_261_122)
        for _ in 0..<500 {
            let value = randomValue(&random, depth: 0)
            #expect(try parse(value.text(pretty: false)) == value, "seed 20261122")
            #expect(try parse(value.text(pretty: true)) == value, "seed 20261122")
        }
    }

    @Test func hostileBytesNeverTrap() throws {
        var random = RandomGenerator(seed: 7)
        let model = Array(#"{"a":[1,-2.5e3,"x\u00e9\n",null,true],"b":{"c":"\uD83D\uDE00"}}"#.utf8)
        for _ in 0..<20_000 {
            var bytes = model
            for _ in 0..<(1 + random.below(4)) {
                bytes[random.below(bytes.count)] = UInt8(random.below(256))
            }
            bytes.removeLast(random.below(bytes.count))
            if let value = try? JSONParser.parse(bytes) {
                #expect(try parse(value.text(pretty: false)) == value, "seed 7")
            }
        }
    }

    private func randomValue(_ random: inout RandomGenerator, depth: Int) -> JSONValue {
        switch random.below(depth < 4 ? 8 : 6) {
        case 0: return .null
        case 1: return .boolean(random.below(2) == 0)
        case 2: return .integer(Int(truncatingIfNeeded: random.next()))
        case 3: return .number(Double(random.below(1 << 53)) / 1024 + 0.0001)
        case 4, 5: return .text(randomText(&random))
        case 6: return .array((0..<random.below(5)).map { _ in randomValue(&random, depth: depth + 1) })
        default:
            return .object(
                (0..<random.below(5)).map {
                    JSONMember("\($0)\(randomText(&random))", randomValue(&random, depth: depth + 1))
                })
        }
    }

    private func randomText(_ random: inout RandomGenerator) -> String {
        var text = ""
        for _ in 0..<random.below(6) {
            if let scalar = Unicode.Scalar(UInt32(random.below(0x3000))) { text.unicodeScalars.append(scalar) }
        }
        return text
    }
}
