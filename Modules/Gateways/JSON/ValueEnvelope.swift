import NIOCore
import NIOHTTP1

/// The body of a JSON `PUT`: `{"value": <any JSON>, "context": "<base64>"}`, the context being optional.
struct ValueEnvelope: Equatable {
    /// The value's text, letter by letter as the client wrote it: a slice of the body.
    var value: ByteBuffer
    var context: String?

    /// - Throws: ``HTTPFailure`` with 400 and, where the text is not JSON, the byte at which it goes wrong.
    init(_ body: ByteBuffer) throws(HTTPFailure) {
        let found: Result<Found, HTTPFailure> = body.withUnsafeReadableBytes { bytes in
            var scanner = JSONScanner(bytes)
            return Result { () throws(EnvelopeError) in try Self.scan(&scanner) }.mapError(Self.failure)
        }
        let parts = try found.get()
        guard let range = parts.value,
            let slice = body.getSlice(at: body.readerIndex + range.lowerBound, length: range.count)
        else {
            throw .badRequest("missing_value", "the body needs a member \"value\"")
        }
        value = slice
        context = parts.context
    }

    private struct Found {
        var value: Range<Int>?
        var context: String?
    }

    private static func scan(_ scanner: inout JSONScanner) throws(EnvelopeError) -> Found {
        var found = Found()
        var refusal: EnvelopeError?
        do throws(JSONError) {
            scanner.skipWhitespace()
            if try scanner.peek() == UInt8(ascii: "{") {
                try scanner.object(depth: 0) { (scanner, name) throws(JSONError) in
                    let range = try scanner.value(depth: 1)
                    guard refusal == nil else { return }
                    refusal = Self.take(scanner, name: name, value: range, into: &found)
                }
                try scanner.end()
            } else {
                // Whether it is no JSON at all comes first.
                _ = try scanner.document()
                refusal = .refused("not_an_object", "the body must be an object: {\"value\": ...}")
            }
        } catch {
            throw .malformed(error)
        }
        if let refusal { throw refusal }
        return found
    }

    /// Takes one member.
    /// - Returns: why it is refused, or `nil`.
    private static func take(
        _ scanner: JSONScanner, name: Range<Int>, value: Range<Int>, into found: inout Found
    ) -> EnvelopeError? {
        let member = scanner.text(name)
        switch member {
        case "value":
            guard found.value == nil else { return .refused("duplicate_member", "\"value\" appears twice") }
            found.value = value
        case "context":
            guard found.context == nil else { return .refused("duplicate_member", "\"context\" appears twice") }
            guard scanner.bytes[value.lowerBound] == UInt8(ascii: "\"") else {
                return .refused("invalid_context", "\"context\" must be a string, as a read gave it")
            }
            found.context = scanner.text((value.lowerBound + 1)..<(value.upperBound - 1))
        default:
            let shown = String(member.prefix(64))
            return .refused("unknown_member", "unknown member \"\(shown)\": known are \"value\" and \"context\"")
        }
        return nil
    }

    private enum EnvelopeError: Error {
        case malformed(JSONError)
        case refused(String, String)
    }

    private static func failure(_ error: EnvelopeError) -> HTTPFailure {
        switch error {
        case .malformed(let error):
            HTTPFailure(
                .badRequest, "malformed_json", "the body is not JSON: \(error.reason) at byte \(error.position)",
                details: [HTTPFailure.Detail(name: "position", value: error.position)])
        case .refused(let code, let message): .badRequest(code, message)
        }
    }
}
