import NIOCore
import NIOHTTP1
import NIOPosix
import NodeClient
import StatorCore
import Workload

@testable import BenchKit

/// A store of one copy behind the interface of docs/http.md, as far as a load needs it, on one thread. It may pause: for a
/// while after every so many requests it answers nobody.
final class LoadServer: @unchecked Sendable {
    struct Behaviour: Sendable {
        var requestsBetweenPauses = Int.max
        var pause = TimeAmount.zero
        /// How long each answer takes.
        var delay = TimeAmount.zero
        /// Answers nothing, ever.
        var isSilent = false
    }

    private struct Version {
        let number: Int
        let value: String?
    }

    let url: NodeURL
    private let group: MultiThreadedEventLoopGroup
    private let behaviour: Behaviour
    private var channel: (any Channel)?
    private var requests = 0
    private var resumes = NIODeadline.uptimeNanoseconds(0)
    private var latest = 0
    private var versions: [String: [Version]] = [:]
    private var connections: [any Channel] = []

    private init(port: Int, _ behaviour: Behaviour) {
        url = NodeURL(host: "127.0.0.1", port: port)
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        self.behaviour = behaviour
    }

    /// On a port below those that the system gives to outgoing connections.
    static func start(_ behaviour: Behaviour = Behaviour()) async throws -> LoadServer {
        while true {
            let server = LoadServer(port: Int.random(in: 20_000..<32_000), behaviour)
            do {
                server.channel = try await ServerBootstrap(group: server.group)
                    .serverChannelOption(.backlog, value: 1024)
                    .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                    .childChannelInitializer { channel in
                        channel.eventLoop.makeCompletedFuture {
                            server.connections.append(channel)
                            try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                            try channel.pipeline.syncOperations.addHandler(LoadServerHandler(server))
                        }
                    }
                    .bind(host: server.url.host, port: server.url.port).get()
                return server
            } catch let error as IOError where error.errnoCode == 98 || error.errnoCode == 48 {
                try await server.group.shutdownGracefully()
            }
        }
    }

    func stop() async {
        try? await group.shutdownGracefully()
    }

    /// Takes no connections any more and ends those that there are, as a node that dies.
    func die() async throws {
        try await channel?.close()
        try await group.next().submit { self.connections.forEach { $0.close(promise: nil) } }.get()
    }

    // MARK: On the loop

    /// - Returns: when to answer; `nil` for never.
    fileprivate func took() -> NIODeadline? {
        if behaviour.isSilent { return nil }
        requests += 1
        let now = NIODeadline.now()
        let time = max(now + behaviour.delay, resumes)
        if requests.isMultiple(of: behaviour.requestsBetweenPauses) { resumes = now + behaviour.pause }
        return time
    }

    fileprivate func answer(_ request: HTTPRequestHead, _ body: String) -> (Int, type: String, String, context: String?)
    {
        let json = "application/json"
        let held = versions[request.uri] ?? []
        if request.method == .GET {
            let live = held.compactMap(\.value)
            let context = held.map { String($0.number) }.last
            switch live.count {
            case 0: return (404, json, #"{"error":{"code":"not_found"}}"#, context)
            case 1: return (200, "application/octet-stream", live[0], context)
            default:
                let siblings = live.map { #"{"value_base64":"\#(Base64.encode(ByteBuffer(string: $0)))"}"# }
                return (300, json, #"{"siblings":[\#(siblings.joined(separator: ","))]}"#, context)
            }
        }
        latest += 1
        let value = request.method == .PUT ? body : nil
        let kept: [Version] =
            switch request.headers.first(name: "x-stator-context") {
            case nil: []
            case "none": held
            case .some(let seen): held.filter { $0.number > Int(seen) ?? 0 }
            }
        versions[request.uri] = kept + [Version(number: latest, value: value)]
        return (200, json, #"{"status":"stored"}"#, String(latest))
    }
}

private final class LoadServerHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let server: LoadServer
    private var head: HTTPRequestHead?
    private var body = ""

    init(_ server: LoadServer) {
        self.server = server
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): (self.head, body) = (head, "")
        case .body(let part): body += String(buffer: part)
        case .end:
            guard let head, let time = server.took() else { return }
            let answer = server.answer(head, body)
            if time <= .now() { return write(answer, context) }
            context.eventLoop.assumeIsolated().scheduleTask(deadline: time) { self.write(answer, context) }
        }
    }

    private func write(_ answer: (Int, type: String, String, context: String?), _ context: ChannelHandlerContext) {
        var head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: answer.0))
        head.headers.add(name: "Content-Type", value: answer.type)
        head.headers.add(name: "Content-Length", value: "\(answer.2.utf8.count)")
        head.headers.add(name: "X-Stator-Node", value: "A")
        if let causality = answer.context { head.headers.add(name: "X-Stator-Context", value: causality) }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: answer.2)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

extension WorkloadSettings {
    /// Only reads, in the given loop.
    static func reads(_ loop: Loop, clients: Int, rate: Double) -> WorkloadSettings {
        var workload = WorkloadSettings()
        workload.loop = loop
        workload.clients = clients
        workload.operationsPerSecond = rate
        (workload.updates, workload.heldWrites, workload.siblingWrites, workload.deletes) = (0, 0, 0, 0)
        return workload
    }
}

extension LoadTally {
    var addsUp: Bool { offered == succeeded + failed + unknown + neverSent }

    func percentile(_ percent: Double, of kind: String = "read") -> Double? {
        namedHistograms.first { $0.kind == kind }?.histogram.percentile(percent)
    }
}
