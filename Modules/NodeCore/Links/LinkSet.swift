package import NIOCore
package import Replication
package import StatorCore

/// The links of one shard: one for each other member of the view, and for outsiders that are to be talked to.
///
/// Sans-IO: a driver hands it events with the time and carries out its effects in order. Messages are staged by the
/// `send` calls and leave at the next ``flush(now:outbox:)``, all that goes to one peer in one write. Links are looked
/// through in the order of their places. Cost: O(1) a message, O(links) a tick, O(links x log members) a view.
package final class LinkSet {
    /// By place; a place that is free is used again, the latest first.
    private var links: [PeerLink?] = []
    private var freeSlots: [Int] = []
    private var slots: [NodeID: Int] = [:]
    /// The first few that something was sent to, looked through before ``slots``: most nodes talk to few others.
    private var recent: [PeerLink] = []
    private static let recentLinks = 4
    private var view: View?
    private var outsiders = 0
    private var lastTick: Instant?
    private var faults = NetworkFaults()

    var context: LinkContext
    let queueBound: Int
    /// The write that was staged last, and where its frame is: the same one often goes to several owners.
    var lastWrite: (write: ReplicaWrite, link: PeerLink, frame: StagedFrame)?
    private var staged: [PeerLink] = []
    private var flushing: [PeerLink] = []

    /// - Parameters:
    ///   - random: for the jitter of back-offs.
    ///   - queueBound: bytes that may wait on one link that is up; a simulation has a smaller one.
    package init(
        shard: Int, card: NodeCard, random: RandomGenerator, queueBound: Int = NodeCoreLimits.maximumQueuedBytes
    ) {
        context = LinkContext(card: card, shard: shard, random: random)
        self.queueBound = queueBound
    }

    package var counters: LinkCounters { context.counters }

    /// Whether messages to that node go through, as far as the link knows.
    package func isUp(to node: NodeID) -> Bool {
        slots[node].flatMap { links[$0] }?.isUp ?? false
    }

    /// The nodes that a link is kept to, in the order of the links' places.
    package var peers: [NodeID] { links.compactMap { $0?.node } }

    /// How each link is, sorted by node.
    package func reports(now: Instant) -> [LinkReport] {
        links.compactMap { $0?.report(now: now) }.sorted { $0.node < $1.node }
    }

    // MARK: Events

    /// - Parameter outbox: effects are appended to it; the driver carries them out when the call has returned.
    package func handle(_ event: LinkEvent, now: Instant, outbox: inout Outbox<LinkEffect>) {
        context.now = now
        // Appended to in place while the links have it.
        swap(&context.outbox, &outbox)
        defer { swap(&context.outbox, &outbox) }
        switch event {
        case .follow(let view): follow(view)
        case .reach(let node, let endpoint): reach(node, endpoint)
        case .heard(let node, let endpoint): if view?.contains(context.card.node) == true { reach(node, endpoint) }
        case .connected(let id): current(id)?.connected(&context)
        case .failed(let id): current(id)?.failed(&context)
        case .received(let id, let bytes): current(id)?.received(bytes, &context)
        case .written(let id, let count): written(id, bytes: count)
        case .ended(let id): current(id)?.ended(&context)
        case .redial(let id): current(id)?.redial(&context)
        case .tick: tick()
        case .faults(let faults): take(faults)
        case .close: close()
        }
    }

    /// What ``LinkEvent/written(_:bytes:)`` says, for drivers whose writes mostly end at once.
    package func written(_ id: LinkID, bytes: Int) {
        current(id)?.written(bytes)
    }

    /// Gives the storage of a write that was carried out back, to be used for the next.
    package func takeBack(_ bytes: inout ByteBuffer, from id: LinkID) {
        current(id)?.takeBack(&bytes)
    }

    private func current(_ id: LinkID) -> PeerLink? {
        guard id.slot < links.count, let link = links[id.slot], link.isCurrent(id) else { return nil }
        return link
    }

    private func close() {
        for slot in links.indices { remove(slot) }
        staged = []
        lastWrite = nil
    }

    // MARK: Whom to dial

    private func follow(_ view: View) {
        self.view = view
        for member in view.members where member.node != context.card.node {
            if let link = slots[member.node].flatMap({ links[$0] }) {
                if link.unwantedSince != nil { outsiders = max(outsiders - 1, 0) }
                link.unwantedSince = nil
                link.move(to: member.peerEndpoint, &context)
            } else {
                add(member.node, member.peerEndpoint).open(&context)
            }
        }
        for case let link? in links where link.unwantedSince == nil && !view.contains(link.node) {
            link.unwantedSince = context.now
            outsiders += 1
        }
    }

    private func reach(_ node: NodeID, _ endpoint: Endpoint) {
        guard node != context.card.node, view?.contains(node) != true else { return }
        if let link = slots[node].flatMap({ links[$0] }) {
            link.unwantedSince = context.now
            link.move(to: endpoint, &context)
        } else if outsiders < NodeCoreLimits.maximumOutsiders {
            outsiders += 1
            let link = add(node, endpoint)
            link.unwantedSince = context.now
            link.open(&context)
        }
    }

    private func add(_ node: NodeID, _ endpoint: Endpoint) -> PeerLink {
        let slot = freeSlots.popLast() ?? links.count
        if slot == links.count { links.append(nil) }
        let link = PeerLink(to: node, at: endpoint, slot: slot, now: context.now)
        link.isCut = faults.cut.contains(node)
        links[slot] = link
        slots[node] = slot
        return link
    }

    private func remove(_ slot: Int) {
        guard let link = links[slot] else { return }
        links[slot] = nil
        freeSlots.append(slot)
        slots[link.node] = nil
        recent.removeAll { $0 === link }
        context.forget(link.node)
        link.close(&context)
    }

    private func take(_ faults: NetworkFaults) {
        self.faults = faults
        for case let link? in links { link.isCut = faults.cut.contains(link.node) }
    }

    private func tick() {
        let now = context.now
        // After the driver itself was held up, what peers have sent meanwhile is still unread.
        let wasHeldUp = lastTick.map { now.elapsed(since: $0) > NodeCoreLimits.linkTick * 2 } ?? false
        lastTick = now
        for slot in links.indices {
            guard let link = links[slot] else { continue }
            if wasHeldUp { link.excuseSilence(now: now) }
            if let since = link.unwantedSince, now.elapsed(since: since) > NodeCoreLimits.departedGrace {
                outsiders -= 1
                remove(slot)
            } else {
                link.tick(lateness: faults.delay, &context)
            }
        }
    }

    // MARK: Sending

    /// Whether ``flush(now:outbox:)`` has something to write.
    package var hasStaged: Bool { !staged.isEmpty }

    /// A node outside the view is still talked to.
    func prolong(_ node: NodeID, now: Instant) {
        if let link = link(to: node), link.unwantedSince != nil { link.unwantedSince = now }
    }

    /// - Returns: the link that has taken it.
    func stage(_ node: NodeID, _ write: (inout ByteBuffer) -> Bool) -> PeerLink? {
        guard let link = link(to: node), link.stage(bound: queueBound, write) else {
            context.counters.framesDropped += 1
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
        guard let link = slots[node].flatMap({ links[$0] }) else { return nil }
        if recent.count < LinkSet.recentLinks { recent.append(link) }
        return link
    }

    /// One write for each peer that something was sent to. News that come of it may stage more: that waits for the next
    /// flush.
    package func flush(now: Instant, outbox: inout Outbox<LinkEffect>) {
        lastWrite = nil
        context.now = now
        swap(&context.outbox, &outbox)
        swap(&flushing, &staged)
        for link in flushing { link.flush(&context) }
        flushing.removeAll(keepingCapacity: true)
        swap(&context.outbox, &outbox)
    }
}
