internal import ConflictResolution
internal import DequeModule
internal import Partitioning
internal import StatorCore
internal import Sync

/// What all parts of a shard share, passed along with every call: the time, the cluster as this shard knows it, what goes
/// out, and what is counted. Work under way is no part of it: each part keeps its own.
struct ShardContext {
    let blueprint: NodeBlueprint
    let settings: ReplicationSettings
    let node: NodeID
    let shard: Int
    let shardRange: TokenRange
    /// Who issues dots now: of incarnation 0 before the first grant.
    private(set) var actor: Actor
    let resolver: any ConflictResolver
    /// What binds contexts to this cluster and their keys.
    let contextSeal: ContextSeal
    /// The largest record that a client's write may leave, and that a merge may.
    let clientRecordBytes: Int
    var maximumRecordBody = Limits.maximumRecordBody
    /// How far a timestamp may be from the others' clocks, where the resolver orders by wall time.
    let maximumSkew: Duration?

    var now = Now(monotonic: Instant(nanoseconds: 0), wall: WallTime(microseconds: 0))
    var outbox = Outbox<ShardEffect>()
    var random: RandomGenerator
    var counters = ShardCounters()
    private(set) var probes = ReachCounts()
    var deadlines = DeadlineQueue<Deadline>()
    private var nextNumber: UInt64

    /// The last dot's counter: strictly rising across all keys.
    private(set) var dotsIssued: UInt64 = 0
    /// The last counter that may be issued.
    private(set) var dotsEnd: UInt64 = 0
    /// Of dots up to this one the record store may have forgotten some: ranges were dropped or gained, records were
    /// found corrupt, or an earlier life did not make them durable.
    private(set) var recordsForgotAt: UInt64 = 0
    /// The same of the lease that a start goes on with, as the folder has it.
    private let forgotBefore: UInt64
    /// Whether this life has forgotten anything, and whether the folder was told.
    private var hasForgotten = false
    private var hasReportedForgotten = false
    /// Whether more counters were asked for: at half of the lease, and at its reserve.
    private var hasAskedAtHalf = false
    private var hasAskedAtReserve = false

    // The cluster as this shard knows it.
    private(set) var cluster: ClusterState?
    private var earlierStates = Deque<ClusterState>()
    var peers = PeerTable()
    var clocks = PeerClocks()
    /// When it was last logged that this node's clock is off.
    var clockLoggedAt: Instant?

    /// True until the indexes are rebuilt from storage; until then nothing is served.
    var isStarting = true
    var isStopping = false
    /// Why the record store is broken for good, and with it this shard.
    var storageFailure: String?
    /// Why the hint store is: no hints are kept then.
    var hintFailure: String?
    /// See `ShardContext+Storing.swift`.
    var recordsRetry = RetryBackoff()
    var hintsRetry = RetryBackoff()
    var refusalReason = ""
    /// No more hints are kept, for want of room: said once.
    var areHintsFull = false

    /// This shard's stores may hold less than they have acknowledged; see ``RangeStreams/doubt``.
    var isInDoubt: Bool
    /// Owned ranges that are not recovered yet. The range streams say which; who answers for a key asks.
    var recovering = RecoveringRanges()
    /// The epoch of which it was reported that all that this node gains after it is here.
    var streamedEpoch: Epoch?
    /// The epoch in which all that this node owns was shown to those who own it once it has left.
    var handedOverEpoch: Epoch? {
        didSet { hasHandedOver = true }
    }
    /// That has changed since this was last looked at.
    var hasHandedOver = false
    /// How many hints wait here: a node that leaves hands them over first.
    var hintsKept = 0
    /// A hint has ended since this was last looked at: what waited for the last one may be complete.
    var hasHintEnded = false

    /// Changes of records that the sync index is still to learn of.
    var changes: [RecordChange] = []
    var repairs = RepairTimes()

    /// - Parameters:
    ///   - identity: durable before this shard handles an event.
    ///   - random: this shard's own generator.
    init(blueprint: NodeBlueprint, shard: Int, identity: NodeIdentity, random: RandomGenerator) {
        self.blueprint = blueprint
        settings = blueprint.replication
        node = blueprint.member.node
        self.shard = shard
        shardRange = TokenRange.ofShard(shard, count: blueprint.shards)
        actor = Actor(node: node, shard: UInt16(shard), incarnation: 0)
        resolver = blueprint.resolver
        contextSeal = ContextSeal(cluster: blueprint.cluster)
        maximumSkew = resolver.maximumSkew
        clientRecordBytes = blueprint.replication.clientRecordBytes
        forgotBefore = identity.forgotAt[shard]
        isInDoubt = identity.doubts[shard] != nil
        self.random = random
        nextNumber = self.random.next()
    }

    /// Notes that a named branch was reached.
    mutating func reach(_ probe: ReachProbe) { probes.note(probe) }

