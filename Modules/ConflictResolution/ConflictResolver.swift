public import NIOCore
public import StatorCore

/// Owns causal metadata: how a write with a context becomes a version, how two records merge, what a read returns.
///
/// Laws that the conformance kit checks of every resolver, against an oracle of explicit event sets where the strategy
/// gives the guarantee: merge is idempotent, commutative and associative on encoded bodies (equal results are equal
/// bytes: the encoding is canonical); a write with the context of what it read dominates it; what is concurrent stays.
///
/// A resolver is a value; everything that it knows is in the arguments. Bodies and contexts come from the network and
/// the disk: bytes that do not decode are refused with ``ResolverError``, never trapped on.
public protocol ConflictResolver: Strategy, Sendable {
    /// Which laws hold; see ``ResolverGuarantees``.
    static var guarantees: Set<Guarantee> { get }

    /// - Parameter settings: checked before.
    init(settings: Settings)

    /// Whether the coordinator of a write must hold the key itself (be a replica, or a fallback that stands in), as
    /// it must where versions are made relative to what the coordinator stores.
    var needsReplicaCoordinator: Bool { get }

    /// How far a timestamp that a coordinator issues may be from the clocks of the cluster, where the strategy orders versions
    /// by wall time; `nil` where it looks at none. The coordinator keeps to it with what it hands over as
    /// ``WriteStamp/wall``; a merge never refuses a timestamp.
    var maximumSkew: Duration? { get }

    /// Makes a client's write or delete into a new body, merged with what the coordinator holds.
    ///
    /// Without a context (``WriteBasis/held``) it supersedes exactly what `existing` holds; with a context, what that covers;
    /// with ``WriteBasis/nothing`` it supersedes nothing and leaves a sibling.
    /// - Parameters:
    ///   - existing: the coordinator's canonical body, `nil` where it has none or need not have one.
    ///   - write: what the client wants stored.
    ///   - stamp: a dot never used before and the coordinator's wall clock.
    /// - Returns: the canonical body of the merged record.
    /// - Throws: ``ResolverError`` when `existing` or the context does not decode, or the context is impossible.
    /// - Complexity: O(siblings + actors).
    func body(of write: VersionWrite, over existing: ByteBuffer?, stamp: WriteStamp) throws(ResolverError) -> ByteBuffer

    /// Merges two canonical bodies of the same key.
    ///
    /// Truncation of metadata never happens here.
    /// - Complexity: O(siblings x actors).
    func merge(_ one: ByteBuffer, _ other: ByteBuffer) throws(ResolverError) -> ByteBuffer

    /// What a client sees of a body: the live versions, and the context that covers all of it.
    func read(_ body: ByteBuffer) throws(ResolverError) -> ReadResult

    /// ``body(of:over:stamp:)``, with what the coordinator has to know of the result: what ``read(_:)`` says of it.
    /// A strategy that knows it without decoding its own encoding implements this.
    /// - Parameter wantsContext: whether the client is given the context.
    func make(
        _ write: VersionWrite, over existing: ByteBuffer?, stamp: WriteStamp, wantsContext: Bool
    ) throws(ResolverError) -> MadeBody

    /// The value of a body for a client of single values: what ``read(_:)`` says, without causal metadata.
    func value(of body: ByteBuffer) throws(ResolverError) -> PlainValue

    /// Whether every version of a body is a tombstone: what ``read(_:)`` says of it, for those who need no more.
    func isTombstone(_ body: ByteBuffer) throws(ResolverError) -> Bool
}

extension ConflictResolver {
    public var maximumSkew: Duration? { nil }

    public func isTombstone(_ body: ByteBuffer) throws(ResolverError) -> Bool { try read(body).isTombstone }

    public func value(of body: ByteBuffer) throws(ResolverError) -> PlainValue { PlainValue(try read(body)) }

    public func make(
        _ write: VersionWrite, over existing: ByteBuffer?, stamp: WriteStamp, wantsContext: Bool
    ) throws(ResolverError) -> MadeBody {
        try made(body(of: write, over: existing, stamp: stamp), wantsContext: wantsContext)
    }

    func made(_ body: ByteBuffer, wantsContext: Bool) throws(ResolverError) -> MadeBody {
        let meaning = try read(body)
        return MadeBody(
            body: body, siblings: meaning.versions.count, isTombstone: meaning.isTombstone,
            context: wantsContext ? meaning.context : nil)
    }
}

/// A write made into a body, and what is known of it.
public struct MadeBody: Sendable {
    public let body: ByteBuffer
    /// Versions, tombstones included.
    public let siblings: Int
    public let isTombstone: Bool
    /// Covers all of the body; `nil` where it was not asked for.
    public package(set) var context: ByteBuffer?

