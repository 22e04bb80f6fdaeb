import Composition
import ConflictResolution
import Gateways
import Logging
import NIOCore
import NIOEmbedded
import Replication
import Simulation
import StatorCore

/// Steps that need more around them: a channel without a socket, a simulated cluster.
extension Steps {
    // MARK: HTTP

    /// From the bytes of a request to the bytes of its response, with a node that answers at once.
    static func http(_ count: Int, writes: Bool) {
        let request =
            writes
            ? "PUT /kv/key:100000 HTTP/1.1\r\nHost: localhost:5000\r\nContent-Length: 100\r\n\r\n"
                + String(buffer: value)
            : "GET /kv/key:100000 HTTP/1.1\r\nHost: localhost:5000\r\n\r\n"
        let bytes = ByteBuffer(string: request)
        let settings = HTTPSettings(
            host: "127.0.0.1", port: 0, maximumValue: .mebibytes(1), effectiveConfiguration: "", version: "")
        let channel = EmbeddedChannel()
        do {
            let gateway = HTTPGateway(
                port: AnsweringNode(), settings: settings, group: channel.embeddedEventLoop,
                logger: Logger(label: "steps"))
            try gateway.serve(channel)
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
            for _ in 0..<count {
                try channel.writeInbound(bytes)
                channel.embeddedEventLoop.run()
                guard let response = try channel.readOutbound(as: ByteBuffer.self), response.readableBytes > 12,
                    response.getString(at: response.readerIndex, length: 10) == "HTTP/1.1 2"
                else { preconditionFailure("no response") }
            }
        } catch {
            preconditionFailure("\(error)")
        }
    }

    // MARK: Simulator

    /// An event of three simulated nodes that store values.
    static func simulatorStep(_ count: Int) {
        let members = ["A", "B", "C"].enumerated().map { index, name in
            #"{"name": "\#(name)", "peer": "127.0.0.1:\#(7000 + index)", "http": "127.0.0.1:\#(5000 + index)"}"#
        }.joined(separator: ", ")
        do {
            let blueprints = try ["A", "B", "C"].enumerated().map { index, name in
                try NodeConfiguration.load(
                    json: """
                        {"node": {"name": "\(name)", "peer": "127.0.0.1:\(7000 + index)", "http": "127.0.0.1:\(5000 + index)"},
                        "cluster": {"name": "steps", "members": [\(members)]},
                        "strategies": {"storage": {"kind": "log"}}}
                        """, registry: .standard
                ).blueprint()
            }
            let cluster = SimulatedCluster(blueprints, seed: 1)
            cluster.startAll()
            guard cluster.run(atMost: .seconds(30), until: { cluster.areAllReady }) else {
                preconditionFailure("the simulated nodes are not ready")
            }
            let last = cluster.eventsHandled + count
            var index = 0
            while cluster.eventsHandled < last {
                let place = index & (keyCount - 1)
                let write = VersionWrite(content: Content(form: .raw, bytes: value), basis: .held)
                let request = ClientRequest(key: keys[place], token: tokens[place], operation: .write(write))
                _ = cluster.submit(request, toNode: index % 3)
                cluster.run(for: .milliseconds(5))
                index += 1
            }
        } catch {
            preconditionFailure("\(error)")
        }
    }
}

/// Stores nothing and finds the same value everywhere.
private struct AnsweringNode: NodePort {
    let node = NodeID("A")
    let hashName = "xxh3"

    func token(of key: Key) -> Token { Token(1) }

    private func answer(_ request: ClientRequest) -> ClientResponse {
        switch request.operation {
        case .get:
            let content = Content(form: .raw, bytes: Steps.value)
            let dot = Dot(actor: Steps.actor("A"), counter: 1)
            let version = Version(content: content, dot: dot, wall: WallTime(microseconds: 1))
            return .found(
                ReadResult(versions: [version], context: ByteBuffer(string: "context"), causality: "A: 1"))
        case .write, .update, .explain:
            return .stored(StoredOutcome(node: node, isFirst: false, context: ByteBuffer(string: "context")))
        }
    }

    func submit(_ request: ClientRequest, reply: @escaping @Sendable (ClientResponse) -> Void) {
        reply(answer(request))
    }

    func submit(_ request: ClientRequest, to sink: any ReplySink, tag: UInt64) { sink.answer(tag, answer(request)) }

    func inspect(reply: @escaping @Sendable (NodeInspection) -> Void) {}

    func administer(_ action: AdminAction, reply: @escaping @Sendable (AdminResponse) -> Void) {}

    func inject(_ faults: NetworkFaults, reply: @escaping @Sendable (AdminResponse) -> Void) {}
}
