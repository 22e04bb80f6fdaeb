internal import ConflictResolution
internal import Hashing
internal import NIOCore
internal import Partitioning
package import Replication
package import StatorCore
internal import Storage

/// A whole cluster in virtual time: the production machines of every node, a seeded network, seeded disks and clocks.
/// The same seed gives the same course of events, told by ``eventHash``.
///
/// All messages pass through the wire codec, and over the links that are deployed where the transport is
/// ``NetworkTransport/tcp``. Faults are calls between `run`s, or from an observer that asked to be
/// woken: crash, restart, pause, wipe, cut, heal.
package final class SimulatedCluster {
    package var network: SimulatedNetwork {
        get { model }
        // In its place: a copy has all links.
        _modify { yield &model }
    }
    package let transport: NetworkTransport
    /// The share of crashes of which peers hear nothing, as when a machine loses its power; of connections only.
    package var silentCrashes = 0.0
    /// The share of the other crashes that end the process only, as `kill -9` does: the disk keeps what is in its cache.
    package var processKills = 0.0
    /// Over datagrams: how long after a cut or a crash the transport notices; silent until then.
    package var detection: Duration = .milliseconds(50)
    /// How long a load and a sync take on engines that are not memory-resident, where no distribution is set.
    package var loadLatency: Duration {
        get { Duration(nanoseconds: loadTime.constant) }
        set { loadTime.constant = newValue.nanoseconds }
    }
    package var syncLatency: Duration {
        get { Duration(nanoseconds: syncTime.constant) }
        set { syncTime.constant = newValue.nanoseconds }
    }
    package var loadSampler: LatencySampler? {
        get { loadTime.sampler }
        set { loadTime.sampler = newValue }
    }
    package var syncSampler: LatencySampler? {
        get { syncTime.sampler }
        set { syncTime.sampler = newValue }
    }

    package var time: Instant { present }
    /// Inputs to machines so far.
    package var eventsHandled: Int { inputs }
    /// A hash over all events so far: equal for equal seeds.
    package var eventHash: UInt64 { mixed }
    /// Log lines of all nodes, in order; the latest ``logLimit``.
    package private(set) var log: [String] = []
    package var logLimit = 100_000
    /// Answers that no observer took.
    package private(set) var responses: [ClientTicket: ClientResponse] = [:]
    package private(set) var adminResponses: [ClientTicket: AdminResponse] = [:]
    package var traffic: SimulatedTraffic { counted }

    /// Takes the answers, and is woken.
    package weak var observer: (any SimulationObserver)? {
        didSet {
            watchesStorage = observer?.watchesStorage ?? false
            watchesMessages = observer?.watchesMessages ?? false
            if isRunning { runningObserver = observer }
        }
    }
    /// The same while the cluster runs: a weak reference takes long to follow.
    private var runningObserver: (any SimulationObserver)?
    private var isRunning = false
    var watchesStorage = false
    var watchesMessages = false
    /// Names writes to stores in memory, from the highest ticket down.
    var residentWrites: UInt64 = 0
    package var trace: ((TraceStep) -> Void)? {
        didSet { isTraced = trace != nil }
    }
    private(set) var isTraced = false
    /// Stands between the machines and the network: may change or swallow what a node sends to another.
    package var interpose: ((_ from: NodeID, _ to: NodeID, ShardMessage) -> ShardMessage?)? {
        didSet { isInterposed = interpose != nil }
    }
    private(set) var isInterposed = false
    /// The same for what membership machines send.
    package var membershipInterpose: ((_ from: NodeID, _ to: NodeID, MembershipMessage) -> MembershipMessage?)?
    /// Stands between a node and what it remembers of itself: takes the identity that a start calls for and the one
    /// before it.
    package var identityPort: ((_ node: NodeID, _ next: NodeIdentity, _ previous: NodeIdentity?) -> NodeIdentity)?

    // What changes with every event is not visible outside of the module: only then does the compiler see all accesses,
    // and can leave out the checks for exclusivity.
    private(set) var present = Instant(nanoseconds: 0)
    var model: SimulatedNetwork
    var loadTime = DiskTime(constant: 50_000)
    var syncTime = DiskTime(constant: 1_000_000)
    var inputs = 0
    private var mixed: UInt64 = 0
    var counted = SimulatedTraffic()
    /// Nodes that are paused now.
    var pausedNodes = 0
    /// Whose storage commands leave at the end of the turn.
    private var stagedShards: [(SimulatedNode, SimulatedShard)] = []

    var table = ConnectionTable()
    /// Links that something was sent on in the present turn.
    var stagedLinks: [SimulatedLinks] = []
    /// Who listens where, by index.
    var listeners: [Endpoint: Int]

    let nodes: [SimulatedNode]
    private let indices: [NodeID: Int]
    var random: RandomGenerator
    private var events = EventQueue()
    private var nextTicket: UInt64 = 0
    let keyHash: HashFunction

    /// - Parameters:
    ///   - blueprints: one for each node; they are not started yet.
    ///   - network: for as many nodes, numbered in the order of their names; the default has short, even delays.
    ///   - seed: everything random follows from it.
    package init(
        _ blueprints: [NodeBlueprint], network: SimulatedNetwork? = nil, transport: NetworkTransport = .tcp,
        seed: UInt64
    ) {
        precondition(!blueprints.isEmpty, "a cluster has at least one node")
        var random = RandomGenerator(seed: seed)
        let sorted = blueprints.sorted { $0.member.node < $1.member.node }
        nodes = sorted.enumerated().map { index, blueprint in
            SimulatedNode(index: index, blueprint: blueprint, nodes: sorted.count, random: random.split())
        }
        names = nodes.map(\.node)
        indices = Dictionary(uniqueKeysWithValues: nodes.map { ($0.node, $0.index) })
        listeners = Dictionary(
            nodes.map { ($0.blueprint.member.peerEndpoint, $0.index) }, uniquingKeysWith: { first, _ in first })
        self.transport = transport
        keyHash = blueprints[0].partitioner.hash
        model = network ?? SimulatedNetwork(nodes: sorted.count, links: .local)
        self.random = random
    }

    // MARK: Names

    /// Node names, sorted; a node's index is its place here.
    package let names: [NodeID]

    package func index(of name: NodeID) -> Int? {
        if nodes.count <= 16 { return nodes.firstIndex { $0.node == name } }
        return indices[name]
    }

    func simulated(_ name: NodeID) -> SimulatedNode {
        guard let index = index(of: name) else { preconditionFailure("no node named \(name)") }
        return nodes[index]
    }

    package func token(of key: Key) -> Token { keyHash.token(of: key) }

    func listener(at endpoint: Endpoint) -> Int? { listeners[endpoint] }

    // MARK: Time

    func schedule(_ event: consuming SimulatedEvent, after delay: Duration = .zero) {
        events.insert(consume event, at: time.advanced(by: delay), now: time)
    }

    func schedule(_ event: consuming SimulatedEvent, at due: Instant) {
        events.insert(consume event, at: due, now: time)
    }

    package func wake(_ number: UInt64, after delay: Duration) {
        schedule(.wake(number), after: delay)
    }

    package func run(for duration: Duration) {
        let end = time.advanced(by: duration)
        beginRunning()
        while step(until: end) {}
        endRunning()
        present = end
    }

    /// Runs until the condition holds.
    /// - Returns: whether it held before the limit.
    package func run(atMost limit: Duration, until condition: () -> Bool) -> Bool {
        let end = time.advanced(by: limit)
        beginRunning()
        defer { endRunning() }
        while !condition() {
            guard step(until: end) else {
                present = end
                return condition()
            }
        }
        return true
    }

    private func beginRunning() {
        precondition(!isRunning, "an observer never runs the cluster")
        isRunning = true
        runningObserver = observer
    }

    private func endRunning() {
        isRunning = false
        runningObserver = nil
    }

    /// Who looks on now.
    var watcher: (any SimulationObserver)? { isRunning ? runningObserver : observer }

    /// - Returns: false where nothing is to happen until then.
    private func step(until end: Instant) -> Bool {
        guard let (event, due) = events.popNext(now: present, until: end) else { return false }
        present = due
        handle(event)
        endTurn()
        return true
    }

    /// One event is one turn of a loop: what it staged leaves together.
    func endTurn() {
        while !stagedShards.isEmpty || !stagedLinks.isEmpty {
            var next = 0
            while next < stagedShards.count {
                let (node, shard) = stagedShards[next]
                next += 1
                handOver(node, shard)
            }
            stagedShards.removeAll(keepingCapacity: true)
            flushLinks()
        }
    }

    func note(staged shard: SimulatedShard, of node: SimulatedNode) { stagedShards.append((node, shard)) }

    func now(at node: SimulatedNode) -> Now { node.clock.now(at: time) }

    package func note(_ text: @autoclosure () -> String) {
        guard logLimit > 0 || trace != nil else { return }
        let line = "\(seconds) \(text())"
        trace?(.note(line))
        guard logLimit > 0 else { return }
        if log.count >= 2 * logLimit { log.removeFirst(logLimit) }
        log.append(line)
    }

    /// The time with microseconds, for people.
    package var seconds: String {
        let micros = time.nanoseconds / 1000
        let fraction = String(micros % 1_000_000)
        return "\(micros / 1_000_000).\(String(repeating: "0", count: 6 - fraction.utf8.count))\(fraction)s"
    }

    /// Folds what happened into the event hash.
    @inline(__always)
    func mix(_ value: UInt64) {
        let product = (mixed ^ value) &* 0x9E37_79B9_7F4A_7C15
        mixed = product ^ (product >> 29)
    }

    // MARK: Clients

    package func submit(_ request: ClientRequest, to node: NodeID) -> ClientTicket {
        submit(request, toNode: simulated(node).index)
    }

    package func submit(_ request: ClientRequest, toNode index: Int) -> ClientTicket {
        nextTicket += 1
        schedule(.client(Int32(index), ClientTicket(nextTicket), request))
        return ClientTicket(nextTicket)
    }

    package func administer(_ action: AdminAction, at node: NodeID) -> ClientTicket {
        nextTicket += 1
        schedule(.administer(Int32(simulated(node).index), ClientTicket(nextTicket), action))
        return ClientTicket(nextTicket)
    }

    func record(_ response: ClientResponse, for ticket: ClientTicket) {
        mix(response.summary)
        if let watcher {
            watcher.answered(ticket, response)
            return
        }
        precondition(responses[ticket] == nil, "a request is answered once")
        responses[ticket] = response
    }

    func record(_ response: AdminResponse, for ticket: ClientTicket) {
        if let watcher {
            watcher.administered(ticket, response)
            return
        }
        precondition(adminResponses[ticket] == nil, "an action is answered once")
        adminResponses[ticket] = response
    }
}

/// How long a disk takes for one thing.
struct DiskTime {
    /// In nanoseconds; what counts where there is no distribution.
    var constant: Int64
    var sampler: LatencySampler?

    init(constant: Int64) {
        self.constant = constant
    }

    /// In nanoseconds.
    func draw(using random: inout RandomGenerator) -> Int64 {
        sampler?.sample(using: &random) ?? constant
    }
}

extension ClientResponse {
    /// What tells this answer from others, for the event hash.
    fileprivate var summary: UInt64 {
        switch self {
        case .value(let content): XXHash.xxh3(content.bytes, seed: 5)
        case .found(let result): XXHash.xxh3(result.context, seed: 1)
        case .notFound(let context): context.map { XXHash.xxh3($0, seed: 2) } ?? 2
        case .stored(let outcome): XXHash.xxh3(outcome.context, seed: outcome.isFirst ? 3 : 4)
        case .updated(let outcome): outcome.isWritten ? 6 : 7
        case .explained(let explanation): UInt64(explanation.replicas.count) + 16
        case .failed: 5
        }
    }
}
