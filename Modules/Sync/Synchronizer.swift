public import NIOCore
public import StatorCore

/// Anti-entropy: finds out, in a session between two replicas, which keys of a token range differ, and has their
/// records exchanged.
///
/// A strategy is a deterministic state machine like every other: events in, effects out. It keeps an index of this
/// node's records (owned ones only, never hints), derived from ``recordsChanged(_:)`` and rebuilt at start by the same
/// calls. It never reads storage: it asks with ``SyncEffect/list(_:_:_:after:limit:)``.
///
/// Sessions are correct while writes go on: what it compares is a moment's picture, what it exchanges are whole
/// records that the receiver merges, so a stale comparison costs bytes and never data. A session whose peer falls
/// silent is abandoned by the node after an idle time-out; pacing, byte budgets and choice of peers are the node's.
public protocol Synchronizer: Strategy, AnyObject {
    /// Which laws hold; see ``SyncGuarantees``.
    static var guarantees: Set<Guarantee> { get }

    init(settings: Settings, environment: SyncEnvironment)

    /// Keeps the index current: called with every batch of applied writes and drops, in the order of their application,
    /// and at start with every record that storage holds.
    /// - Complexity: O(1) amortised a change.
    func recordsChanged(_ changes: [RecordChange])

    /// Takes one event.
    func handle(_ event: SyncEvent, outbox: inout Outbox<SyncEffect>)

    /// Sessions that it keeps a state of, asked and answered. None is left once its session has ended or was abandoned.
    var sessionsUnderWay: Int { get }

    /// For `/merkle`: what the index holds, by name.
    var indexStatistics: [SyncStatistic] { get }
}

/// What a sync strategy may use of the world.
public struct SyncEnvironment: Sendable {
    public let node: NodeID
    /// The part of the token space whose records this index sees: the shard's.
    public let range: TokenRange

    public init(node: NodeID, range: TokenRange) {
        self.node = node
        self.range = range
    }
}

public enum SyncLimits {
    /// The largest message that a strategy may send, in bytes.
    public static let maximumMessage = 256 << 10
    /// The most records that one `list` effect may ask for.
    public static let maximumListing = 1024
    /// The most keys in one `push` or `pull` effect.
    public static let maximumKeys = 256
}

/// One exchange, named by its initiator: unique among all sessions of all nodes.
public struct SessionID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let initiator: NodeID
    public let number: UInt64

    public init(initiator: NodeID, number: UInt64) {
        self.initiator = initiator
        self.number = number
    }

    public static func < (left: SessionID, right: SessionID) -> Bool {
        left.initiator != right.initiator ? left.initiator < right.initiator : left.number < right.number
    }

    public var description: String { "\(initiator)#\(number)" }
}

/// A key's digest changed in this node's storage; `nil` stands for no record.
public struct RecordChange: Hashable, Sendable {
    public let token: Token
    public let key: Key
    public let old: Digest?
    public let new: Digest?

    public init(token: Token, key: Key, old: Digest?, new: Digest?) {
        self.token = token
        self.key = key
        self.old = old
        self.new = new
    }
}

/// A key as sessions name it.
public struct KeyReference: Hashable, Sendable {
    public let token: Token
    public let key: Key

    public init(token: Token, key: Key) {
        self.token = token
        self.key = key
    }
}

public enum SyncEvent: Sendable {
    /// This node initiates a session with `peer` over `range`, which both own.
    case start(SessionID, peer: NodeID, range: TokenRange)
    /// Bytes that the same strategy at the other end sent. For the session's first message at the responder the node
    /// has checked that it owns `range`; the strategy makes the session's state then.
    case message(SessionID, from: NodeID, range: TokenRange, bytes: ByteBuffer)
    /// The answer to a `list` effect, in (token, key) order; `next` is where to go on, `nil` at the range's end.
    case listed(SessionID, ListingID, entries: [RecordMetadata], next: ScanCursor?)
    /// The session's peer is gone or silent: forget its state, no further effect is carried out.
    case abandoned(SessionID)
}

/// Which listing an answer belongs to; the strategy chooses the numbers within a session.
public struct ListingID: Hashable, Sendable {
    public let number: UInt32
    public init(_ number: UInt32) { self.number = number }
}

public enum SyncEffect: Sendable {
    case send(SessionID, to: NodeID, bytes: ByteBuffer)
    /// Read metadata of this node's records in a range, after a cursor, at most `limit` of them.
    case list(SessionID, ListingID, TokenRange, after: ScanCursor?, limit: Int)
    /// Load these records and send them to the other end, which merges them and answers with its own merged record
    /// wherever that differs: after it both ends hold the same.
    case push(SessionID, to: NodeID, [KeyReference])
    /// Ask the other end for its records of these keys, and merge them here.
    case pull(SessionID, from: NodeID, [KeyReference])
    /// Nothing is left to compare on this side; pushes and pulls may still be under way. Emitted once at each end.
    case finished(SessionID, SessionReport)
}

/// What a session did, as one end saw it.
public struct SessionReport: Hashable, Sendable {
    /// Index entries (leaves, digests) compared.
    public var comparisons: Int
    /// Smallest units of the index found different (a Merkle leaf; for a full scan the differing pages).
    public var dirtyLeaves: Int
    /// Keys listed to find the differing ones.
    public var keysListed: Int
    /// Keys found different.
    public var keysDiffering: Int

    public init(comparisons: Int = 0, dirtyLeaves: Int = 0, keysListed: Int = 0, keysDiffering: Int = 0) {
        self.comparisons = comparisons
        self.dirtyLeaves = dirtyLeaves
        self.keysListed = keysListed
        self.keysDiffering = keysDiffering
    }
}

public struct SyncStatistic: Hashable, Sendable {
    public let name: String
    public let value: Double

    public init(_ name: String, _ value: Double) {
        self.name = name
        self.value = value
    }
}

/// The laws of sync strategies. That two replicas end equal while writes go on, and that hostile bytes are refused,
/// hold for all of them and are not listed.
public enum SyncGuarantees {
    public static let proportionalCost = Guarantee(
        "proportional-cost",
        "The keys listed and sent grow with the keys that differ, not with the keys that are stored.")
    public static let quietWhenEqual = Guarantee(
        "quiet-when-equal", "A session between equal replicas exchanges at most 4 KiB and lists no key.")
}
