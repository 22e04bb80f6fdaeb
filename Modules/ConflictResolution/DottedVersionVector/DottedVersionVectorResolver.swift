public import NIOCore
public import StatorCore

/// Dotted version vectors: exact causality with metadata that grows with replicas, not with clients.
///
/// Preguiça, Baquero, Almeida, Fonte, Gonçalves: "Brief announcement: efficient causality tracking in distributed
/// storage systems with dotted version vectors", PODC 2012 (long version arXiv:1011.5808); Almeida, Baquero, Gonçalves,
/// Preguiça, Fonte: "Scalable and accurate causality tracking for eventually consistent stores", DAIS 2014, whose
/// container for a whole sibling set is the model here.
///
/// | paper | here |
/// |---|---|
/// | server i, replica node | ``StatorCore/Actor``: node, shard and incarnation |
/// | event, dot (i, n) | ``StatorCore/Dot`` |
/// | version vector v, context | ``CausalContext``, opaque bytes to clients |
/// | dotted version vector set | ``DottedBody``: one context and the siblings' dots |
/// | `update`, `event` | `body(of:over:stamp:)` |
/// | `sync` | `merge` |
/// | `discard` | dropping the siblings that the client's context covers |
/// | `join` | the context that `read` gives |
///
/// ## Why a range of counters is enough
///
/// A body's context claims for an actor a range of counters: *every event of this key in the range is known here*, that
/// is, it is a sibling or was superseded by an event that is known. Merge takes the union of two claims and keeps a
/// sibling that one side lacks unless that side's context covers it, so everything rests on the claim being true.
///
/// 1. *Own events.* Counters rise across keys, so a key sees gaps. A coordinator about to issue counter m whose body
///    knows its own counter h claims (h, m]: it applies its writes of a key one at a time over the body that it holds,
///    so none of its events of this key lies between h and m. Others only ever learn of m from this body.
/// 2. *What the client saw.* A context claims what the body it was read from claimed. The new version supersedes all of
///    that, so its body may claim it too.
/// 3. *What the client did not see.* Siblings outside the client's context stay, though the body now covers their
///    dots: cover plus presence means known and live. This is what the dot apart from the context is for; with
///    plain clocks the new entry m would swallow an unseen h of the same actor.
/// 4. *Forgetting.* (1) needs the coordinator to hold its own earlier events. One that lost a key (a delivered hint, a
///    range given away) must not claim them. So where its body knows nothing of its own actor, or less than the client
///    does, it claims m alone; and never anything up to ``WriteStamp/forgotAt``. Riak came to the same rule with
///    per-key actor epochs. An unclean stop ends an incarnation, so an actor's durable past is its whole past.
///
/// Tombstones are versions: a delete supersedes and is superseded like a write, and stays until it is reaped.
///
/// ## Deviations
///
/// 1. Counters are per actor, not per actor and key, as no counter is ever derived from a record. The paper's
///    contiguous prefix (i, n) becomes ranges; usually one per actor.
/// 2. A write without context reads and supersedes what the coordinator holds, where the paper has only writes with
///    context (an empty one is ``WriteBasis/nothing``).
/// 3. The context of a body covers superseded events for good; the paper's per-version clocks forget with the version.
/// 4. A context that claims the coordinator's own future is refused: it would swallow the write.
///
/// ## Cost
///
/// Metadata: about 20 bytes and the node's name per actor that ever coordinated the key, and about 4 bytes per sibling. Merge:
/// O(siblings x log actors + actors), a comparison of bytes where both are equal. Bodies are re-encoded only where the
/// result differs from both.
///
/// Contexts are trusted to come from a read of the same key: the coordinator has checked that they do.
///
/// Choose it always, unless a single value per key matters more than keeping every concurrent write.
public struct DottedVersionVectorResolver: ConflictResolver {
    public typealias Settings = NoSettings

    public static let kind = "dotted-version-vector"
    public static let summary =
        "Dotted version vectors: every concurrent write is kept as a sibling, nothing else is. The default."
    public static let guarantees: Set<Guarantee> = [
        ResolverGuarantees.keepsConcurrent, ResolverGuarantees.noFalseConcurrency,
        ResolverGuarantees.noFalseDominance, ResolverGuarantees.clockIndependent, ResolverGuarantees.contextWins,
    ]

    public init(settings: Settings) {}

    public var needsReplicaCoordinator: Bool { true }

