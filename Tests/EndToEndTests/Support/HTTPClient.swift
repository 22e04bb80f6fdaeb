import Foundation

/// A blocking HTTP/1.1 client of one node, on one connection that it keeps. Not for use from several threads.
final class HTTPClient {
    /// The largest answer read.
    private static let maximumAnswer = 64 << 20
    /// Seconds for which an idle connection is kept: less than the nodes do.
    private static let longestIdle = 30.0

    let port: Int
    var limit: Double
    private var socket: TCPSocket?
    private var unread: [UInt8] = []
    private var lastUse = 0.0

    /// - Parameter limit: seconds that a request may take.
    init(port: Int, limit: Double = 30) {
        self.port = port
        self.limit = limit
    }

    /// - Throws: ``HarnessError`` where no whole answer comes in time; a kept connection that the node has closed
    ///   meanwhile is replaced once where the request is a GET.
    func send(
        _ method: String, _ target: String, headers: [String: String] = [:], body: [UInt8]? = nil
    ) throws -> HTTPAnswer {
        if secondsNow() - lastUse > HTTPClient.longestIdle { socket = nil }
        let isKept = socket != nil
        do {
            return try attempt(method, target, headers, body)
        } catch {
            socket = nil
            guard isKept, method == "GET" else { throw HarnessError("\(method) \(target) at port \(port): \(error)") }
        }
        do {
            return try attempt(method, target, headers, body)
        } catch {
            socket = nil
            throw HarnessError("\(method) \(target) at port \(port): \(error)")
        }
    }

    private func attempt(
        _ method: String, _ target: String, _ headers: [String: String], _ body: [UInt8]?
    ) throws -> HTTPAnswer {
        let deadline = secondsNow() + limit
        if socket == nil {
            unread = []
            socket = try TCPSocket(to: port, within: limit)
        }
        guard let socket else { throw HarnessError("not connected") }
        var head = "\(method) \(target) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n"
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) { head += "\(name): \(value)\r\n" }
        if let body { head += "Content-Length: \(body.count)\r\n" }
        try socket.send(Array((head + "\r\n").utf8) + (body ?? []))
        let answer = try read(socket, hasBody: method != "HEAD", deadline)
        lastUse = secondsNow()
        if answer.header("connection")?.lowercased() == "close" { self.socket = nil }
        return answer
    }

    private func read(_ socket: TCPSocket, hasBody: Bool, _ deadline: Double) throws -> HTTPAnswer {
        var answer = try HTTPClient.head(try take(socket, deadline) { HTTPClient.endOfHead(in: $0) })
        guard hasBody, answer.status != 204, answer.status != 304 else { return answer }
        guard let length = answer.header("content-length").flatMap({ Int($0) }), length <= HTTPClient.maximumAnswer
        else { throw HarnessError("an answer without a usable length: \(answer)") }
        answer.body = try take(socket, deadline) { $0.count >= length ? length : nil }
        return answer
    }

    /// Receives until `length` says how much belongs together, and takes that much.
    private func take(_ socket: TCPSocket, _ deadline: Double, _ length: ([UInt8]) -> Int?) throws -> [UInt8] {
        while true {
            if let count = length(unread) {
                defer { unread.removeFirst(count) }
                return Array(unread.prefix(count))
            }
            let remaining = deadline - secondsNow()
            guard remaining > 0 else { throw HarnessError("no answer within \(limit) s") }
            let bytes = try socket.receive(within: remaining)
            guard !bytes.isEmpty else { throw HarnessError("the node closed the connection without an answer") }
            unread += bytes
            guard unread.count <= HTTPClient.maximumAnswer else { throw HarnessError("the answer is too large") }
        }
    }

    private static func endOfHead(in bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        return (4...bytes.count).first {
            bytes[$0 - 4] == 13 && bytes[$0 - 3] == 10 && bytes[$0 - 2] == 13 && bytes[$0 - 1] == 10
        }
    }

    private static func head(_ bytes: [UInt8]) throws -> HTTPAnswer {
        let lines = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n").filter { !$0.isEmpty }
        let parts = lines.first?.split(separator: " ") ?? []
        guard parts.count >= 2, parts[0] == "HTTP/1.1", let status = Int(parts[1]) else {
            throw HarnessError("not HTTP: \(lines.first ?? "")")
        }
        let headers = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            return (line[..<colon].lowercased(), value)
        }
        return HTTPAnswer(status: status, headers: headers, body: [])
    }
}
