package import NIOCore
package import NIOHTTP1

/// One request to one node.
package struct HTTPCall: Sendable {
    package var method: HTTPMethod
    package var target: String
    package var headers: [(String, String)]
    package var body: ByteBuffer?
    /// How long the whole exchange may take once the connection is there.
    package var timeout: TimeAmount

    package init(
        method: HTTPMethod = .GET, target: String, headers: [(String, String)] = [], body: ByteBuffer? = nil,
        timeout: TimeAmount = .seconds(15)
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.timeout = timeout
    }
}

package struct HTTPAnswer: Sendable {
    package var status: Int
    package var headers: HTTPHeaders
    package var body: ByteBuffer

    package init(status: Int, headers: HTTPHeaders, body: ByteBuffer = ByteBuffer()) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package func header(_ name: String) -> String? { headers.first(name: name) }
    package var text: String { String(buffer: body) }

    /// The body's JSON, `null` where it is none.
    package var json: JSONValue { JSONValue(parsing: Array(body.readableBytesView)) ?? .null }
    package var isJSON: Bool { header("content-type")?.hasPrefix("application/json") == true }
    package var errorCode: String { json["error"]["code"].text ?? "" }
    package var errorMessage: String { json["error"]["message"].text ?? "status \(status)" }
}

package enum CallFailure: Error {
    /// Nothing was sent: another node may be tried whatever the request was.
    case notConnected(String)
    /// The connection was lost, or no answer came in time, after the request had been sent.
    case noAnswer(String)

    package var why: String {
        switch self {
        case .notConnected(let why), .noAnswer(let why): why
        }
    }
}