    public init(body: ByteBuffer, siblings: Int, isTombstone: Bool, context: ByteBuffer?) {
        self.body = body
        self.siblings = siblings
        self.isTombstone = isTombstone
        self.context = context
    }
}

/// What a body holds for a client of single values.
public enum PlainValue: Hashable, Sendable {
    /// No live version.
    case none
    case one(Content)
    /// Concurrent ones, so many.
    case several(Int)

    init(_ result: ReadResult) {
        let live = result.liveVersions
        if live.count > 1 {
            self = .several(live.count)
        } else if let content = live.first?.content {
            self = .one(content)
        } else {
            self = .none
        }
    }
}

/// What a write supersedes.
public enum WriteBasis: Hashable, Sendable {
    /// Whatever the coordinator holds: a write without context.
    case held
    /// What the client read: the opaque context that a read gave.
    case context(ByteBuffer)
    /// Nothing: the client asks for a sibling.
    case nothing
}

/// The value of one version as clients gave it.
public struct Content: Hashable, Sendable {
    public enum Form: UInt8, Sendable {
        /// Bytes as they are.
        case raw = 0
        /// The UTF-8 text of one JSON value.
        case json = 1
    }

    /// The longest media type kept, in bytes.
    public static let maximumMediaTypeLength = 255

    public let form: Form
    /// The media type that a raw value came with; empty for `application/octet-stream` and for JSON.
    public let mediaType: String
    public let bytes: ByteBuffer

    public init(form: Form, mediaType: String = "", bytes: ByteBuffer) {
        self.form = form
        self.mediaType = mediaType
        self.bytes = bytes
    }
}

/// A client's write: a value, or `nil` for a delete, and what it supersedes.
public struct VersionWrite: Hashable, Sendable {
    public let content: Content?
    public let basis: WriteBasis

    public init(content: Content?, basis: WriteBasis) {
        self.content = content
        self.basis = basis
    }
}

/// What makes a write unique: a dot, and the coordinator's wall clock for resolvers that order by time.
public struct WriteStamp: Hashable, Sendable {
    public let dot: Dot
    /// The coordinator's wall clock, within ``ConflictResolver/maximumSkew`` of the others'.
    public let wall: WallTime
    /// The actor's latest counter when the coordinator last dropped records of the store that it reads `existing` from
    /// (a delivered hint, a range given away): it may no longer hold what it issued for this key up to there. 0 where it
    /// never dropped any.
    public let forgotAt: UInt64

    public init(dot: Dot, wall: WallTime, forgotAt: UInt64 = 0) {
        self.dot = dot
        self.wall = wall
        self.forgotAt = forgotAt
    }
}

/// One version as a read shows it.
public struct Version: Hashable, Sendable {
    /// `nil` for a tombstone.
    public let content: Content?
    /// The event that wrote it, where the strategy keeps it.
    public let dot: Dot?
    /// The wall time that the strategy recorded, where it does.
    public let wall: WallTime?

    public init(content: Content?, dot: Dot?, wall: WallTime?) {
        self.content = content
        self.dot = dot
        self.wall = wall
    }
}

public enum ResolverError: Error, Equatable, CustomStringConvertible {
    /// A stored or received body does not decode.
    case body(CodecError)
    /// A client's context does not decode, or is of another strategy.
    case context(CodecError)
    /// A client's context claims what cannot be.
    case impossibleContext(String)

    public var description: String {
        switch self {
        case .body(let error): "a record's body is corrupt: \(error)"
        case .context(let error): "the context is not one that this cluster gave: \(error)"
        case .impossibleContext(let reason): "the context is not one that this cluster gave: \(reason)"
        }
    }
}

/// The laws of resolvers. Idempotence, commutativity and associativity of merge, canonical bytes and the refusal of
/// hostile bytes hold for all of them and are not listed.
public enum ResolverGuarantees {
    public static let keepsConcurrent = Guarantee(
        "keeps-concurrent", "Of two writes of which neither saw the other, none is lost.")
    public static let noFalseConcurrency = Guarantee(
        "no-false-concurrency", "A version is kept beside another only where neither write saw the other.")
    public static let noFalseDominance = Guarantee(
        "no-false-dominance", "A version disappears only by a write that saw it.")
    public static let clockIndependent = Guarantee(
        "clock-independent", "Skewed or stepping wall clocks never change which version survives.")
    public static let contextWins = Guarantee(
        "context-wins", "A write with the context of what it read supersedes it, whatever the clocks say.")
    public static let singleValue = Guarantee("single-value", "A read returns at most one version.")
}
