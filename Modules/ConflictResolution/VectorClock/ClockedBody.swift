import NIOCore
import StatorCore

/// The versions of one key, each with a clock of its own and the actor that wrote it; none covers another.
struct ClockedBody: Hashable, Sendable {
    struct Sibling: Hashable, Sendable {
        let clock: VectorClock
        /// Where the writer's entry is in the clock.
        let writer: Int
        let content: EncodedContent

        var event: VectorClock.Entry { clock.entries[writer] }
        var dot: Dot { Dot(actor: event.actor, counter: event.counter) }

        /// Whether `other` makes this version obsolete: its clock covers this one's. Two versions of equal counters are
        /// the same unless bytes were corrupted; then the greater stays, so that all replicas choose the same.
        func isObsolete(beside other: Sibling) -> Bool {
            guard clock.isCovered(by: other.clock) else { return false }
            guard other.clock.isCovered(by: clock) else { return true }
            return isOrderedBefore(other)
        }

        /// A total order: by dot, then by clock and content.
        func isOrderedBefore(_ other: Sibling) -> Bool {
            if dot != other.dot { return dot < other.dot }
            if content != other.content { return content.bytes.isOrderedBefore(other.content.bytes) }
            return Sibling.isOrderedBefore(clock, other.clock)
        }

        private static func isOrderedBefore(_ one: VectorClock, _ other: VectorClock) -> Bool {
            for (left, right) in zip(one.entries, other.entries) where left != right {
                if left.actor != right.actor { return left.actor < right.actor }
                if left.counter != right.counter { return left.counter < right.counter }
                return left.wall < right.wall
            }
            return one.entries.count < other.entries.count
        }
    }

    /// In the order of ``Sibling/isOrderedBefore(_:)``.
    var siblings: [Sibling] = []

    /// The join of all clocks.
    var clock: VectorClock {
        siblings.reduce(VectorClock()) { $0.joined(with: $1.clock) }
    }

    /// Keeps the versions of both that none of the others makes obsolete: the maxima of a partial order, which do not
    /// depend on grouping or order. O(siblings squared x actors).
    func merged(with other: ClockedBody) -> ClockedBody {
        ClockedBody(maximaOf: siblings + other.siblings)
    }

    init(siblings: [Sibling] = []) {
        self.siblings = siblings
    }

    init(maximaOf candidates: [Sibling]) {
        var distinct: [Sibling] = []
        for candidate in candidates.sorted(by: { $0.isOrderedBefore($1) }) where distinct.last != candidate {
            distinct.append(candidate)
        }
        siblings = distinct.filter { candidate in
            !distinct.contains { candidate.isObsolete(beside: $0) }
        }
    }
}

/// Encoding: header, number of siblings, and per sibling in order its clock, the index of its writer and its content.
extension ClockedBody {
    init(decoding bytes: ByteBuffer) throws(CodecError) {
        var buffer = bytes
        self = try buffer.decode { bytes throws(CodecError) in try ClockedBody(reading: &bytes) }
    }

    private init(reading bytes: inout ByteReader) throws(CodecError) {
        try bytes.readBodyHeader(.vectorClock)
        let count = try bytes.readCount("siblings", maximum: ResolverLimits.siblings)
        guard count > 0 else { throw .invalid(what: "siblings", found: "none") }
        for _ in 0..<count {
            let clock = try bytes.readVectorClock()
            let writer = try bytes.readCount("sibling's writer", maximum: ResolverLimits.actors)
            guard writer < clock.entries.count else {
                throw .invalid(what: "sibling's writer", found: "number \(writer) of \(clock.entries.count)")
            }
            let sibling = Sibling(clock: clock, writer: writer, content: try EncodedContent.read(from: &bytes))
            if let previous = siblings.last, !previous.isOrderedBefore(sibling) {
                throw .invalid(what: "siblings", found: "out of order at \(sibling.dot)")
            }
            siblings.append(sibling)
        }
        try bytes.expectEnd("body")
    }

    func encoded() throws(CodecError) -> ByteBuffer {
        guard siblings.count <= ResolverLimits.siblings else {
            throw .tooLarge(what: "siblings", found: siblings.count, maximum: ResolverLimits.siblings)
        }
        let capacity = siblings.reduce(8) { $0 + $1.clock.entries.count * 40 + $1.content.bytes.readableBytes }
        var buffer = ByteBufferAllocator().buffer(capacity: capacity)
        try buffer.encode { writer throws(CodecError) in
            writer.writeBodyHeader(.vectorClock)
            writer.writeVarint(UInt64(siblings.count))
            for sibling in siblings {
                try writer.writeVectorClock(sibling.clock)
                writer.writeVarint(UInt64(sibling.writer))
                writer.writeBytes(sibling.content.bytes)
            }
        }
        return buffer
    }
}

extension ClockedBody {
    /// One clock per version: `{A/0/1f2e…: 3, B/0/09aa…: 7} | {C/0/77f0…: 1}`.
    var causality: String {
        let clocks = siblings.prefix(ResolverLimits.describedEntries).map { sibling in
            CausalityText.list(sibling.clock.entries) { "\(CausalityText.actor($0.actor)): \($0.counter)" }
        }
        let left = siblings.count - clocks.count
        return clocks.joined(separator: " | ") + (left > 0 ? " and \(left) more" : "")
    }
}
