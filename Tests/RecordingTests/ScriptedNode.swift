import NIOCore
import NIOHTTP1
import NIOPosix
import NodeClient
import Recording

struct ScriptedRequest: Sendable {
    var method: HTTPMethod
    var target: String
    var headers: HTTPHeaders
    var body: String

    var context: String? { headers.first(name: "x-stator-context") }
    /// Without the query.
    var path: String { String(target.prefix { $0 != "?" }) }
    var asksAll: Bool { target.hasSuffix("?r=all&sloppy=false") }
}

enum ScriptedReply: Sendable {
    case answer(Int, String, context: String? = nil)
    /// Closes the connection instead.
    case close
    /// Says nothing, ever.
    case silence

    static let neverWritten = ScriptedReply.answer(404, #"{"error":{"code":"not_found","message":"never"}}"#)

    static func refusal(_ status: Int, _ code: String) -> ScriptedReply {
        .answer(status, #"{"error":{"code":"\#(code)","message":"no"}}"#)
    }
}

/// An HTTP server on 127.0.0.1 that answers as a test says.
struct ScriptedNode {
    let url: NodeURL
    private let channel: any Channel

    static func start(
        name: String = "A", _ script: @escaping @Sendable (ScriptedRequest) -> ScriptedReply
    ) async throws -> ScriptedNode {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(ScriptHandler(name: name, script: script))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return ScriptedNode(
            url: NodeURL(host: "127.0.0.1", port: channel.localAddress?.port ?? 0), channel: channel)
    }

    func stop() async throws {
        try await channel.close()
    }
}

private final class ScriptHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let name: String
    private let script: @Sendable (ScriptedRequest) -> ScriptedReply
    private var request: ScriptedRequest?

    init(name: String, script: @escaping @Sendable (ScriptedRequest) -> ScriptedReply) {
        self.name = name
        self.script = script
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            request = ScriptedRequest(method: head.method, target: head.uri, headers: head.headers, body: "")
        case .body(let part): request?.body += String(buffer: part)
        case .end:
            guard let request else { return }
            reply(script(request), isKeptAlive: request.headers.first(name: "connection") != "close", context)
        }
    }

    private func reply(_ reply: ScriptedReply, isKeptAlive: Bool, _ context: ChannelHandlerContext) {
        switch reply {
        case .silence: break
        case .close: context.close(promise: nil)
        case .answer(let status, let body, let causality):
            var head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: status))
            head.headers.add(name: "Content-Type", value: "application/json")
            head.headers.add(name: "Content-Length", value: "\(body.utf8.count)")
            head.headers.add(name: "X-Stator-Node", value: name)
            if let causality { head.headers.add(name: "X-Stator-Context", value: causality) }
            if !isKeptAlive { head.headers.add(name: "Connection", value: "close") }
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            if !isKeptAlive { context.close(promise: nil) }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

/// Runs a test against nodes that answer as it says.
func withNodes(
    _ scripts: [@Sendable (ScriptedRequest) -> ScriptedReply],
    adjust: (inout RecordingSettings) -> Void = { _ in }, _ body: (RecordingSettings) async throws -> Void
) async throws {
    var nodes: [ScriptedNode] = []
    for (index, script) in scripts.enumerated() {
        nodes.append(try await ScriptedNode.start(name: ["A", "B", "C"][index], script))
    }
    var settings = RecordingSettings(nodes: nodes.map(\.url), keyPrefix: "k")
    settings.clients = 1
    settings.keys = 3
    settings.operations = 20
    settings.finalDuration = .seconds(10)
    adjust(&settings)
    do {
        try await body(settings)
    } catch {
        for node in nodes { try? await node.stop() }
        throw error
    }
    for node in nodes { try await node.stop() }
}

extension RecordingSettings {
    /// Leaves only one kind of steps.
    mutating func only(_ weight: WritableKeyPath<OperationMix, Double>) {
        for other: WritableKeyPath<OperationMix, Double> in [
            \.reads, \.updates, \.heldWrites, \.siblingWrites, \.deletes,
        ] { mix[keyPath: other] = 0 }
        mix[keyPath: weight] = 1
    }
}
