internal import Checking
internal import Composition
internal import ConflictResolution
internal import DequeModule
internal import NIOCore
internal import Partitioning
internal import Replication
internal import Simulation
internal import StatorCore
internal import Sync

/// The ledgers that see inside the store while it runs, and what feeds them: what every store is given and confirms, what
/// clients are told, what nodes answer one another, which sync sessions run.
///
/// Nothing here changes the run: no disk is read past its index, nothing is drawn, scheduled or sent. A class, as machines
/// tell it of their sessions from within their inputs.
///
/// Unchecked: one run is one thread's.
final class RunLedgers: @unchecked Sendable {
    /// An apply that is not confirmed yet.
    struct PendingApply {
        let ticket: UInt64
        let key: Int
        /// Of a hint; `nil` of a record.
        let target: Int?
        let state: Int
    }

    /// What a name in a store stands for.
    struct StoredName {
        let key: Int
        let target: Int?
    }

    /// A state of the cluster that a node held from a time on.
    struct HeldState {
        let state: ClusterState
        let since: Int64
    }

    let file: SimulationFile
    let tap: ResolverTap
    /// Set once the cluster is made; it holds the tapped synchronizers that hold this.
    unowned var cluster: SimulatedCluster!
    /// Reads records past all taps and plants.
    let resolver: any ConflictResolver
    /// Both that a record keeps what is concurrent, and that a version goes only by one that had seen it.
    let isCausal: Bool

    var book: CopyBook
    var acknowledged = AcknowledgedWrites()
    var acknowledgedCopies = AcknowledgedCopies()
    var remaining = RemainingCopies()
    var counting = CountingAnswers()
    var freshness = Freshness()
    var hints = HintAccounts()
    var sessions: SyncSessions
    var indexes = SyncIndexes()

    let shards: Int
    let replicas: Int
    let forgettingDisks: Int
    var nameOfRecord: [Key: StoredName] = [:]
    var nameOfHint: [Key: StoredName] = [:]
    /// By store.
    var pending: [Deque<PendingApply>]
    var lastConfirmed: [Int64]
    /// By node.
    var lives: [Int]
    var resumedAt: [Int64]
    var states: [[HeldState]]

    // Requests.
    var asked: [Int: AskedRequest] = [:]
    var hasSloppyRequests: Bool
    /// The keys that somebody has asked to delete.
    var deletedKeys: Set<Int> = []
    var readsUnderWay: [ReplicaQuestion: (key: Int, isStandIn: Bool)] = [:]

    // Sync.
    var watched: [SessionID: WatchedSession] = [:]
    var closing: [ClosingSession] = []
    /// Sessions of which one end has reported success: that end.
    var succeeded: [SessionID: Int] = [:]
    var settling: [SettlingSession] = []
    var nextPoll: Int64 = 0
    var keysByToken: [Int] = []
    var shadows: [IndexShadow?]
    /// The strategies of the lives that go on, by node and shard.
    var synchronizers: [(any Synchronizer)?]
    let makeSynchronizer: @Sendable (SyncEnvironment) -> any Synchronizer

    /// - Parameter forgettingDisks: how many nodes' disks forget what they confirmed.
    init(_ file: SimulationFile, tap: ResolverTap, forgettingDisks: Int) {
        self.forgettingDisks = forgettingDisks
        self.file = file
        self.tap = tap
        let blueprint = file.configurations[0].blueprint()
        resolver = blueprint.resolver
        makeSynchronizer = blueprint.makeSynchronizer
        isCausal =
            file.resolverGuarantees.contains(ResolverGuarantees.keepsConcurrent)
            && file.resolverGuarantees.contains(ResolverGuarantees.noFalseDominance)
        shards = file.cluster.shards
        replicas = file.replication.replicas
        hasSloppyRequests = file.replication.isSloppy
        sessions = SyncSessions(isCausal: isCausal)
        let names = file.configurations.map(\.nodeID).sorted()
        book = CopyBook(nodes: names)
        let stores = names.count * shards * 2
        pending = [Deque<PendingApply>](repeating: [], count: stores)
        lastConfirmed = [Int64](repeating: 0, count: stores)
        lives = [Int](repeating: 0, count: names.count)
        resumedAt = [Int64](repeating: -1 << 60, count: names.count)
        states = [[HeldState]](repeating: [], count: names.count)
        shadows = [IndexShadow?](repeating: nil, count: names.count * shards)
        synchronizers = [(any Synchronizer)?](repeating: nil, count: names.count * shards)
    }

