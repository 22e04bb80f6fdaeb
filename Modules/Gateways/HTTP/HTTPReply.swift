import NIOCore
import NIOHTTP1

/// A whole response, before the parts that belong to the connection are added.
struct HTTPReply: Sendable {
    struct Header: Equatable, Sendable {
        var name: String
        var value: String

        init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    static let json = "application/json"

    var status: HTTPResponseStatus
    var contentType: String
    var headers: [Header] = []
    var body: ByteBuffer
    var closesConnection = false
    /// The code of the error that it carries, for the counters.
    var errorCode: String?

    init(status: HTTPResponseStatus, contentType: String = HTTPReply.json, headers: [Header] = [], body: ByteBuffer) {
        self.status = status
        self.contentType = contentType
        self.headers = headers
        self.body = body
    }

    /// A JSON answer, a line feed at its end for people at a terminal.
    init(status: HTTPResponseStatus = .ok, headers: [Header] = [], _ write: (inout JSONWriter) -> Void) {
        var writer = JSONWriter()
        write(&writer)
        self.init(status: status, headers: headers, body: writer.finish())
    }

    /// - Parameter more: writes further members after the error object.
    init(_ failure: HTTPFailure, _ more: (inout JSONWriter) -> Void = { _ in }) {
        self.init(status: failure.status, headers: failure.headers) { json in
            json.object { json in
                json.object("error") { json in
                    json.member("code", failure.code)
                    json.member("message", failure.message)
                    for detail in failure.details { json.member(detail.name, detail.value) }
                }
                more(&json)
            }
        }
        closesConnection = failure.closesConnection
        errorCode = failure.code
    }
}

/// What the connection adds to a reply.
struct ReplyFrame {
    /// The header lines that all responses of this second share.
    var common: ByteBuffer
    /// A response to HEAD: the head of what GET would have answered.
    var omitsBody: Bool
    var closes: Bool
    /// HTTP/1.0 clients are told that the connection stays.
    var saysKeepAlive: Bool
}

extension HTTPReply {
    /// The head of the response as it goes over the wire, with the body appended where `joinsBody`.
    /// - Parameter hasLength: false where the body ends with the connection.
    func head(
        _ frame: ReplyFrame, joinsBody: Bool, allocator: ByteBufferAllocator, hasLength: Bool = true
    ) -> ByteBuffer {
        var out = allocator.buffer(capacity: 384 + (joinsBody ? body.readableBytes : 0))
        if status == .ok {
            out.writeStaticString("HTTP/1.1 200 OK")
        } else {
            out.writeStaticString("HTTP/1.1 ")
            out.writeString(String(status.code))
            out.writeStaticString(" ")
            out.writeString(status.reasonPhrase)
        }
        out.writeImmutableBuffer(frame.common)
        if status != .notModified {
            out.writeStaticString("\r\nContent-Type: ")
            out.writeHeaderValue(contentType)
            if hasLength {
                out.writeStaticString("\r\nContent-Length: ")
                out.writeString(String(body.readableBytes))
            }
        }
        for header in headers {
            out.writeStaticString("\r\n")
            out.writeString(header.name)
            out.writeStaticString(": ")
            out.writeHeaderValue(header.value)
        }
        if frame.closes {
            out.writeStaticString("\r\nConnection: close")
        } else if frame.saysKeepAlive {
            out.writeStaticString("\r\nConnection: keep-alive")
        }
        out.writeStaticString("\r\n\r\n")
        if joinsBody { out.writeImmutableBuffer(body) }
        return out
    }
}

extension ByteBuffer {
    /// Writes a header's value; what could end the line or is not printable ASCII becomes `?`, since a media type may
    /// have come from another node or interface.
    fileprivate mutating func writeHeaderValue(_ value: String) {
        let isClean =
            value.utf8.withContiguousStorageIfAvailable { bytes in
                var isClean = true
                for byte in bytes { isClean = isClean && byte >= 0x20 && byte < 0x7F }
                return isClean
            } ?? false
        if isClean {
            writeString(value)
        } else {
            writeBytes(value.utf8.map { $0 >= 0x20 && $0 < 0x7F ? $0 : UInt8(ascii: "?") })
        }
    }
}
