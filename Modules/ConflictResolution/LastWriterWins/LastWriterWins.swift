import NIOCore
import StatorCore

/// What both last-writer-wins resolvers share; they differ in how a write gets its timestamp.
struct LastWriterWins: Sendable {
    let tag: StrategyTag

    func decode(_ bytes: ByteBuffer) throws(ResolverError) -> TimedBody {
        do { return try TimedBody(decoding: bytes, tag: tag) } catch { throw .body(error) }
    }

    /// The order of what the client read, where it says so.
    func seen(by basis: WriteBasis) throws(ResolverError) -> WriteOrder? {
        guard case .context(let bytes) = basis else { return nil }
        do throws(CodecError) {
            var buffer = bytes
            return try buffer.decode { bytes throws(CodecError) in
                try bytes.readContextHeader(tag)
                let order = try bytes.readWriteOrder()
                try bytes.expectEnd("context")
                return order
            }
        } catch {
            throw .context(error)
        }
    }

    /// - Throws: where the record or the context knows the dot, or a later one of its actor.
    func refuseFuture(held: TimedBody?, seen: WriteOrder?, dot: Dot) throws(ResolverError) {
        if let held, held.order.dot.actor == dot.actor {
            try ResolverError.refuseFutureBody(held.order.dot.counter, dot: dot)
        }
        if let seen, seen.dot.actor == dot.actor {
            try ResolverError.refuseFutureContext(seen.dot.counter, dot: dot)
        }
    }

    /// The later of what is held and the new version.
    func body(
        of content: Content?, order: WriteOrder, held: TimedBody?, existing: ByteBuffer?
    ) throws(ResolverError) -> ByteBuffer {
        do throws(CodecError) {
            let version = TimedBody(order: order, content: try EncodedContent(content))
            if let held, let existing, version.isOlder(than: held) { return existing }
            return version.encoded(tag: tag)
        } catch {
            throw .body(error)
        }
    }

    /// One of the two, as it is: nothing is copied. O(1) beside the decoding of the headers.
    func merge(_ one: ByteBuffer, _ other: ByteBuffer) throws(ResolverError) -> ByteBuffer {
        let first = try decode(one)
        if one == other { return one }
        return first.isOlder(than: try decode(other)) ? other : one
    }

    func read(_ body: ByteBuffer) throws(ResolverError) -> ReadResult {
        let decoded = try decode(body)
        do { return try decoded.readResult(tag: tag) } catch { throw .body(error) }
    }
}
