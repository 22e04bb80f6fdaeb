public import NIOCore
public import StatorCore

/// Last writer wins by hybrid logical clocks: close to wall time, and never against causality.
///
/// Kulkarni, Demirbas, Madeppa, Avva, Leone: "Logical physical clocks", OPODIS 2014 (technical report: "Logical
/// physical clocks and consistent snapshots in globally distributed databases").
///
/// | paper | here |
/// |---|---|
/// | physical clock pt.j | the stamp's wall time |
/// | l.j with c.j | the timestamp, in microseconds |
/// | local or send event | a write over what the coordinator holds |
/// | receive event of m | a write with the context of what its client read |
/// | drift bound epsilon | ``ClockSettings/maximumSkew`` |
///
/// A write's timestamp is the greatest of the wall clock, the held version's plus one and the context's plus one. So a
/// write is later than what it was based on whatever the clocks say, and concurrent writes are ordered by about when they
/// were made, then by actor and counter.
///
/// What the coordinator holds counts, so it is a replica: sequential writes keep their order whatever the clocks say, as
/// far as the replicas that coordinate them hold one another's. The wall clock that a write is given is within
/// ``ClockSettings/maximumSkew`` of the cluster's, so a clock that is off for a moment makes no timestamps that win for as
/// long; and a timestamp from far ahead, however it came to be, is superseded by the next write or delete of the key at a
/// replica that holds it: it goes one beyond.
///
/// ## Hazards
///
/// 1. Of concurrent writes one stays; the others are lost though acknowledged, and a fast clock wins more often.
/// 2. A write coordinated by a replica that has missed an earlier one is concurrent with it, and loses to it where its
///    clock is behind.
///
/// ## Deviations
///
/// 1. The clock is carried by records and contexts, not by nodes: only versions of one key are ever compared, and each
///    write sees the timestamps of what it causally follows on that key. Nodes keep no state.
/// 2. l and c are one number, the paper's section 4 taken to microseconds: an event within the same microsecond
///    counts it up. A timestamp thus runs ahead of l by the number of such events, a microsecond each.
/// 3. A context further ahead of the wall clock than two clocks within the skew can be apart is refused, as the paper
///    ignores such messages. One that is no later than what the coordinator holds adds nothing and passes; what is held is
///    always followed.
/// 4. A write that supersedes nothing (``WriteBasis/nothing``) is simply another write.
///
/// ## Cost
///
/// Metadata: about 25 bytes and a node's name per key. Merge: O(1), without copying.
///
/// Choose it where one value per key is wanted and losing one of two concurrent writes is acceptable.
public struct LastWriterWinsHLCResolver: ConflictResolver {
    public typealias Settings = ClockSettings

    public static let kind = "lww-hlc"
    public static let summary =
        "Last writer wins by hybrid logical clocks: one value per key, and a write always beats what it was based on."
    public static let guarantees: Set<Guarantee> = [
        ResolverGuarantees.noFalseConcurrency, ResolverGuarantees.contextWins, ResolverGuarantees.singleValue,
    ]

    private let rule = LastWriterWins(tag: .lastWriterWinsHLC)
    private let skew: Duration
    private let maximumDrift: Int64

    public init(settings: Settings) {
        skew = settings.maximumSkew
        maximumDrift = 2 * settings.maximumSkew.nanoseconds / 1000
    }

    public var needsReplicaCoordinator: Bool { true }

    public var maximumSkew: Duration? { skew }

    public func body(
        of write: VersionWrite, over existing: ByteBuffer?, stamp: WriteStamp
    ) throws(ResolverError) -> ByteBuffer {
        let held = try existing.map(rule.decode)
        let seen = try rule.seen(by: write.basis)
        try rule.refuseFuture(held: held, seen: seen, dot: stamp.dot)
        let order = WriteOrder(timestamp: try timestamp(held: held, seen: seen, wall: stamp.wall), dot: stamp.dot)
        return try rule.body(of: write.content, order: order, held: held, existing: existing)
    }

    /// max(wall, held + 1, seen + 1).
    private func timestamp(held: TimedBody?, seen: WriteOrder?, wall: WallTime) throws(ResolverError) -> Int64 {
        var timestamp = wall.microseconds
        if let held {
            guard held.order.timestamp < .max else {
                throw .body(.invalid(what: "timestamp", found: "the end of time"))
            }
            timestamp = max(timestamp, held.order.timestamp + 1)
        }
        if let seen, seen.timestamp >= timestamp {
            let drift = seen.timestamp.subtractingReportingOverflow(wall.microseconds)
            guard !drift.overflow, drift.partialValue <= maximumDrift, seen.timestamp < .max else {
                throw .impossibleContext(
                    "its timestamp \(seen.timestamp) is more than \(maximumDrift) µs ahead of \(wall.microseconds)")
            }
            timestamp = seen.timestamp + 1
        }
        return timestamp
    }

    public func merge(_ one: ByteBuffer, _ other: ByteBuffer) throws(ResolverError) -> ByteBuffer {
        try rule.merge(one, other)
    }

    public func read(_ body: ByteBuffer) throws(ResolverError) -> ReadResult {
        try rule.read(body)
    }
}