    var time: Int64 { cluster.time.nanoseconds }

    func place(_ node: Int, _ shard: Int, _ store: StoreName) -> Int {
        (node * shards + shard) * 2 + Int(store.rawValue)
    }

    // MARK: Keys and states

    /// A key's number in the book.
    func number(of key: Key, _ token: Token) -> Int {
        if let known = nameOfRecord[key] { return known.key }
        let number = book.add(key, token)
        nameOfRecord[key] = StoredName(key: number, target: nil)
        return number
    }

    /// What a name in a node's store of hints stands for; `nil` for bytes that are none.
    func hint(_ name: Key, _ token: Token) -> StoredName? {
        if let known = nameOfHint[name] { return known }
        // The target's length, its name, the key.
        var bytes = name.bytes
        guard let length = bytes.readInteger(as: UInt8.self), let text = bytes.readString(length: Int(length)),
            NodeID.isValid(text), let target = cluster.index(of: NodeID(text)), let key = try? Key(bytes)
        else { return nil }
        let found = StoredName(key: number(of: key, token), target: target)
        nameOfHint[name] = found
        return found
    }

    /// The state of a record: read once for each digest.
    func state(of key: Int, _ digest: Digest, _ body: ByteBuffer) -> Int {
        if let known = book.knownState(of: key, digest) { return known }
        let heads: [Int?] =
            (try? resolver.read(body)).map { $0.versions.map { $0.dot.flatMap { tap.event(of: $0) } } } ?? [nil]
        return book.addState(of: key, digest, heads: heads, seen: tap.seen)
    }

    func eventNumber(_ event: Int, of key: Int) -> Int { book.number(of: event, key: key, seen: tap.seen) }

    // MARK: Owners

    func adopted(_ state: ClusterState, by node: Int) {
        states[node].append(HeldState(state: state, since: time))
        if states[node].count > RunLedgers.rememberedStates { states[node].removeFirst() }
    }

    static let rememberedStates = 8

    /// The owners of a token by each state that a node held since a time: of its epoch, and of the next.
    func ownerSets(of token: Token, at node: Int, since begun: Int64) -> [AcknowledgedCopies.OwnerSets] {
        let known = states[node]
        return known.indices.reversed().filter { $0 + 1 >= known.count || known[$0 + 1].since >= begun }
            .map { ownerSets(of: token, in: known[$0].state) }
    }

    private func ownerSets(of token: Token, in state: ClusterState) -> AcknowledgedCopies.OwnerSets {
        [state.placement, state.nextPlacement].compactMap { placement in
            placement?.preferenceList(for: token).replicas.compactMap { cluster.index(of: $0) }
        }
    }

    /// The owners of a token in this epoch, by the state that a node holds.
    func presentOwners(of token: Token, at node: Int) -> [Int] {
        guard let replicas = states[node].last?.state.placement?.preferenceList(for: token).replicas else { return [] }
        return replicas.compactMap { cluster.index(of: $0) }
    }

    /// The owners of a token in this epoch and the next, by the state that a node holds.
    func owners(of token: Token, at node: Int) -> [Int] {
        guard let state = states[node].last?.state else { return [] }
        return ownerSets(of: token, in: state).joined().sorted().reduce(into: []) { owners, owner in
            if owners.last != owner { owners.append(owner) }
        }
    }
}

/// A hint's place: at most one waits in it.
struct HintSlot: Hashable {
    let key: Int
    let holder: Int
    let target: Int
}
