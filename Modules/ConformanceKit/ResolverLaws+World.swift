import ConflictResolution
import NIOCore
import StatorCore

/// Replicas of one key, clients that hold contexts, and messages that arrive late, all drawn from a seed.
///
/// The schedule and the clocks come from two generators, and nothing in the schedule depends on what the resolver shows
/// or the clocks say, so that one schedule can be run under several clocks.
struct ResolverWorld {
    struct Profile: Sendable {
        let name: String
        var replicas = 3
        var clients = 4
        var steps = 90
        /// The farthest that a clock is off, in microseconds.
        var skew = 0
        /// How often per step a node starts with a new incarnation, in 0 ... 1.
        var restarts = 0.02
        /// How often per step a node drops its record but goes on as the same actor, in 0 ... 1.
        var losses = 0.0

        static let all = [
            Profile(name: "calm"),
            Profile(name: "skewed clocks", skew: 5_000_000),
            Profile(name: "churning nodes", replicas: 5, steps: 130, skew: 5_000_000, restarts: 0.15),
            Profile(name: "forgetful nodes", skew: 50_000, losses: 0.08),
        ]
    }

    struct Finding {
        let guarantee: Guarantee
        let text: String
    }

    /// A body, and the events that went into it by any path.
    struct Holding {
        var body: ByteBuffer?
        var given = EventSet()
    }

    struct Replica {
        let node: NodeID
        var incarnation: UInt64
        var counter: UInt64 = 0
        var forgotAt: UInt64 = 0
        var holding = Holding()

        var actor: Actor { Actor(node: node, shard: 0, incarnation: incarnation) }
    }

    struct Client {
        var context: ByteBuffer?
        var seen = EventSet()
    }

    let resolver: any ConflictResolver
    let kind: String
    let profile: Profile
    let seed: UInt64
    private(set) var oracle = ResolverOracle()
    /// The first violation of each guarantee.
    var findings: [Finding] = []
    /// The events shown by the replica that each step changed.
    private(set) var trace: [[Int]] = []
    /// Bodies that once were sent, for late and repeated delivery.
    private(set) var messages: [Holding] = []
    private(set) var replicas: [Replica]
    private(set) var clock: SkewedClocks
    private var clients: [Client]
    private var schedule: RandomGenerator
    private let writesDeletes: Bool

    init(resolver: any ConflictResolver, kind: String, profile: Profile, seed: UInt64, clockSeed: UInt64) {
        self.resolver = resolver
        self.kind = kind
        self.profile = profile
        self.seed = seed
        var generator = RandomGenerator(seed: seed)
        replicas = (0..<profile.replicas).map {
            Replica(node: NodeID("n\($0)"), incarnation: generator.next())
        }
        clients = Array(repeating: Client(), count: profile.clients)
        schedule = generator
        clock = SkewedClocks(nodes: profile.replicas, limit: profile.skew, seed: clockSeed)
        writesDeletes = ResolverWorld.namesTombstones(resolver)
    }

    /// Runs all steps, then lets everything meet.
    /// - Throws: ``LawViolation`` when the resolver refuses its own bytes, invents a version or does not converge.
    mutating func run() throws {
        do {
            for _ in 0..<profile.steps { try step() }
            try converge()
        } catch let error as ResolverError {
            throw ResolverLaws.refusal(error, kind: kind, seed: seed)
        }
    }

    private mutating func step() throws {
        clock.tick()
        let target = schedule.below(replicas.count)
        let action = schedule.fraction()
        let restarts = schedule.chance(profile.restarts)
        let loses = schedule.chance(profile.losses)
        let incarnation = schedule.next()
        if restarts {
            replicas[target].incarnation = incarnation
            replicas[target].counter = 0
            replicas[target].forgotAt = 0
        } else if loses {
            replicas[target].holding = Holding()
            replicas[target].forgotAt = replicas[target].counter
        }
        if action < 0.5 {
            try write(at: target)
        } else if action < 0.65 {
            try read(at: target)
        } else {
            try deliver(to: target)
        }
        trace.append(try replicas[target].holding.body.map(shown) ?? [])
        try compare(replicas[target].holding)
    }

