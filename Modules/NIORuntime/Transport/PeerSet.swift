import Logging
import NIOCore
import NodeCore
import Replication
import StatorCore

/// The links of one shard over sockets: hands what happens to their machine and carries its effects out. Confined to the
/// shard's loop.
final class PeerSet {
    private let shard: Int
    private let eventLoop: any EventLoop
    private let counters: RuntimeCounters
    private let faults: LinkFaults
    private let logger: Logger
    private let linkChanged: (NodeID, Bool) -> Void

    private let links: LinkSet
    private var outbox = Outbox<LinkEffect>()
    private var isCarryingOut = false
    /// What of the machine's counters is in ``counters`` already.
    private var published = LinkCounters()
    /// By the place of their link.
    private var connections: [PeerConnection?] = []
    private var redials: [Scheduled<Void>?] = []
    private var ticker: RepeatedTask?

    init(
        shard: Int, card: NodeCard, counters: RuntimeCounters, faults: LinkFaults, logger: Logger,
        eventLoop: any EventLoop, linkChanged: @escaping (NodeID, Bool) -> Void
    ) {
        self.shard = shard
        self.counters = counters
        self.faults = faults
        self.logger = logger
        self.eventLoop = eventLoop
        self.linkChanged = linkChanged
        var system = SystemRandomNumberGenerator()
        var random = RandomGenerator(seed: system.next())
        let interval = NodeCoreLimits.linkTick
        // Shards tick at different times.
        let first = random.jittered(interval * 3 / 4, spread: 1.0 / 3)
        links = LinkSet(shard: shard, card: card, random: random)
        let bound = NIOLoopBound(WeakPeerSet(set: self), eventLoop: eventLoop)
        ticker = eventLoop.scheduleRepeatedTask(initialDelay: first.timeAmount, delay: interval.timeAmount) { _ in
            bound.value.set?.handle(.tick)
        }
        handle(.faults(faults.current))
    }

    func close() {
        ticker?.cancel()
        handle(.close)
        for redial in redials { redial?.cancel() }
        connections = []
    }

    func follow(_ view: View) { handle(.follow(view)) }

    /// How each link is.
    var reports: [LinkReport] { links.reports(now: PeerSet.now) }

    func dial(_ node: NodeID, _ endpoint: Endpoint) { handle(.reach(node, endpoint)) }

    func hear(_ node: NodeID, _ endpoint: Endpoint) { handle(.heard(node, endpoint)) }

    func take(_ faults: NetworkFaults) { handle(.faults(faults)) }

    // MARK: Sending

    /// Whether ``flush()`` has something to write.
    var hasStaged: Bool { links.hasStaged }

    func send(_ message: consuming ShardMessage, to node: NodeID) {
        links.send(message, to: node)
    }

    func send(_ message: MembershipMessage, to node: NodeID) {
        links.send(message, to: node, now: PeerSet.now)
    }

    /// One write for each peer that something was sent to.
    func flush() {
        links.flush(now: PeerSet.now, outbox: &outbox)
        carryOut()
    }

    // MARK: Events and effects

    private static var now: Instant { SystemClock.monotonic() }

    func handle(_ event: LinkEvent) {
        links.handle(event, now: PeerSet.now, outbox: &outbox)
        carryOut()
    }

    /// What an effect brings about at once is carried out after those before it.
    private func carryOut() {
        guard !isCarryingOut else { return }
        isCarryingOut = true
        var next = 0
        while next < outbox.indices.upperBound {
            let effect = outbox.take(next, leaving: .close(.none))
            next += 1
            carryOut(effect)
        }
        outbox.removeAll()
        isCarryingOut = false
        publish()
    }

    private func carryOut(_ effect: consuming LinkEffect) {
        switch consume effect {
        case .dial(let id, let endpoint): dial(id, endpoint)
        case .write(let id, let bytes): write(bytes, id)
        case .close(let id): close(id)
        case .redial(let id, let delay): redial(id, after: delay)
        case .changed(let node, let isUp): linkChanged(node, isUp)
        case .log(let entry): logger.log(entry)
        }
    }

    private func connection(_ id: LinkID) -> PeerConnection? {
        guard id.slot < connections.count, let found = connections[id.slot], found.id == id else { return nil }
        return found
    }

    private func close(_ id: LinkID) {
        guard let connection = connection(id) else { return }
        connections[id.slot] = nil
        connection.close()
    }

    private func dial(_ id: LinkID, _ endpoint: Endpoint) {
        let connection = PeerConnection(id, of: self, on: eventLoop, faults: faults)
        while connections.count <= id.slot { connections.append(nil) }
        connections[id.slot] = connection
        connection.open(endpoint)
    }

    private func write(_ bytes: consuming ByteBuffer, _ id: LinkID) {
        var bytes = bytes
        guard let connection = connection(id), connection.write(bytes) else { return }
        // Where the socket took all of it the storage is used again. A write that failed may have staged more.
        links.takeBack(&bytes, from: id)
    }

    func written(_ count: Int, _ id: LinkID) {
        links.written(id, bytes: count)
    }

    private func redial(_ id: LinkID, after delay: Duration) {
        while redials.count <= id.slot { redials.append(nil) }
        redials[id.slot]?.cancel()
        redials[id.slot] = eventLoop.assumeIsolated().scheduleTask(in: delay.timeAmount) {
            self.handle(.redial(id))
        }
    }

    /// Adds what the machine has counted since to what all threads see.
    private func publish() {
        let counted = links.counters
        guard counted != published else { return }
        counters.framesSent.add(from: published.framesSent, to: counted.framesSent)
        counters.bytesSent.add(from: published.bytesSent, to: counted.bytesSent)
        counters.writes.add(from: published.writes, to: counted.writes)
        counters.framesDropped.add(from: published.framesDropped, to: counted.framesDropped)
        counters.malformedFrames.add(from: published.malformedFrames, to: counted.malformedFrames)
        counters.linksUp.add(from: published.linksUp, to: counted.linksUp)
        published = counted
    }
}

private struct WeakPeerSet {
    weak var set: PeerSet?
}
