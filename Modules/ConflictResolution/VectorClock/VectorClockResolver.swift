public import NIOCore
public import StatorCore

/// Dynamo's vector clocks: one clock per version, kept short by truncation, with the hazards that come with it.
///
/// DeCandia et al.: "Dynamo: Amazon's highly available key-value store", SOSP 2007, section 4.4 (data versioning,
/// figure 3) and section 6.3 (how rarely versions diverge).
///
/// | paper | here |
/// |---|---|
/// | node Sx | ``StatorCore/Actor``: node, shard and incarnation |
/// | (node, counter) with its timestamp | ``VectorClock/Entry`` |
/// | context | the join of the clocks of what was read |
/// | clock truncation scheme | ``VectorClock/truncated(to:keeping:)``, when a write is issued |
/// | syntactic reconciliation | `merge`, and dropping what the write's basis covers |
/// | semantic reconciliation | the client's write with the context of several versions |
///
/// ## Hazards
///
/// 1. *False dominance.* An entry (a, n) stands for every write of a up to n. Of two clients that write through one
///    coordinator with the same context, or none, the second gets {a: n + 1} beside {a: n} and wins although it
///    saw nothing of the first: an acknowledged write is lost. The coordinator could tell at that moment,
///    and Riak's vnode clocks keep both then, at the price of one clock per object and siblings that multiply; but
///    clocks alone cannot tell anywhere else, so doing so here would only move the loss to the next merge. Preguiça et al. (PODC
///    2012) start from this case; ``DottedVersionVectorResolver`` is the cure.
/// 2. *False concurrency.* A truncated clock no longer covers what was dropped. The coordinator drops what the write
///    superseded, but another replica that still holds it brings it back as a sibling: a deleted value may reappear.
/// 3. *Clocks matter.* Which entry is the oldest is read off wall clocks, so a skewed one decides which history is
///    forgotten.
///
/// With at most `maximumEntries` actors per key, 2 and 3 do not occur. Every incarnation of a node is an actor.
///
/// ## Deviations
///
/// 1. Counters are per actor and rise across keys, so a key's entries have gaps; comparisons do not depend on it.
/// 2. A write without context supersedes what the coordinator holds.
/// 3. The writer's own entry is never truncated, as it names the version.
/// 4. Truncation never happens in a merge: merge would not be associative.
/// 5. A context that claims the coordinator's own future is refused.
///
/// ## Cost
///
/// Metadata: about 30 bytes and the node's name per entry and version. Merge: O(siblings squared x entries).
///
/// Choose it to reproduce Dynamo and to measure what its scheme loses.
public struct VectorClockResolver: ConflictResolver {
    public typealias Settings = VectorClockSettings

    public static let kind = "vector-clock"
    public static let summary =
        "Dynamo's vector clocks with truncation: to reproduce the paper, not to keep every concurrent write."
    /// None: each falls to a hazard above.
    public static let guarantees: Set<Guarantee> = []

    private let maximumEntries: Int

    public init(settings: Settings) {
        maximumEntries = settings.maximumEntries
    }

    public var needsReplicaCoordinator: Bool { true }

    public func body(
        of write: VersionWrite, over existing: ByteBuffer?, stamp: WriteStamp
    ) throws(ResolverError) -> ByteBuffer {
        let held = try existing.map(decode) ?? ClockedBody()
        let seen = try self.seen(by: write.basis, held: held)
        let dot = stamp.dot
        try ResolverError.refuseFutureBody(held.clock.counter(of: dot.actor), dot: dot)
        try ResolverError.refuseFutureContext(seen.counter(of: dot.actor), dot: dot)

        let clock = seen.advanced(dot, wall: stamp.wall).truncated(to: maximumEntries, keeping: dot.actor)
        let writer = clock.entries.firstIndex { $0.actor == dot.actor } ?? 0
        do throws(CodecError) {
            let version = ClockedBody.Sibling(clock: clock, writer: writer, content: try EncodedContent(write.content))
            let unseen = held.siblings.filter { !$0.clock.isCovered(by: seen) }
            return try ClockedBody(maximaOf: unseen + [version]).encoded()
        } catch {
            throw .body(error)
        }
    }

    private func decode(_ bytes: ByteBuffer) throws(ResolverError) -> ClockedBody {
        do { return try ClockedBody(decoding: bytes) } catch { throw .body(error) }
    }

    private func seen(by basis: WriteBasis, held: ClockedBody) throws(ResolverError) -> VectorClock {
        switch basis {
        case .held: return held.clock
        case .nothing: return VectorClock()
        case .context(let bytes):
            do throws(CodecError) {
                var buffer = bytes
                return try buffer.decode { bytes throws(CodecError) in
                    try bytes.readContextHeader(.vectorClock)
                    let clock = try bytes.readVectorClock()
                    try bytes.expectEnd("context")
                    return clock
                }
            } catch {
                throw .context(error)
            }
        }
    }

    public func merge(_ one: ByteBuffer, _ other: ByteBuffer) throws(ResolverError) -> ByteBuffer {
        let first = try decode(one)
        if one == other { return one }
        let second = try decode(other)
        let merged = first.merged(with: second)
        if merged == first { return one }
        if merged == second { return other }
        do { return try merged.encoded() } catch { throw .body(error) }
    }

    public func read(_ body: ByteBuffer) throws(ResolverError) -> ReadResult {
        let decoded = try decode(body)
        do throws(CodecError) {
            var versions: [Version] = []
            for sibling in decoded.siblings {
                let content = try sibling.content.decoded()
                versions.append(Version(content: content, dot: sibling.dot, wall: sibling.event.wall))
            }
            var context = ByteBufferAllocator().buffer(capacity: 256)
            try context.encode { writer throws(CodecError) in
                writer.writeContextHeader(.vectorClock)
                try writer.writeVectorClock(decoded.clock)
            }
            return ReadResult(versions: versions, context: context, causality: .clocked(decoded))
        } catch {
            throw .body(error)
        }
    }
}
