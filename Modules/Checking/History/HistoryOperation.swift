/// One operation of one client: what was asked, what was answered, when.
///
/// Everything that a checker knows of a store. Two recorders make them: the simulator, which also knows which events a
/// write superseded (``saw``) and which events an answer rests on (``shows``); and clients of a real cluster, which
/// leave both out and let ``IndexedHistory`` derive them from the contexts.
package struct HistoryOperation: Hashable, Sendable {
    package enum Kind: String, Sendable {
        case read, write, delete
    }

    /// What a write or a delete supersedes.
    package enum Basis: String, Sendable {
        /// What the context that it presents covers.
        case context
        /// Whatever the coordinator held: a write without a context.
        case held
        /// Nothing: the client asked for a sibling.
        case none
    }

    package enum Outcome: String, Sendable {
        case ok
        /// Certainly without effect.
        case failed
        /// May or may not have taken effect, now or later: a time-out, an unmet quorum of a write, a lost coordinator.
        case unknown
    }

    /// What a write or a delete made depend on the state of its key.
    package enum Condition: String, Sendable {
        /// Only over what the presented context covers: `If-Match`.
        case match
        /// Only where nothing is there: `If-None-Match: *`.
        case absent
    }

    /// Unique in the history.
    package var id: Int
    /// The session that the operation belongs to.
    package var client: Int
    package var kind: Kind
    package var key: String
    /// What a write stored: unique among the writes to its key, so that a read tells who wrote what it shows.
    package var value: String?
    /// The live siblings that a read showed, in the order of the answer; empty where nothing was found.
    package var values: [String]
    /// Of writes and deletes.
    package var basis: Basis
    /// The context that a write or a delete presented.
    package var context: String?
    /// The context that the answer carried.
    package var resultContext: String?
    /// Writes and deletes: the ids of the writes and deletes to this key that it superseded, directly or not, where
    /// the recorder knows them exactly (empty for one that never took effect); `nil` where they are to be derived.
    package var saw: [Int]?
    /// Reads: the ids of the writes and deletes (tombstones) behind the answer, where known; `nil` where they are to
    /// be derived from the values.
    package var shows: [Int]?
    /// Nanoseconds on one clock for the whole history.
    package var start: Int64
    /// When the answer came, or the client gave up.
    package var end: Int64
    package var outcome: Outcome
    /// What the client was told went wrong.
    package var error: String?
    /// Who was asked.
    package var node: String?
    /// How many replicas had to answer a read, or the read by which a condition was checked; of the request, or the
    /// cluster's default.
    package var readQuorum: Int?
    /// How many replicas had to store a write or a delete; as ``readQuorum``.
    package var writeQuorum: Int?
    /// Whether others than the owners could stand in; `nil` where the recorder does not know.
    package var isSloppy: Bool?
    /// Of writes and deletes.
    package var condition: Condition?
    /// How long the request allowed the store to take, in nanoseconds; `nil` for the cluster's default.
    package var timeout: Int64?
    /// Who carried a write out, where the answer says so, and in which of its lives: nodes begin one with every start.
    package var coordinator: String?
    package var coordinatorLife: Int?
    /// A read of all replicas, after the faults ended and the cluster settled.
    package var isFinal: Bool

    package init(
        id: Int, client: Int, kind: Kind, key: String, value: String? = nil, values: [String] = [],
        basis: Basis = .held, context: String? = nil, resultContext: String? = nil, saw: [Int]? = nil,
        shows: [Int]? = nil, start: Int64, end: Int64, outcome: Outcome = .ok, error: String? = nil,
        node: String? = nil, readQuorum: Int? = nil, writeQuorum: Int? = nil, isSloppy: Bool? = nil,
        condition: Condition? = nil, timeout: Int64? = nil, coordinator: String? = nil, coordinatorLife: Int? = nil,
        isFinal: Bool = false
    ) {
        self.id = id
        self.client = client
        self.kind = kind
        self.key = key
        self.value = value
        self.values = values
        self.basis = basis
        self.context = context
        self.resultContext = resultContext
        self.saw = saw
        self.shows = shows
        self.start = start
        self.end = end
        self.outcome = outcome
        self.error = error
        self.node = node
        self.readQuorum = readQuorum
        self.writeQuorum = writeQuorum
        self.isSloppy = isSloppy
        self.condition = condition
        self.timeout = timeout
        self.coordinator = coordinator
        self.coordinatorLife = coordinatorLife
        self.isFinal = isFinal
    }
}
