import NIOCore
import NIOPosix
import Synchronization

@testable import StatorClient

/// A server on a free port of the loopback interface that answers commands as a test says.
///
/// What the script leaves open is answered as by a node that holds nothing and knows no ring: `PING`, `STATOR.RING`, and
/// writes with the context `stored`.
final class ScriptedNode: Sendable {
    struct Call: Sendable, Hashable {
        let arguments: [String]
        /// Connections are counted from 0.
        let connection: Int

        var name: String { arguments.first ?? "" }
        var key: String { arguments.count > 1 ? arguments[1] : "" }

        /// What follows the option's name.
        func option(_ name: String) -> String? {
            guard let index = arguments.lastIndex(of: name), index + 1 < arguments.count else { return nil }
            return arguments[index + 1]
        }
    }

    enum Answer: Sendable {
        case bytes(String)
        case after(milliseconds: Int64, String)
        /// Replies are in order, so nothing after it is answered either.
        case silence
        case close
    }

    typealias Script = @Sendable (Call) -> Answer?

    private struct State {
        var script: Script
        var ring: String?
        var calls: [Call] = []
        var listener: (any Channel)?
        var channels: [any Channel] = []
    }

    private let state: Mutex<State>

    private init(_ script: @escaping Script) {
        state = Mutex(State(script: script))
    }

    static func start(_ script: @escaping Script = { _ in nil }) async throws -> ScriptedNode {
        let node = ScriptedNode(script)
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = ScriptedHandler(node, connection: node.accepted(channel))
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        node.state.withLock { $0.listener = listener }
        return node
    }

    // MARK: What tests set and see

    var port: Int { state.withLock { $0.listener }?.localAddress?.port ?? 0 }
    var address: String { "127.0.0.1:\(port)" }

    func serve(ring: String) { state.withLock { $0.ring = ring } }
    func script(_ script: @escaping Script) { state.withLock { $0.script = script } }

    func calls(_ name: String) -> [Call] { state.withLock { $0.calls.filter { $0.name == name } } }
    var connectionCount: Int { state.withLock { $0.channels.count } }

    /// Those there are; new ones are accepted.
    func closeConnections() {
        for channel in state.withLock({ $0.channels }) { channel.close(promise: nil) }
    }

    func stop() async {
        let listener = state.withLock { $0.listener }
        try? await listener?.close()
        closeConnections()
    }

    // MARK: Serving

    private func accepted(_ channel: any Channel) -> Int {
        state.withLock {
            $0.channels.append(channel)
            return $0.channels.count - 1
        }
    }

    fileprivate func answer(_ call: Call) -> Answer {
        let (script, ring) = state.withLock { state in
            state.calls.append(call)
            return (state.script, state.ring)
        }
        if let answer = script(call) { return answer }
        switch call.name {
        case "PING": return .bytes("+PONG\r\n")
        case "STATOR.RING": return .bytes(ring ?? "-ERR unknown command 'STATOR.RING'\r\n")
        case "STATOR.GET": return .bytes(RESP.reading([], context: nil))
        default: return .bytes(RESP.bulk("stored"))
        }
    }
}

/// Commands are arrays of bulk strings, as some replies are: the client's parser reads them.
private final class ScriptedHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let node: ScriptedNode
    private let connection: Int
    private var parser = ReplyParser(limits: ReplyLimits())
    /// Answers in order, from number `firstSlot` on; `nil` holds back those behind it.
    private var slots: [String?] = []
    private var firstSlot = 0

    init(_ node: ScriptedNode, connection: Int) {
        self.node = node
        self.connection = connection
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        parser.append(unwrapInboundIn(data))
        while case .array(let parts)? = try? parser.next() {
            let arguments = parts.map { part in
                if case .bulk(let bytes) = part { String(buffer: bytes) } else { "" }
            }
            take(ScriptedNode.Call(arguments: arguments, connection: connection), context)
        }
    }

    private func take(_ call: ScriptedNode.Call, _ context: ChannelHandlerContext) {
        switch node.answer(call) {
        case .bytes(let text):
            slots.append(text)
            drain(context)
        case .after(let milliseconds, let text):
            let slot = firstSlot + slots.count
            slots.append(nil)
            context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(milliseconds)) {
                self.slots[slot - self.firstSlot] = text
                self.drain(context)
            }
        case .silence: slots.append(nil)
        case .close: context.close(promise: nil)
        }
    }

    private func drain(_ context: ChannelHandlerContext) {
        while let slot = slots.first, let text = slot {
            slots.removeFirst()
            firstSlot += 1
            context.write(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        }
        context.flush()
    }
}
