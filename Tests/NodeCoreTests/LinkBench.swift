import NIOCore
import NodeCore
import Replication
import StatorCore
import Testing
import Wire

/// The links of node A's only shard, driven by a test in time of its own.
final class LinkBench {
    static func card(_ node: String) -> NodeCard {
        NodeCard(
            cluster: "demo", node: NodeID(node), peerEndpoint: endpoint(node), generation: 1, shards: 1,
            agreement: ClusterAgreement(hash: "xxh3", partitioner: "ring", conflictResolver: "lww", replicas: 3),
            founders: Founders(view: View(epoch: Epoch(2), members: []), node: NodeID(node)))
    }

    static func endpoint(_ node: String) -> Endpoint { Endpoint(host: "host-\(node)", port: 7000) }

    static func view(_ nodes: String...) -> View {
        View(
            epoch: Epoch(1),
            members: nodes.map {
                Member(
                    node: NodeID($0), status: .active, zone: "", weight: 1, peerEndpoint: endpoint($0),
                    httpEndpoint: Endpoint(host: "h", port: 1))
            })
    }

    let links: LinkSet
    private(set) var now = Instant(nanoseconds: 1_000_000_000)
    private var outbox = Outbox<LinkEffect>()
    /// The news of links, in order.
    private(set) var news: [String] = []
    private(set) var log: [ShardLogEntry] = []

    init(seed: UInt64 = 1, queueBound: Int = NodeCoreLimits.maximumQueuedBytes) {
        links = LinkSet(
            shard: 0, card: LinkBench.card("A"), random: RandomGenerator(seed: seed), queueBound: queueBound)
    }

    /// - Returns: the effects but news and log lines.
    @discardableResult
    func handle(_ event: LinkEvent) -> [LinkEffect] {
        links.handle(event, now: now, outbox: &outbox)
        return take()
    }

    func flush() -> [LinkEffect] {
        links.flush(now: now, outbox: &outbox)
        return take()
    }

    private func take() -> [LinkEffect] {
        outbox.drain().filter { effect in
            switch effect {
            case .changed(let node, let isUp):
                news.append("\(node) \(isUp ? "up" : "down")")
                return false
            case .log(let entry):
                log.append(entry)
                return false
            default: return true
            }
        }
    }

    /// Time passes, and the links are looked after as a driver does.
    @discardableResult
    func pass(_ duration: Duration, hearing id: LinkID? = nil) -> [LinkEffect] {
        var effects: [LinkEffect] = []
        let end = now.advanced(by: duration)
        while now < end {
            now = min(end, now.advanced(by: NodeCoreLimits.linkTick))
            if let id { effects += handle(.received(id, Frame.keepAliveBytes)) }
            effects += handle(.tick)
        }
        return effects
    }

    /// Time passes and nobody looks.
    func jump(_ duration: Duration) {
        now = now.advanced(by: duration)
    }

    func send(_ number: UInt64 = 1, to node: String = "B") -> Bool {
        links.send(.writeReply(RequestID(number), .stored(hadLive: false)), to: NodeID(node)) != nil
    }

    /// A link to B that has been accepted.
    func makeUp() throws -> LinkID {
        let id = try #require(handle(.follow(LinkBench.view("A", "B"))).dialled)
        handle(.connected(id))
        handle(.received(id, LinkBench.reply(.accepted(NodeID("B"), generation: 1))))
        return id
    }

    static func reply(_ reply: HelloReply) -> ByteBuffer {
        var payload = ByteBuffer()
        reply.encode(into: &payload)
        return frame(payload)
    }

    static func frame(_ payload: ByteBuffer, to destination: UInt8 = Frame.membership) -> ByteBuffer {
        var bytes = ByteBuffer()
        Frame(destination: destination, payload: payload).write(into: &bytes)
        return bytes
    }
}

extension [LinkEffect] {
    var dialled: LinkID? {
        for case .dial(let id, _) in self { return id }
        return nil
    }

    var endpoint: Endpoint? {
        for case .dial(_, let endpoint) in self { return endpoint }
        return nil
    }

    var redial: (id: LinkID, after: Duration)? {
        for case .redial(let id, let delay) in self { return (id, delay) }
        return nil
    }

    var written: [ByteBuffer] {
        compactMap { if case .write(_, let bytes) = $0 { bytes } else { nil } }
    }

    func closes(_ id: LinkID) -> Bool {
        contains { if case .close(let closed) = $0 { closed == id } else { false } }
    }
}

extension ByteBuffer {
    /// The frames in these bytes.
    func frames() throws -> [Frame] {
        var parser = FrameParser(maximumFrame: WireLimits.maximumFrame)
        parser.append(self)
        var frames: [Frame] = []
        while let frame = try parser.next() { frames.append(frame) }
        return frames
    }
}
