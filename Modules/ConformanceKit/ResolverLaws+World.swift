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
        var steps = 60
        /// The farthest that a clock is off, in microseconds.
        var skew = 0
        /// How often per step a node starts with a new incarnation, in 0 ... 1.
        var restarts = 0.02
        /// How often per step a node drops its record but goes on as the same actor, in 0 ... 1.
        var losses = 0.0

        static let all = [
            Profile(name: "calm"),
            Profile(name: "skewed clocks", skew: 5_000_000),
            Profile(name: "churning nodes", replicas: 5, steps: 100, skew: 5_000_000, restarts: 0.15),
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
        /// The events that the body shows.
        var shown: [Int] = []
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
        defer { trace.append(replicas[target].holding.shown) }
        if action < 0.5 {
            try write(at: target)
        } else if action < 0.65 {
            try read(at: target)
        } else {
            try deliver(to: target)
        }
    }

    /// Puts a new body in place of a replica's, and holds it against the oracle.
    private mutating func keep(_ body: ByteBuffer, given: EventSet, at target: Int) throws {
        let isUnchanged = replicas[target].holding.body == body && replicas[target].holding.given == given
        if isUnchanged { return }
        let shown = try shown(body)
        if let stranger = shown.first(where: { !given.contains($0) }) {
            throw LawViolation(
                kind: kind, law: "invents-nothing", finding: "write \(stranger) shows where it never arrived",
                seed: seed)
        }
        replicas[target].holding = Holding(body: body, given: given, shown: shown)
        compare(replicas[target].holding)
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
            history = isBlind ? EventSet() : oracle.closure(of: replicas[target].holding.shown)
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
        var given = replicas[target].holding.given
        given.insert(event)
        try keep(body, given: given, at: target)
        send(replicas[target].holding)
        if keepsContext { try remember(replicas[target].holding, by: client) }
    }

    private mutating func read(at target: Int) throws {
        let client = schedule.below(clients.count)
        try remember(replicas[target].holding, by: client)
    }

    private mutating func remember(_ holding: Holding, by client: Int) throws {
        guard let body = holding.body else { return }
        clients[client].context = try resolver.read(body).context
        clients[client].seen = oracle.closure(of: holding.shown)
    }

    private mutating func deliver(to target: Int) throws {
        let source = schedule.below(replicas.count)
        let isLate = schedule.chance(0.4)
        let pick = schedule.next()
        let message =
            isLate && !messages.isEmpty ? messages[Int(pick % UInt64(messages.count))] : replicas[source].holding
        guard let incoming = message.body else { return }
        var merged = incoming
        if let held = replicas[target].holding.body {
            merged = try resolver.merge(held, incoming)
            guard try resolver.merge(incoming, held) == merged else {
                throw LawViolation(kind: kind, law: "commutative-merge", finding: "the bytes differ", seed: seed)
            }
        }
        var given = replicas[target].holding.given
        given.formUnion(message.given)
        try keep(merged, given: given, at: target)
    }

    private mutating func send(_ holding: Holding) {
        messages.append(holding)
        if messages.count > 32 { messages.removeFirst(schedule.below(8) + 1) }
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
        if let body = union.body {
            union.shown = try shown(body)
            compare(union)
        }
    }
}
