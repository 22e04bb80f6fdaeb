internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// A request that has arrived whole.
struct ServerRequest: Sendable {
    let method: HTTPMethod
    /// Without the query, still percent-encoded.
    let path: Substring
    let query: Substring?
    let headers: HTTPHeaders
    let body: ByteBuffer

    init(_ full: NIOHTTPServerRequestFull) {
        method = full.head.method
        headers = full.head.headers
        body = full.body ?? ByteBuffer()
        let target = full.head.uri[...]
        let question = target.firstIndex(of: "?")
        path = target[..<(question ?? target.endIndex)]
        query = question.map { target[target.index(after: $0)...] }
    }
}

struct ServerReply: Sendable {
    enum Body: Sendable {
        case bytes(ByteBuffer)
        /// Server-sent events until the client goes or the stream ends.
        case events(AsyncStream<ByteBuffer>)
    }

    var status: HTTPResponseStatus
    var headers: HTTPHeaders
    var body: Body
}

/// An HTTP server for programs and browsers of this machine: it listens on 127.0.0.1 only, answers one request after
/// the other on a connection, and refuses requests that a page of another site could have made.
struct LoopbackServer: Sendable {
    private static let maximumBody = 8 << 20
    private static let maximumConnections = 256

    private typealias Channel = NIOAsyncChannel<NIOHTTPServerRequestFull, HTTPServerResponsePart>
    private let server: NIOAsyncChannel<Channel, Never>
    let port: Int

    /// - Parameter port: 0 for any that is free.
    /// - Throws: where it cannot listen there.
    static func listen(on port: Int) async throws(ClusterError) -> LoopbackServer {
        do {
            let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .bind(host: "127.0.0.1", port: port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                        try channel.pipeline.syncOperations.addHandler(
                            NIOHTTPServerRequestAggregator(maxContentLength: maximumBody))
                        return try Channel(wrappingChannelSynchronously: channel)
                    }
                }
            return LoopbackServer(server: server, port: server.channel.localAddress?.port ?? port)
        } catch {
            throw .failure("cannot listen on 127.0.0.1:\(port): \(Self.reason(error))")
        }
    }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? IOError, error.errnoCode == 98 else { return "\(error)" }
        return "another process does; --dashboard 0 takes any free port"
    }

    /// Answers requests until the task is cancelled.
    func run(_ answer: @escaping @Sendable (ServerRequest) async -> ServerReply) async {
        try? await server.executeThenClose { connections in
            await withDiscardingTaskGroup { group in
                let open = Counter()
                do {
                    for try await connection in connections {
                        guard open.value < Self.maximumConnections else {
                            try? await connection.executeThenClose { _, _ in }
                            continue
                        }
                        open.add(1)
                        group.addTask {
                            await serve(connection, answer)
                            open.add(-1)
                        }
                    }
                } catch {}
            }
        }
    }

    private func serve(
        _ connection: Channel, _ answer: @escaping @Sendable (ServerRequest) async -> ServerReply
    ) async {
        try? await connection.executeThenClose { inbound, outbound in
            for try await full in inbound {
                var reply = refusal(full.head)
                if reply == nil { reply = await answer(ServerRequest(full)) }
                guard let reply else { return }
                let goesOn = try await write(reply, to: full.head, outbound)
                guard goesOn else { return }
            }
        }
    }

    private func write(
        _ reply: ServerReply, to request: HTTPRequestHead,
        _ outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
    ) async throws -> Bool {
        var head = HTTPResponseHead(version: .http1_1, status: reply.status, headers: reply.headers)
        switch reply.body {
        case .bytes(let bytes):
            head.headers.replaceOrAdd(name: "Content-Length", value: String(bytes.readableBytes))
            try await outbound.write(.head(head))
            if request.method != .HEAD { try await outbound.write(.body(.byteBuffer(bytes))) }
            try await outbound.write(.end(nil))
            return request.isKeepAlive
        case .events(let events):
            head.headers.replaceOrAdd(name: "Content-Type", value: "text/event-stream")
            head.headers.replaceOrAdd(name: "Cache-Control", value: "no-store")
            head.headers.replaceOrAdd(name: "Connection", value: "close")
            try await outbound.write(.head(head))
            for await event in events { try await outbound.write(.body(.byteBuffer(event))) }
            try await outbound.write(.end(nil))
            return false
        }
    }

    /// A name that another site had point here, and a form of another site, both come from a browser of this machine.
    private func refusal(_ head: HTTPRequestHead) -> ServerReply? {
        var hosts = ["127.0.0.1:\(port)", "localhost:\(port)"]
        if port == 80 { hosts += ["127.0.0.1", "localhost"] }
        guard let host = head.headers.first(name: "host"), hosts.contains(host) else {
            return .failure(.misdirectedRequest, "wrong_host", "this is \(hosts[0])")
        }
        guard let origin = head.headers.first(name: "origin"), origin != "http://\(host)" else { return nil }
        return .failure(.forbidden, "foreign_origin", "pages of another site may not ask for anything here")
    }
}
