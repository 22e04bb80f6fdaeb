internal import ConflictResolution
internal import DequeModule
internal import Partitioning
package import StatorCore
internal import Storage
internal import Sync

/// One shard of a node: coordinates client requests for its share of the tokens, holds replicas and hints, repairs,
/// and streams ranges when they move. A deterministic state machine without I/O: events in, effects out.
///
/// The parts, each in files of its own: tasks on keys (`ShardMachine+Tasks`), writes and reads as coordinator, the
/// replica's side, hints, sync sessions, streams of ranges. They share this object's state and nothing else.
package struct ShardMachine {
    let blueprint: NodeBlueprint
    let settings: ReplicationSettings
    let node: NodeID
    let shard: Int
    let shardRange: TokenRange
    let actor: Actor
    /// Who issues this life's dots.
    package var issuingActor: Actor { actor }
    let resolver: any ConflictResolver
    let synchronizer: any Synchronizer

    var now = Now(monotonic: Instant(nanoseconds: 0), wall: WallTime(microseconds: 0))
    var outbox = Outbox<ShardEffect>()
    var random: RandomGenerator
    /// When the tick fires that is set, if one is.
    private var tickDue: Instant?

    /// The last dot's counter: strictly rising across all keys.
    package internal(set) var dotsIssued: UInt64
    /// Of dots up to this one the record store may have forgotten some: ranges were dropped or gained, records were
    /// found corrupt, or it is an earlier life's.
    var recordsForgotAt: UInt64
    private var nextNumber: UInt64

    // The cluster as this shard knows it.
    var cluster: ClusterState?
    var earlierStates = Deque<ClusterState>()
    var peers = PeerTable()

    /// True until the indexes are rebuilt from storage; until then nothing is served.
    var isStarting = true
    var isStopping = false
    var storageFailure: String?

    /// The stores, where they are in memory.
    let resident: (any ResidentStorage)?
    /// Records of late, where the stores are not in memory. Its loads and writes all go by tasks on keys, which see to it
    /// that nobody looks here for a key that is being written.
    let recent: RecordCache?

    // Work on keys.
    var busyKeys = BusyKeys()
    /// Keys whose next task is to begin, once the present one has.
    var released: [StoreKey] = []
    var isReleasing = false
    var pendingStorage = NumberTable<StorageTicket, PendingStorage>()
    var gathers = NumberTable<GatherID, Gather>()
    var batches: [BatchID: PushedBatch] = [:]
    var changes: [RecordChange] = []
    var queuedTasks = 0

    // Requests that this shard coordinates, forwards or relays.
    var deadlines = DeadlineQueue<Deadline>()
    /// When the reads and writes under way are looked over.
    var sweepDue: Instant?
    var writes = NumberTable<RequestID, WriteOperation>()
    var reads = NumberTable<RequestID, ReadOperation>()
    /// Ended operations, whose storage the next ones use; those that ended during this event become so at its end.
    var spareWrites: [WriteOperation] = []
    var spareReads: [ReadOperation] = []
    /// Reads that may still ask one owner more than they need.
    var hedgeBudget = 0.0
    var endedWrites: [WriteOperation] = []
    var endedReads: [ReadOperation] = []
    var forwards = NumberTable<RequestID, ForwardedRequest>()
    var explains = NumberTable<RequestID, ExplainOperation>()

    // Hints.
    var hintBook = HintBook()
    var deliveries = NumberTable<RequestID, HintDelivery>()
    var deliveriesByTarget: [NodeID: Int] = [:]
    var deliveryKeys: Set<DeliveryKey> = []
    var isDelivering = false

    /// Keys whose corrupt records are being replaced by what the other owners hold.
    var healing: Set<StoreKey> = []

    // Sync and streams.
    var sessions: [SessionID: SessionState] = [:]
    var sessionQueue = Deque<PlannedSession>()
    /// How many sessions the present round was planned with, those that an earlier one left included.
    var roundSessions = 0
    var exchanges: [RequestID: SessionID] = [:]
    var summaries = Deque<SessionSummary>()
    var respondingSessions = 0
    var streams: [StreamState] = []
    var streamsUnderWay = 0
    var streamRequests: [RequestID: StreamID] = [:]
    /// Owned ranges that are not recovered yet, in token order.
    var recovering: [TokenRange] = []
    var hasLostDisk: Bool
    var hasPlannedRecovery = false
    var streamedEpoch: Epoch?

    var repairTimes: [Key: WallTime] = [:]
    var repairOrder = Deque<Key>()
    var dropRanges: [TokenRange] = []
    package internal(set) var counters = ShardCounters()

    /// - Parameters:
    ///   - identity: durable before this machine handles an event.
    ///   - random: this shard's own generator.
    ///   - resident: the stores where they are in memory; otherwise they are reached by effects.
    package init(
        blueprint: NodeBlueprint, shard: Int, identity: NodeIdentity, random: RandomGenerator,
        resident: (any ResidentStorage)? = nil
    ) {
        self.resident = resident
        let cache = ByteCount(blueprint.recordCache.bytes / max(blueprint.shards, 1))
        recent = resident == nil && cache.bytes > 0 ? RecordCache(limit: cache) : nil
        self.blueprint = blueprint
        settings = blueprint.replication
        node = blueprint.member.node
        self.shard = shard
        shardRange = TokenRange.ofShard(shard, count: blueprint.shards)
        actor = Actor(node: node, shard: UInt16(shard), incarnation: identity.incarnation)
        resolver = blueprint.resolver
        synchronizer = blueprint.makeSynchronizer(SyncEnvironment(node: node, range: shardRange))
        dotsIssued = identity.dotsIssued[shard]
        recordsForgotAt = dotsIssued
        hasLostDisk = identity.isRecovering[shard]
        self.random = random
        nextNumber = self.random.next()
    }

    /// Takes one event and appends what follows from it.
    package mutating func handle(_ event: consuming ShardEvent, now: Now, outbox: inout Outbox<ShardEffect>) {
        self.now = now
        swap(&self.outbox, &outbox)
        defer { swap(&self.outbox, &outbox) }
        switch consume event {
        case .started(let state): start(state)
        case .clusterChanged(let state): adopt(state)
        case .livenessChanged(let node, let state): noteLiveness(node, state)
        case .linkChanged(let node, let isUp): noteLink(node, isUp: isUp)
        case .client(let ticket, let request): begin(request, from: .client(ticket))
        case .message(let sender, let message): receive(message, from: sender)
        case .timer(let timer): fire(timer)
        case .storage(let ticket, let result): complete(ticket, result)
        case .syncNow: beginRound(withEveryone: true)
        case .stopping: isStopping = true
        }
        if changes.count >= ReplicationLimits.changesPerFlush { flushChanges() }
        setTick()
        if !endedWrites.isEmpty || !endedReads.isEmpty { keepEnded() }
    }

    /// Nothing of clients is under way, and no write waits for its durability: a stopping node may end.
    package var isIdle: Bool {
        writes.isEmpty && reads.isEmpty && forwards.isEmpty && explains.isEmpty && busyKeys.isEmpty
    }

    private mutating func receive(_ message: consuming ShardMessage, from sender: NodeID) {
        switch consume message {
        case .forward(let id, let request): begin(request, from: .peer(sender, id))
        case .forwardReply(let id, let response): finishForward(id, response, from: sender)
        case .write(let write): receiveWrite(write, from: sender)
        case .writeReply(let id, let outcome): receiveWriteReply(id, outcome, from: sender)
        case .read(let read): receiveRead(read, from: sender)
        case .readReply(let id, let outcome): receiveReadReply(id, outcome, from: sender)
        case .explain(let id, let token, let key): receiveExplain(id, token, key, from: sender)
        case .explainReply(let id, let explanation): receiveExplainReply(id, explanation, from: sender)
        case .sync(let payload): receiveSync(payload, from: sender)
        case .syncPush(let session, let id, let records): receivePush(session, id, records, from: sender)
        case .syncMerged(let session, let id, let records): receiveExchanged(session, id, records, from: sender)
        case .syncPull(let session, let id, let keys): receivePull(session, id, keys, from: sender)
        case .syncPulled(let session, let id, let records): receiveExchanged(session, id, records, from: sender)
        case .syncRefused(let session, let reason): failSession(session, reason, from: sender)
        case .transfer(let request): receiveTransfer(request, from: sender)
        case .transferPage(let id, let page): receivePage(id, page, from: sender)
        }
    }

    private mutating func fire(_ timer: ShardTimer) {
        switch timer {
        case .tick:
            tickDue = nil
            sweepOperations()
            while let deadline = deadlines.popDue(at: now.monotonic) { pass(deadline) }
        case .hintDelivery:
            deliverHints()
            setTimer(.hintDelivery, after: random.jittered(blueprint.hints.deliveryInterval))
        case .antiEntropy:
            if blueprint.antiEntropy.isPeriodic { beginRound(withEveryone: false) }
            setTimer(.antiEntropy, after: random.jittered(blueprint.antiEntropy.interval))
        case .transfer: advanceStreams()
        case .dropUnowned: beginDropping()
        }
    }

    mutating func pass(_ deadline: Deadline) {
        switch deadline {
        case .request(let id): passRequestDeadline(id)
        case .replica(let id): passReplicaDeadline(id)
        case .hedge(let id): passHedgeDeadline(id)
        case .delivery(let id): endDelivery(id, isDone: false)
        case .session(let session): passSessionDeadline(session)
        case .stream(let id): passStreamDeadline(id)
        }
    }

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

    private mutating func setTick() {
        guard let due = deadlines.nextDue.map({ due in sweepDue.map { min($0, due) } ?? due }) ?? sweepDue else {
            return
        }
        let next = max(due, now.monotonic.advanced(by: ReplicationLimits.tick))
        if let tickDue, tickDue <= next { return }
        tickDue = next
        setTimer(.tick, after: next.elapsed(since: now.monotonic))
    }
}

/// What time-outs look after.
enum Deadline {
    /// A request is given up.
    case request(RequestID)
    /// Replicas of a request that are still silent are stood in for.
    case replica(RequestID)
    /// A read that still waits asks one owner more.
    case hedge(RequestID)
    case delivery(RequestID)
    case session(SessionID)
    case stream(StreamID)
}

/// Who waits for a request's outcome.
enum RequestOrigin {
    case client(ClientTicket)
    case peer(NodeID, RequestID)
}
