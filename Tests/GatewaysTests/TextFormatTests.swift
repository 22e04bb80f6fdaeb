import Foundation
import NIOCore
import StatorCore
import Testing

@testable import Gateways

@Suite struct TextFormatTests {
    @Test func base64AgreesWithFoundation() {
        var random = RandomGenerator(seed: 5)
        for length in 0..<200 {
            let bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            let text = Data(bytes).base64EncodedString()
            #expect(Base64.encode(ByteBuffer(bytes: bytes)) == text)
            #expect(Base64.decode(text) == ByteBuffer(bytes: bytes))
        }
    }

    @Test(arguments: ["A", "AA", "AAA", "A===", "AA=A", "====", "AB==", "AAB=", "AA==AA==", "A A=", "AA-_", "é==="])
    func base64ThatIsNotCanonicalIsRefused(_ text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test func everyStringSurvivesTheJSONWriter() throws {
        var text = ""
        for scalar in 0..<0x250 { text.unicodeScalars.append(Unicode.Scalar(scalar) ?? "?") }
        text += "\u{2028}\u{FFFD}𝄞"
        var writer = JSONWriter()
        writer.object { json in
            json.member("a", text)
            json.member(named: text, 1.5)
            json.member("nan", Double.nan)
            json.array("list", ["x", "y\"z"])
        }
        let bytes = writer.finish()
        let parsed = try JSONSerialization.jsonObject(with: Data(bytes.readableBytesView)) as? [String: Any]
        #expect(parsed?["a"] as? String == text)
        #expect(parsed?[text] as? Double == 1.5)
        #expect(parsed?["nan"] is NSNull)
        #expect(parsed?["list"] as? [String] == ["x", "y\"z"])
    }

    @Test func datesAgreeWithFoundation() {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "UTC")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        for seconds: Int64 in [
            0, -1, 784_111_777, 951_782_400, 951_868_800, 4_102_444_799, 1_709_164_800, -86_400 * 365,
        ] {
            let date = Date(timeIntervalSince1970: Double(seconds))
            #expect(CalendarTime(secondsSinceEpoch: seconds).httpDate == formatter.string(from: date))
        }
        #expect(WallTime(microseconds: -1).isoText == "1969-12-31T23:59:59.999999Z")
        #expect(WallTime(microseconds: 784_111_777_000_001).isoText == "1994-11-06T08:49:37.000001Z")
    }

    @Test(arguments: [("a%2Fb", "a/b"), ("a+b", "a+b"), ("%41%c3%A9", "Aé"), ("", ""), ("a/b", "a/b")])
    func percentEncodingIsUndone(_ text: String, _ expected: String) throws {
        #expect(String(buffer: try PercentCoding.decode(text[...].utf8, what: "key")) == expected)
    }

    @Test(arguments: ["%", "%4", "%zz", "a%2", "%%41", "%+1"])
    func malformedPercentEncodingIsRefused(_ text: String) {
        #expect(throws: HTTPFailure.self) { try PercentCoding.decode(text[...].utf8, what: "key") }
    }
}