    private mutating func write(at target: Int) throws {
        let client = schedule.below(clients.count)
        let basisDraw = schedule.fraction()
        let isDelete = schedule.chance(0.2) && writesDeletes
        let isBlind = schedule.chance(0.3) && !resolver.needsReplicaCoordinator
        let keepsContext = schedule.chance(0.5)
        replicas[target].counter += 1 + UInt64(schedule.below(5))

        let held = replicas[target].holding.body
        let existing = isBlind ? nil : held
        let basis: WriteBasis
        let history: EventSet
        if basisDraw < 0.4 {
            basis = .held
            history = oracle.closure(of: try existing.map(shown) ?? [])
        } else if basisDraw < 0.85, let context = clients[client].context {
            basis = .context(context)
            history = clients[client].seen
        } else {
            basis = .nothing
            history = EventSet()
        }
        let replica = replicas[target]
        let dot = Dot(actor: replica.actor, counter: replica.counter)
        let event = oracle.record(ResolverOracle.Event(dot: dot, isDelete: isDelete, history: history))
        let content = isDelete ? nil : Content(form: .raw, bytes: ResolverWorld.bytes(of: event))
        let stamp = WriteStamp(dot: dot, wall: clock.wall(of: target), forgotAt: replica.forgotAt)
        var body = try resolver.body(of: VersionWrite(content: content, basis: basis), over: existing, stamp: stamp)
        if isBlind, let held { body = try resolver.merge(held, body) }
        replicas[target].holding.body = body
        replicas[target].holding.given.insert(event)
        send(replicas[target].holding)
        if keepsContext { try remember(body, by: client) }
    }

    private mutating func read(at target: Int) throws {
        let client = schedule.below(clients.count)
        guard let body = replicas[target].holding.body else { return }
        try remember(body, by: client)
    }

    private mutating func remember(_ body: ByteBuffer, by client: Int) throws {
        clients[client].context = try resolver.read(body).context
        clients[client].seen = oracle.closure(of: try shown(body))
    }

    private mutating func deliver(to target: Int) throws {
        let source = schedule.below(replicas.count)
        let isLate = schedule.chance(0.4)
        let pick = schedule.next()
        let message =
            isLate && !messages.isEmpty ? messages[Int(pick % UInt64(messages.count))] : replicas[source].holding
        guard let incoming = message.body else { return }
        if let held = replicas[target].holding.body {
            let merged = try resolver.merge(held, incoming)
            guard try resolver.merge(incoming, held) == merged else {
                throw LawViolation(kind: kind, law: "commutative-merge", finding: "the bytes differ", seed: seed)
            }
            replicas[target].holding.body = merged
        } else {
            replicas[target].holding.body = incoming
        }
        replicas[target].holding.given.formUnion(message.given)
    }

    private mutating func send(_ holding: Holding) {
        messages.append(holding)
        if messages.count > 48 { messages.removeFirst(schedule.below(8) + 1) }
    }

    /// All bodies meet in two orders; the bytes must agree.
    private mutating func converge() throws {
        let holdings = replicas.map(\.holding) + messages
        var results: [ByteBuffer] = []
        var union = Holding()
        for _ in 0..<2 {
            union = Holding()
            for holding in holdings.shuffled(using: &schedule) {
                guard let body = holding.body else { continue }
                union.body = try union.body.map { try resolver.merge($0, body) } ?? body
                union.given.formUnion(holding.given)
            }
            if let body = union.body { results.append(body) }
        }
        guard results.allSatisfy({ $0 == results[0] }) else {
            throw LawViolation(
                kind: kind, law: "convergence", finding: "the same bodies merged to different bytes", seed: seed)
        }
        try compare(union)
    }
}

/// Clocks that tick together and are off by up to a limit, stepping now and then, also backwards.
struct SkewedClocks {
    private var time: Int64 = 1_750_000_000_000_000
    private var offsets: [Int64]
    private let limit: Int
    private var generator: RandomGenerator

    init(nodes: Int, limit: Int, seed: UInt64) {
        offsets = Array(repeating: 0, count: nodes)
        self.limit = limit
        generator = RandomGenerator(seed: seed)
        for node in offsets.indices { step(node) }
    }

    mutating func tick() {
        time += Int64(generator.below(2000))
        if generator.chance(0.1) { step(generator.below(offsets.count)) }
    }

    private mutating func step(_ node: Int) {
        offsets[node] = limit == 0 ? 0 : Int64(generator.below(2 * limit)) - Int64(limit)
    }

    func wall(of node: Int) -> WallTime {
        WallTime(microseconds: time + offsets[node])
    }

    /// Later than every clock.
    var latest: WallTime { WallTime(microseconds: time + Int64(limit)) }
}
