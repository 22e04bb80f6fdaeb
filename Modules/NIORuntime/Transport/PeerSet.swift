import Logging
import NIOCore
import Replication
import StatorCore
import Wire

/// The links of one shard: one for each other member of the view, and for outsiders that are to be talked to. Confined
/// to the shard's loop.
final class PeerSet: PeerLinkOwner {
    private let shard: Int
    private let card: NodeCard
    private let eventLoop: any EventLoop
    private let counters: RuntimeCounters
    private let faults: LinkFaults
    private let logger: Logger
    private let linkChanged: (NodeID, Bool) -> Void

    private var links: [NodeID: PeerLink] = [:]
    /// The first few that something was sent to, looked through before ``links``: most nodes talk to few others.
    private var recent: [PeerLink] = []
    private static let recentLinks = 4
    /// The write that was staged last, and where its frame is: the same one often goes to several owners.
    private var lastWrite: (write: ReplicaWrite, link: PeerLink, frame: StagedFrame)?
    private var view: View?
    private var staged: [PeerLink] = []
    private var flushing: [PeerLink] = []
    private var outsiders = 0
    private var ticker: RepeatedTask?
    private var lastTick = NIODeadline.now()
    /// The last complaint about each node, so that it is logged once.
    private var complaints: [NodeID: String] = [:]

    init(
        shard: Int, card: NodeCard, counters: RuntimeCounters, faults: LinkFaults, logger: Logger,
        eventLoop: any EventLoop, linkChanged: @escaping (NodeID, Bool) -> Void
    ) {
        self.shard = shard
        self.card = card
        self.counters = counters
        self.faults = faults
        self.logger = logger
        self.eventLoop = eventLoop
        self.linkChanged = linkChanged
        let interval = RuntimeLimits.linkTick
        // Shards tick at different times.
        let first = TimeAmount.nanoseconds(Int64.random(in: interval.nanoseconds / 2...interval.nanoseconds))
        let bound = NIOLoopBound(WeakPeerSet(set: self), eventLoop: eventLoop)
        ticker = eventLoop.scheduleRepeatedTask(initialDelay: first, delay: interval) { _ in bound.value.set?.tick() }
    }

    func close() {
        ticker?.cancel()
        for link in links.values { link.close() }
        links = [:]
        recent = []
        staged = []
        lastWrite = nil
    }

    // MARK: Whom to dial

    /// Keeps a link to every other member, at its present address.
    func follow(_ view: View) {
        self.view = view
        for member in view.members where member.node != card.node {
            if let link = links[member.node] {
                if link.unwantedSince != nil { outsiders = max(outsiders - 1, 0) }
                link.unwantedSince = nil
                link.move(to: member.peerEndpoint)
            } else {
                add(member.node, member.peerEndpoint)
            }
        }
        let now = NIODeadline.now()
        for link in links.values where link.unwantedSince == nil && !view.contains(link.node) {
            link.unwantedSince = now
            outsiders += 1
        }
    }

    /// Keeps a link to a node outside the view until it has been of no use for ``RuntimeLimits/departedGrace``; asking
    /// again prolongs it.
    func dial(_ node: NodeID, _ endpoint: Endpoint) {
        guard node != card.node, view?.contains(node) != true else { return }
        if let link = links[node] {
            link.unwantedSince = .now()
            link.move(to: endpoint)
        } else if outsiders < RuntimeLimits.maximumOutsiders {
            outsiders += 1
            add(node, endpoint).unwantedSince = .now()
        }
    }

    @discardableResult
    private func add(_ node: NodeID, _ endpoint: Endpoint) -> PeerLink {
        let link = PeerLink(
            to: node, at: endpoint, shard: shard, card: card, counters: counters, faults: faults, eventLoop: eventLoop,
            owner: self)
        links[node] = link
        link.open()
        return link
    }

    fileprivate func tick() {
        let now = NIODeadline.now()
        // After this loop itself was held up, what peers have sent meanwhile is still unread.
        let wasHeldUp = now - lastTick > RuntimeLimits.linkTick * 2
        lastTick = now
        for link in Array(links.values) {
            if wasHeldUp { link.excuseSilence(now: now) }
            if let since = link.unwantedSince, now - since > RuntimeLimits.departedGrace {
                links[link.node] = nil
                recent.removeAll { $0 === link }
                complaints[link.node] = nil
                outsiders -= 1
                link.close()
            } else {
                link.tick(now: now)
            }
        }
    }

    // MARK: Sending

    /// Whether ``flush()`` has something to write.
    var hasStaged: Bool { !staged.isEmpty }

    func send(_ message: consuming ShardMessage, to node: NodeID) {
        if case .write(let write) = message { return send(write, to: node) }
        let shard = shard
        stage(node) { Frame.write(message, toShard: shard, into: &$0) }
    }

    /// Encodes what goes to several owners once.
    private func send(_ write: ReplicaWrite, to node: NodeID) {
        if let last = lastWrite, last.write.isSame(as: write), let frame = last.link.bytes(of: last.frame) {
            stage(node) {
                $0.writeImmutableBuffer(frame)
                return true
            }
            return
        }
        let shard = shard
        guard let link = stage(node, { Frame.write(.write(write), toShard: shard, into: &$0) }) else { return }
        lastWrite = (write, link, link.lastFrame)
    }

    func send(_ message: MembershipMessage, to node: NodeID) {
        if let link = links[node], link.unwantedSince != nil { link.unwantedSince = .now() }
        stage(node) { Frame.write(message, into: &$0) }
    }

    /// - Returns: the link that has taken it.
    @discardableResult
    private func stage(_ node: NodeID, _ write: (inout ByteBuffer) -> Bool) -> PeerLink? {
        guard let link = link(to: node), link.stage(write) else {
            counters.framesDropped.add(1)
            return nil
        }
        if !link.isStaged {
            link.isStaged = true
            staged.append(link)
        }
        return link
    }

    private func link(to node: NodeID) -> PeerLink? {
        for link in recent where link.node == node { return link }
        guard let link = links[node] else { return nil }
        if recent.count < PeerSet.recentLinks { recent.append(link) }
        return link
    }

    /// One write for each peer that something was sent to. A write that fails at once takes its link down, and that
    /// news may stage frames for others: they wait for the next flush.
    func flush() {
        lastWrite = nil
        swap(&flushing, &staged)
        for link in flushing { link.flush() }
        flushing.removeAll(keepingCapacity: true)
    }

    // MARK: News of links

    func link(_ link: PeerLink, isUp: Bool) {
        if isUp { complaints[link.node] = nil }
        if shard == 0 { logger.info("link to \(link.node) at \(link.endpoint) is \(isUp ? "up" : "down")") }
        linkChanged(link.node, isUp)
    }

    func link(_ link: PeerLink, isNotUsable reason: String) {
        guard complaints[link.node] != reason else { return }
        complaints[link.node] = reason
        if shard == 0 { logger.warning("cannot use the link to \(link.node) at \(link.endpoint): \(reason)") }
    }
}

private struct WeakPeerSet {
    weak var set: PeerSet?
}
