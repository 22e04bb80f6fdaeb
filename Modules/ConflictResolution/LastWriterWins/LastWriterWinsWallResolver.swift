public import NIOCore
public import StatorCore

/// Last writer wins by the coordinators' wall clocks, as Cassandra does it: the latest timestamp is the value.
///
/// There is no paper to follow; the rule goes back to Johnson and Thomas, "The maintenance of duplicate databases",
/// RFC 677 (1975), whose pair of time and site is ``WriteOrder`` (with a counter, for writes within one microsecond).
///
/// ## Hazards
///
/// 1. Of concurrent writes one stays; the others are lost though acknowledged.
/// 2. A coordinator whose clock is behind loses to older values, even to the one that its client read and replaced. The
///    write is acknowledged and never seen. A clock that ran ahead once keeps winning until all others have caught up; how
///    far ahead is bounded by ``ClockSettings/maximumSkew``, and no write ends it before: that is what wall time means.
/// 3. A delete is a version like any other: a value stamped by a fast clock survives a later delete.
///
/// ## Deviations
///
/// 1. The actor and its counter break ties, where Cassandra takes the greater value: the outcome does not depend on
///    contents, and equal timestamps of one actor keep their order.
/// 2. Timestamps are the coordinator's, not the client's.
///
/// A context is checked and otherwise ignored.
///
/// ## Cost
///
/// Metadata: about 25 bytes and a node's name per key. Merge: O(1), without copying.
///
/// Choose it as the baseline to measure the others against.
public struct LastWriterWinsWallResolver: ConflictResolver {
    public typealias Settings = ClockSettings

    public static let kind = "lww-wall"
    public static let summary =
        "Last writer wins by wall clock: one value per key, and clock skew loses writes. A baseline for measurements."
    public static let guarantees: Set<Guarantee> = [
        ResolverGuarantees.noFalseConcurrency, ResolverGuarantees.singleValue,
    ]

    private let rule = LastWriterWins(tag: .lastWriterWinsWall)

    private let skew: Duration

    public init(settings: Settings) {
        skew = settings.maximumSkew
    }

    public var needsReplicaCoordinator: Bool { false }

    public var maximumSkew: Duration? { skew }

    public func body(
        of write: VersionWrite, over existing: ByteBuffer?, stamp: WriteStamp
    ) throws(ResolverError) -> ByteBuffer {
        let held = try existing.map(rule.decode)
        let seen = try rule.seen(by: write.basis)
        try rule.refuseFuture(held: held, seen: seen, dot: stamp.dot)
        let order = WriteOrder(timestamp: stamp.wall.microseconds, dot: stamp.dot)
        return try rule.body(of: write.content, order: order, held: held, existing: existing)
    }

    public func merge(_ one: ByteBuffer, _ other: ByteBuffer) throws(ResolverError) -> ByteBuffer {
        try rule.merge(one, other)
    }

    public func read(_ body: ByteBuffer) throws(ResolverError) -> ReadResult {
        try rule.read(body)
    }
}