    public func body(
        of write: VersionWrite, over existing: ByteBuffer?, stamp: WriteStamp
    ) throws(ResolverError) -> ByteBuffer {
        var body = try existing.map(decode) ?? DottedBody()
        let seen = try self.seen(by: write.basis, held: body.context)
        let dot = stamp.dot
        let ownHeld = body.context.highest(of: dot.actor)
        let ownSeen = seen.highest(of: dot.actor)
        try ResolverError.refuseFutureBody(ownHeld, dot: dot)
        try ResolverError.refuseFutureContext(ownSeen, dot: dot)

        let claim = self.claim(ownHeld: ownHeld, ownSeen: ownSeen, stamp: stamp)
        do throws(CodecError) {
            body.replace(seen: seen, with: DottedBody.Sibling(dot: dot, content: try EncodedContent(write.content)))
            body.context = body.context.union(seen)
            body.context.insert(claim, of: dot.actor)
            return try body.encoded()
        } catch {
            throw .body(error)
        }
    }

    public func make(
        _ write: VersionWrite, over existing: ByteBuffer?, stamp: WriteStamp, wantsContext: Bool
    ) throws(ResolverError) -> MadeBody {
        if case .held = write.basis,
            let (body, context) = DottedBody.superseding(existing, with: write.content, stamp: stamp)
        {
            return MadeBody(
                body: body, siblings: 1, isTombstone: write.content == nil,
                context: wantsContext ? contextBuffer(body, context) : nil)
        }
        return try made(body(of: write, over: existing, stamp: stamp), wantsContext: wantsContext)
    }

    /// A body's own context, as clients are given it.
    private func contextBuffer(_ body: ByteBuffer, _ range: Range<Int>) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: 2 + range.count + ResolverLimits.contextReserve)
        buffer.writeInteger(StrategyTag.dottedVersionVector.rawValue | StrategyTag.contextBit)
        buffer.writeInteger(StrategyTag.formatVersion)
        body.withUnsafeReadableBytes { bytes in
            _ = buffer.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[range]))
        }
        return buffer
    }

    private func decode(_ bytes: ByteBuffer) throws(ResolverError) -> DottedBody {
        do { return try DottedBody(decoding: bytes) } catch { throw .body(error) }
    }

    private func seen(by basis: WriteBasis, held: CausalContext) throws(ResolverError) -> CausalContext {
        switch basis {
        case .held: return held
        case .nothing: return CausalContext()
        case .context(let bytes):
            do throws(CodecError) {
                var buffer = bytes
                return try buffer.decode { bytes throws(CodecError) in
                    try bytes.readContextHeader(.dottedVersionVector)
                    let context = try bytes.readCausalContext()
                    try bytes.expectEnd("context")
                    return context
                }
            } catch {
                throw .context(error)
            }
        }
    }

    /// Which counters of its own the new version's body may call known; see "Forgetting" above.
    private func claim(ownHeld: UInt64?, ownSeen: UInt64?, stamp: WriteStamp) -> CounterRange {
        let issued = stamp.dot.counter
        guard let ownHeld, ownHeld >= ownSeen ?? 0 else { return CounterRange(first: issued, last: issued) }
        let remembered = max(ownHeld, stamp.forgotAt)
        return CounterRange(first: remembered < issued ? remembered + 1 : issued, last: issued)
    }

    public func merge(_ one: ByteBuffer, _ other: ByteBuffer) throws(ResolverError) -> ByteBuffer {
        let isSuperseded = one.withUnsafeReadableBytes { first in
            other.withUnsafeReadableBytes { second in DottedBody.isSuperseded(first, by: second) }
        }
        if isSuperseded { return other }
        let first = try decode(one)
        if one == other { return one }
        let second = try decode(other)
        if first.includes(second) { return one }
        if second.includes(first) { return other }
        do { return try first.merged(with: second).encoded() } catch { throw .body(error) }
    }

    public func read(_ body: ByteBuffer) throws(ResolverError) -> ReadResult {
        let decoded = try decode(body)
        do throws(CodecError) {
            var versions: [Version] = []
            versions.reserveCapacity(decoded.siblings.count)
            for sibling in decoded.siblings {
                versions.append(Version(content: try sibling.content.decoded(), dot: sibling.dot, wall: nil))
            }
            var context = ByteBuffer()
            try context.encode { writer throws(CodecError) in
                writer.writeContextHeader(.dottedVersionVector)
                try writer.writeCausalContext(decoded.context)
            }
            return ReadResult(versions: versions, context: context, causality: .dotted(decoded))
        } catch {
            throw .body(error)
        }
    }

    public func value(of body: ByteBuffer) throws(ResolverError) -> PlainValue {
        if let value = DottedBody.plainValue(body) { return value }
        return PlainValue(try read(body))
    }

    public func isTombstone(_ body: ByteBuffer) throws(ResolverError) -> Bool {
        if let isTombstone = DottedBody.plainIsTombstone(body) { return isTombstone }
        return try decode(body).siblings.allSatisfy(\.content.isTombstone)
    }
}
