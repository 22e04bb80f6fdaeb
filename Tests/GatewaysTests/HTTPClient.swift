import Foundation

/// A blocking client on a raw socket, so that tests decide about every byte.
final class RawClient {
    private let descriptor: Int32
    private var buffer: [UInt8] = []

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let outcome = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard outcome == 0 else { throw ClientFailure("connect: errno \(errno)") }
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    func write(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw ClientFailure("send: errno \(errno)") }
            sent += count
        }
    }

    func write(_ text: String) throws { try write(Array(text.utf8)) }

    func closeOutput() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// - Returns: false at the end of the stream.
    private func fill() throws -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = chunk.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        guard count >= 0 else { throw ClientFailure("recv: errno \(errno)") }
        buffer.append(contentsOf: chunk[..<count])
        return count > 0
    }

    /// Whether the server closes the connection without sending anything more.
    func isClosed() throws -> Bool {
        try buffer.isEmpty && !fill()
    }

    /// The bytes up to and including `end`.
    func readThrough(_ end: [UInt8]) throws -> [UInt8] {
        while true {
            if let range = buffer.firstRange(of: end) {
                defer { buffer.removeFirst(range.upperBound) }
                return Array(buffer[..<range.upperBound])
            }
            guard try fill() else {
                throw ClientFailure("closed after \(buffer.count) bytes: \(String(decoding: buffer, as: UTF8.self))")
            }
        }
    }

    func response(toHead: Bool = false) throws -> Response {
        let head = String(decoding: try readThrough(Array("\r\n\r\n".utf8)), as: UTF8.self)
        var lines = head.components(separatedBy: "\r\n").filter { !$0.isEmpty }
        let status = lines.removeFirst().split(separator: " ")
        var response = Response(status: Int(status[1]) ?? 0)
        for line in lines {
            let colon = line.firstIndex(of: ":") ?? line.endIndex
            response.headers[line[..<colon].lowercased()] = String(line[colon...].dropFirst(2))
        }
        let length = toHead ? 0 : Int(response.headers["content-length"] ?? "0") ?? 0
        while buffer.count < length { guard try fill() else { throw ClientFailure("closed inside a body") } }
        response.body = Array(buffer[..<length])
        buffer.removeFirst(length)
        return response
    }

    func request(
        _ method: String, _ target: String, headers: [(String, String)] = [], body: [UInt8]? = nil
    ) throws -> Response {
        var text = "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        if let body { text += "Content-Length: \(body.count)\r\n" }
        try write(Array((text + "\r\n").utf8) + (body ?? []))
        return try response(toHead: method == "HEAD")
    }

    func putJSON(_ target: String, _ body: String, headers: [(String, String)] = []) throws -> Response {
        try request("PUT", target, headers: [("Content-Type", "application/json")] + headers, body: Array(body.utf8))
    }
}

struct Response {
    var status: Int
    var headers: [String: String] = [:]
    var body: [UInt8] = []

    init(status: Int) { self.status = status }

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The body's members; empty where it is no object.
    var json: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] ?? [:]
    }

    var error: [String: Any] { json["error"] as? [String: Any] ?? [:] }
    var errorCode: String { error["code"] as? String ?? "" }
}

struct ClientFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
