import Logging
import NIOCore
import NodeCore
import Replication
import StatorCore
import Synchronization
import Wire

/// Where what accepted connections carry is handed over: shared by all of them, on any loop.
final class Reception: Sendable {
    let card: NodeCard
    let counters: RuntimeCounters
    let faults: LinkFaults
    private let shards: [ShardDriver]
    private let membership: MembershipDriver
    private let logger: Logger
    private let isClosed = Atomic<Bool>(false)
    private let nextRefusalLog = Atomic<UInt64>(0)
    private let refused = Locked(RefusedCallers())

    init(
        card: NodeCard, counters: RuntimeCounters, faults: LinkFaults, shards: [ShardDriver],
        membership: MembershipDriver, logger: Logger
    ) {
        self.card = card
        self.counters = counters
        self.faults = faults
        self.shards = shards
        self.membership = membership
        self.logger = logger
    }

    /// The node stops: connections are closed as soon as they say something.
    func close() {
        isClosed.store(true, ordering: .releasing)
    }

    var isOpen: Bool { !isClosed.load(ordering: .acquiring) }

    /// Whether one more connection may be kept.
    func admit() -> Bool {
        counters.connections.add(1)
        counters.handshakes.add(1)
        return isOpen && counters.connections.load(ordering: .relaxed) <= NodeCoreLimits.maximumConnections
            && counters.handshakes.load(ordering: .relaxed) <= NodeCoreLimits.maximumHandshakes
    }

    /// A node passed the handshake; one outside the view is dialled back so that it can be answered.
    func welcomed(_ hello: Hello) {
        refused.withLock { $0.forget(hello.node) }
        guard hello.shard == 0 else { return }
        membership.heard(from: hello.node, at: hello.peerEndpoint)
    }

    /// A node is still heard on its connection.
    func heard(_ caller: Hello) {
        guard caller.shard < shards.count else { return }
        let driver = shards[caller.shard]
        driver.eventLoop.execute { driver.heard(caller.node, at: caller.peerEndpoint) }
    }

    /// A shard's driver, where it runs on this loop.
    func driver(ofShard shard: Int, on loop: any EventLoop) -> ShardDriver? {
        guard shard < shards.count, shards[shard].eventLoop === loop else { return nil }
        return shards[shard]
    }

    /// Hands messages to a shard, at once where its loop is this one.
    func deliver(
        _ messages: [ShardMessage], toShard shard: Int, from node: NodeID, on loop: any EventLoop,
        done: @escaping @Sendable () -> Void
    ) {
        let driver = shards[shard]
        if driver.eventLoop === loop {
            for message in messages { driver.received(message, from: node) }
            done()
        } else {
            driver.eventLoop.execute {
                for message in messages { driver.received(message, from: node) }
                done()
            }
        }
    }

    func deliver(_ message: MembershipMessage, from node: NodeID) {
        membership.received(message, from: node)
    }

    /// A node did not pass the handshake.
    func noteRefusal(_ caller: Hello?, _ refusal: HandshakeRefusal, from remote: SocketAddress?) {
        let source = remote?.ipAddress ?? "an unknown address"
        refused.withLock { $0.note(caller, refusal, from: source, now: SystemClock.monotonic()) }
    }

    /// Who did not pass it lately.
    var refusedCallers: [RefusedCaller] { refused.withLock { $0.reports(now: SystemClock.monotonic()) } }

    func logRefusal(_ remote: SocketAddress?, _ reason: String) {
        let now = NIODeadline.now().uptimeNanoseconds
        let next = nextRefusalLog.load(ordering: .relaxed)
        guard now >= next else { return }
        nextRefusalLog.store(now + UInt64(RuntimeLimits.refusalLogInterval.nanoseconds), ordering: .relaxed)
        logger.warning("refused a connection from \(remote.map { "\($0)" } ?? "an unknown address"): \(reason)")
    }
}
