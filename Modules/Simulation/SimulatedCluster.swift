internal import Hashing
internal import HeapModule
internal import NIOCore
internal import Partitioning
package import Replication
package import StatorCore
internal import Storage
internal import Wire

/// A whole cluster in virtual time: the production machines of every node, a seeded network and seeded disks. The same
/// seed gives the same course of events, told by ``eventHash``.
///
/// All messages pass through the wire codec. Faults are calls between `run`s: crash, restart, wipe, cut, heal.
package final class SimulatedCluster {
    package var network = NetworkModel()
    /// How long a load and a sync take on engines that are not memory-resident.
    package var loadLatency: Duration = .microseconds(50)
    package var syncLatency: Duration = .milliseconds(1)

    package private(set) var time = Instant(nanoseconds: 0)
    package private(set) var eventsHandled = 0
    /// A hash over all events so far: equal for equal seeds.
    package private(set) var eventHash: UInt64 = 0
    /// Log lines of all nodes, in order.
    package private(set) var log: [String] = []
    package private(set) var responses: [ClientTicket: ClientResponse] = [:]
    package private(set) var adminResponses: [ClientTicket: AdminResponse] = [:]

    private(set) var nodes: [SimulatedNode]
    var random: RandomGenerator
    private var events = Heap<SimulatedEvent>()
    private var inserted: UInt64 = 0
    private var nextTicket: UInt64 = 0
    let keyHash: HashFunction

    /// - Parameters:
    ///   - blueprints: one for each node; they are not started yet.
    ///   - seed: everything random follows from it.
    package init(_ blueprints: [NodeBlueprint], seed: UInt64) {
        precondition(!blueprints.isEmpty, "a cluster has at least one node")
        var random = RandomGenerator(seed: seed)
        nodes = blueprints.sorted { $0.member.node < $1.member.node }.map {
            SimulatedNode(blueprint: $0, random: random.split())
        }
        keyHash = blueprints[0].partitioner.hash
        self.random = random
    }

    func simulated(_ name: NodeID) -> SimulatedNode {
        guard let found = nodes.first(where: { $0.node == name }) else { preconditionFailure("no node named \(name)") }
        return found
    }

    package func token(of key: Key) -> Token { keyHash.token(of: key) }

    // MARK: Time

    func schedule(_ kind: SimulatedEvent.Kind, after delay: Duration = .zero) {
        events.insert(SimulatedEvent(time: time.advanced(by: delay), order: inserted, kind: kind))
        inserted += 1
    }

    package func run(for duration: Duration) {
        let end = time.advanced(by: duration)
        while let next = events.min, next.time <= end { step() }
        time = end
    }

    /// Runs until the condition holds.
    /// - Returns: whether it held before the limit.
    package func run(atMost limit: Duration, until condition: () -> Bool) -> Bool {
        let end = time.advanced(by: limit)
        while !condition() {
            guard let next = events.min, next.time <= end else {
                time = end
                return condition()
            }
            step()
        }
        return true
    }

    private func step() {
        guard let event = events.popMin() else { return }
        time = event.time
        eventsHandled += 1
        handle(event.kind)
    }

    /// What a node's clocks show now.
    func now(at node: SimulatedNode) -> Now {
        let wall = WallTime(microseconds: 1_700_000_000_000_000 + time.nanoseconds / 1000)
        return Now(monotonic: time, wall: wall.advanced(by: node.wallOffset))
    }

    func note(_ text: String) {
        log.append("\(Double(time.nanoseconds) / 1_000_000_000)s \(text)")
    }

    /// Folds what happened into the event hash.
    func mix(_ bytes: ByteBuffer) {
        eventHash = XXHash.xxh3(bytes, seed: eventHash &+ UInt64(bitPattern: time.nanoseconds))
    }

    // MARK: Clients

    package func submit(_ request: ClientRequest, to node: NodeID) -> ClientTicket {
        nextTicket += 1
        schedule(.client(node, ClientTicket(nextTicket), request))
        return ClientTicket(nextTicket)
    }

    package func administer(_ action: AdminAction, at node: NodeID) -> ClientTicket {
        nextTicket += 1
        schedule(.administer(node, ClientTicket(nextTicket), action))
        return ClientTicket(nextTicket)
    }

    func record(_ response: ClientResponse, for ticket: ClientTicket) {
        precondition(responses[ticket] == nil, "a request is answered once")
        responses[ticket] = response
    }

    func record(_ response: AdminResponse, for ticket: ClientTicket) {
        precondition(adminResponses[ticket] == nil, "an action is answered once")
        adminResponses[ticket] = response
    }
}