    mutating func newRequestID() -> RequestID {
        nextNumber &+= 1
        return RequestID(nextNumber)
    }

    mutating func send(_ message: ShardMessage, to peer: NodeID) {
        outbox.append(.send(to: peer, message))
    }

    mutating func setTimer(_ timer: ShardTimer, after duration: Duration) {
        outbox.append(.setTimer(timer, after: duration))
    }

    mutating func setJitteredTimer(_ timer: ShardTimer, after duration: Duration, spread: Double = 0.1) {
        setTimer(timer, after: random.jittered(duration, spread: spread))
    }

    mutating func respond(_ response: ClientResponse, to origin: RequestOrigin) {
        switch origin {
        case .client(let ticket): outbox.append(.respond(ticket, response))
        case .peer(let peer, let id): send(.forwardReply(id, response), to: peer)
        }
    }

    /// The next dot, with what the resolver wants to know of its time.
    /// - Parameter isOwner: whether it goes into this node's own record of the key. A stand-in's dots of a key are spread
    ///   over hints that come and go: it claims to remember none of them.
    /// - Returns: `nil` where the lease has no counters left.
    mutating func newStamp(isOwner: Bool) -> WriteStamp? {
        guard dotsIssued < dotsEnd else { return nil }
        dotsIssued += 1
        if dotsEnd - dotsIssued <= DotLease.length / 2 { askForDots() }
        let forgotAt = isOwner ? recordsForgotAt : dotsIssued - 1
        return WriteStamp(dot: Dot(actor: actor, counter: dotsIssued), wall: issuedWall(), forgotAt: forgotAt)
    }

    /// Whether new writes may be begun: there are counters for them.
    var mayIssueDots: Bool { dotsEnd - dotsIssued > DotLease.waitReserve }

    private mutating func askForDots() {
        let isShort = dotsEnd - dotsIssued <= DotLease.reserve
        guard isShort ? !hasAskedAtReserve : !hasAskedAtHalf else { return }
        hasAskedAtHalf = true
        hasAskedAtReserve = isShort
        outbox.append(.dotsIssued(dotsIssued, incarnation: actor.incarnation))
    }

    /// Dots may be issued under this lease: the present one made longer, or another incarnation.
    mutating func take(_ grant: DotGrant) {
        hasAskedAtHalf = false
        hasAskedAtReserve = false
        hasReportedForgotten = false
        guard grant.lease.incarnation != actor.incarnation else {
            dotsEnd = max(dotsEnd, grant.lease.end)
            return
        }
        actor = Actor(node: node, shard: UInt16(shard), incarnation: grant.lease.incarnation)
        dotsIssued = grant.above
        dotsEnd = grant.lease.end
        recordsForgotAt = hasForgotten ? grant.above : min(forgotBefore, grant.above)
    }

    /// The record store may have lost dots that this shard has issued up to now.
    mutating func noteForgotten() {
        recordsForgotAt = dotsIssued
        hasForgotten = true
        guard !hasReportedForgotten else { return }
        hasReportedForgotten = true
        outbox.append(.dotsForgotten)
    }

    /// - Returns: whether the state is a later one than the present.
    mutating func adopt(_ state: ClusterState) -> Bool {
        if let known = cluster {
            guard state.epoch > known.epoch else { return false }
            earlierStates.append(known)
            if earlierStates.count > ReplicationLimits.rememberedStates { earlierStates.removeFirst() }
        }
        cluster = state
        peers.mindsLiveness = isMember
        // The folder knows: a view is durable there before it is adopted.
        recordsForgotAt = dotsIssued
        hasForgotten = true
        return true
    }

    /// The first state of all.
    mutating func begin(with state: ClusterState) {
        cluster = state
        peers.mindsLiveness = isMember
    }

    /// Whether the owners of a token are the same now as they were in `epoch`, as far as this node remembers.
    func ownersChanged(of token: Token, since epoch: Epoch) -> Bool {
        // Nearly every request comes under the present epoch.
        guard epoch < self.epoch, let cluster else { return false }
        guard let then = earlierStates.first(where: { $0.epoch == epoch }) else { return true }
        return owners(of: token, in: then) != owners(of: token, in: cluster)
    }

    private func owners(of token: Token, in state: ClusterState) -> [[NodeID]] {
        [state.placement, state.nextPlacement].compactMap { placement in
            placement.map { Array($0.preferenceList(for: token).replicas).sorted() }
        }
    }
}

/// What time-outs look after.
enum Deadline {
    /// A forwarded request, or an `explain`, is given up.
    case request(RequestID)
    case delivery(RequestID)
    case session(SessionID)
    case stream(StreamID)
    case handOver(RequestID)
}

/// Who waits for a request's outcome.
enum RequestOrigin {
    case client(ClientTicket)
    case peer(NodeID, RequestID)
}
