internal import NIOCore
internal import Replication
internal import StatorCore

/// What a ``LinkSet`` lends a link while it handles an event.
struct LinkContext {
    let card: NodeCard
    let shard: Int
    var random: RandomGenerator
    var now = Instant(nanoseconds: 0)
    var outbox = Outbox<LinkEffect>()
    var counters = LinkCounters()
    private var attempts: UInt64 = 0
    /// The last complaint about each node, so that it is logged once.
    private var complaints: [NodeID: String] = [:]

    init(card: NodeCard, shard: Int, random: RandomGenerator) {
        self.card = card
        self.shard = shard
        self.random = random
    }

    mutating func nextAttempt() -> UInt64 {
        attempts += 1
        return attempts
    }

    mutating func changed(_ link: PeerLink, isUp: Bool) {
        if isUp { complaints[link.node] = nil }
        if shard == 0 {
            outbox.append(.log(.info("link to \(link.node) at \(link.endpoint) is \(isUp ? "up" : "down")")))
        }
        outbox.append(.changed(link.node, isUp: isUp))
    }

    mutating func complain(of link: PeerLink, _ reason: String) {
        guard complaints[link.node] != reason else { return }
        complaints[link.node] = reason
        guard shard == 0 else { return }
        outbox.append(.log(.warning("cannot use the link to \(link.node) at \(link.endpoint): \(reason)")))
    }

    mutating func forget(_ node: NodeID) {
        complaints[node] = nil
    }
}
