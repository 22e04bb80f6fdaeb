import NIOCore
import NIOHTTP1
import NIOPosix

/// One request to one node.
struct HTTPCall: Sendable {
    var method: HTTPMethod = .GET
    var target: String
    var headers: [(String, String)] = []
    var body: ByteBuffer?
    /// How long the whole exchange may take once the connection is there.
    var timeout: TimeAmount = .seconds(15)
}

struct HTTPAnswer: Sendable {
    var status: Int
    var headers: HTTPHeaders
    var body: ByteBuffer

    func header(_ name: String) -> String? { headers.first(name: name) }
    var text: String { String(buffer: body) }

    /// The body's JSON, `null` where it is none.
    var json: JSONValue { JSONValue(parsing: Array(body.readableBytesView)) ?? .null }
    var isJSON: Bool { header("content-type")?.hasPrefix("application/json") == true }
    var errorCode: String { json["error"]["code"].text ?? "" }
    var errorMessage: String { json["error"]["message"].text ?? "status \(status)" }
}

enum CallFailure: Error {
    /// Nothing was sent: another node may be tried whatever the request was.
    case notConnected(String)
    /// The connection was lost, or no answer came in time, after the request had been sent.
    case noAnswer(String)

    var why: String {
        switch self {
        case .notConnected(let why), .noAnswer(let why): why
        }
    }
}

enum HTTPClient {
    private static let connectTimeout = TimeAmount.seconds(2)
    static let maximumBody = 128 << 20

    /// Carries out one request on a connection of its own.
    static func send(_ call: HTTPCall, to node: NodeURL) async throws(CallFailure) -> HTTPAnswer {
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = eventLoop.makePromise(of: HTTPAnswer.self)
        let channel: any Channel
        do {
            channel = try await ClientBootstrap(group: eventLoop)
                .connectTimeout(connectTimeout)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        try channel.pipeline.syncOperations.addHandler(AnswerCollector(promise))
                    }
                }
                .connect(host: node.host, port: node.port).get()
        } catch {
            promise.fail(error)
            throw .notConnected("\(node) cannot be reached: \(Self.reason(error))")
        }
        let expiry = eventLoop.scheduleTask(in: call.timeout) { promise.fail(NoAnswerInTime()) }
        defer {
            expiry.cancel()
            channel.close(promise: nil)
        }
        do {
            try await write(call, to: node, channel)
            return try await promise.futureResult.get()
        } catch {
            promise.fail(error)
            throw .noAnswer("\(node) did not answer: \(Self.reason(error))")
        }
    }

    private static func write(_ call: HTTPCall, to node: NodeURL, _ channel: any Channel) async throws {
        var head = HTTPRequestHead(version: .http1_1, method: call.method, uri: call.target)
        head.headers.add(name: "Host", value: node.authority)
        head.headers.add(name: "User-Agent", value: "statorctl")
        head.headers.add(name: "Connection", value: "close")
        for (name, value) in call.headers { head.headers.add(name: name, value: value) }
        if let body = call.body {
            head.headers.add(name: "Content-Length", value: String(body.readableBytes))
        } else if call.method == .POST {
            head.headers.add(name: "Content-Length", value: "0")
        }
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        if let body = call.body { channel.write(HTTPClientRequestPart.body(.byteBuffer(body)), promise: nil) }
        // A refusal may come, and the connection close, while a large body is still under way: only the answer counts.
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            if let first = error.connectionErrors.first { return reason(first.error) }
            return error.dnsAError.map { "\($0)" } ?? "no address"
        case let error as IOError: return error.errnoCode == 111 || error.errnoCode == 61 ? "refused" : "\(error)"
        case is NoAnswerInTime: return "no answer in time"
        case is ConnectionLost: return "the connection was lost"
        default: return "\(error)"
        }
    }
}

private struct NoAnswerInTime: Error {}
private struct ConnectionLost: Error {}

/// Puts an answer together and fulfils the promise with it.
private final class AnswerCollector: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let promise: EventLoopPromise<HTTPAnswer>
    private var answer: HTTPAnswer?

    init(_ promise: EventLoopPromise<HTTPAnswer>) {
        self.promise = promise
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            answer = HTTPAnswer(status: Int(head.status.code), headers: head.headers, body: ByteBuffer())
        case .body(let part):
            answer?.body.writeImmutableBuffer(part)
            if let size = answer?.body.readableBytes, size > HTTPClient.maximumBody { context.close(promise: nil) }
        case .end:
            if let answer { promise.succeed(answer) }
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(ConnectionLost())
        context.fireChannelInactive()
    }
}
