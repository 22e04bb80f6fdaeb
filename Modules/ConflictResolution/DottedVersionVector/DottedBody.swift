import NIOCore
import StatorCore

/// The siblings of one key, each with the dot of its write, and the context of all events known, superseded ones
/// included. Every sibling's dot is covered by the context.
///
/// There may be no sibling: that is what is left of two versions that each claim to supersede the other, which only a
/// forged context brings about. It reads as a tombstone.
struct DottedBody: Hashable, Sendable {
    struct Sibling: Hashable, Sendable {
        let dot: Dot
        let content: EncodedContent
    }

    var context = CausalContext()
    /// Sorted by dot.
    var siblings: [Sibling] = []

    /// Keeps each sibling that both hold, and each that one holds and the other does not know.
    ///
    /// A dot that is absent from the other's siblings but covered by its context was superseded there. An event stays iff
    /// every body that knows it holds it, which does not depend on grouping or order; so merge is associative,
    /// commutative and idempotent for any bodies that decode. O(siblings x log actors + actors).
    func merged(with other: DottedBody) -> DottedBody {
        var kept: [Sibling] = []
        var mine = 0
        var theirs = 0
        while mine < siblings.count || theirs < other.siblings.count {
            if mine < siblings.count, theirs < other.siblings.count, siblings[mine].dot == other.siblings[theirs].dot {
                let content = EncodedContent.greater(siblings[mine].content, other.siblings[theirs].content)
                kept.append(Sibling(dot: siblings[mine].dot, content: content))
                mine += 1
                theirs += 1
                continue
            }
            let takesMine =
                theirs >= other.siblings.count
                || (mine < siblings.count && siblings[mine].dot < other.siblings[theirs].dot)
            let candidate = takesMine ? siblings[mine] : other.siblings[theirs]
            let absentee = takesMine ? other.context : context
            if takesMine { mine += 1 } else { theirs += 1 }
            if !absentee.covers(candidate.dot) { kept.append(candidate) }
        }
        return DottedBody(context: context.union(other.context), siblings: kept)
    }

    /// Whether a merge with the other changes nothing here, found without making it. O(siblings x log actors + actors).
    func includes(_ other: DottedBody) -> Bool {
        // What the other holds and this one does not is then covered here: it was superseded.
        guard context.includes(other.context) else { return false }
        return siblings.allSatisfy { sibling in
            guard let twin = other.siblings.first(where: { $0.dot == sibling.dot }) else {
                return !other.context.covers(sibling.dot)
            }
            return !sibling.content.bytes.isOrderedBefore(twin.content.bytes)
        }
    }

    /// Drops what `seen` covers and adds the new version.
    mutating func replace(seen: CausalContext, with sibling: Sibling) {
        siblings.removeAll { seen.covers($0.dot) }
        let position = siblings.firstIndex { sibling.dot < $0.dot } ?? siblings.count
        siblings.insert(sibling, at: position)
    }
}

/// Encoding: header, context, number of siblings, and per sibling in the order of dots the index of its actor in the
/// context, its counter and its content.
extension DottedBody {
    init(decoding bytes: ByteBuffer) throws(CodecError) {
        var buffer = bytes
        self = try buffer.decode { bytes throws(CodecError) in try DottedBody(reading: &bytes) }
    }

    private init(reading bytes: inout ByteReader) throws(CodecError) {
        try bytes.readBodyHeader(.dottedVersionVector)
        context = try bytes.readCausalContext()
        let count = try bytes.readCount("siblings", maximum: ResolverLimits.siblings)
        for _ in 0..<count {
            let actorIndex = try bytes.readCount("sibling's actor", maximum: ResolverLimits.actors)
            guard actorIndex < context.entries.count else {
                throw .invalid(what: "sibling's actor", found: "number \(actorIndex) of \(context.entries.count)")
            }
            let counter = try bytes.readVarint("sibling's counter")
            let dot = Dot(actor: context.entries[actorIndex].actor, counter: counter)
            guard context.entries[actorIndex].ranges.contains(counter) else {
                throw .invalid(what: "sibling's dot", found: "outside the context")
            }
            if let previous = siblings.last, previous.dot >= dot {
                throw .invalid(what: "siblings", found: "out of order at \(dot)")
            }
            siblings.append(Sibling(dot: dot, content: try EncodedContent.read(from: &bytes)))
        }
        try bytes.expectEnd("body")
    }

    func encoded() throws(CodecError) -> ByteBuffer {
        guard siblings.count <= ResolverLimits.siblings else {
            throw .tooLarge(what: "siblings", found: siblings.count, maximum: ResolverLimits.siblings)
        }
        var buffer = ByteBuffer()
        try buffer.encode { writer throws(CodecError) in try write(into: &writer) }
        return buffer
    }

    private func write(into buffer: inout ByteWriter) throws(CodecError) {
        buffer.writeBodyHeader(.dottedVersionVector)
        try buffer.writeCausalContext(context)
        buffer.writeVarint(UInt64(siblings.count))
        for sibling in siblings {
            guard let actorIndex = context.index(of: sibling.dot.actor) else {
                throw .invalid(what: "sibling's dot", found: "outside the context")
            }
            buffer.writeVarint(UInt64(actorIndex))
            buffer.writeVarint(sibling.dot.counter)
            buffer.writeBytes(sibling.content.bytes)
        }
    }
}

extension DottedBody {
    /// `{A/0/1f2e…: 3, B/0/09aa…: 7} siblings {A/0/1f2e…:3, B/0/09aa…:7}`
    var causality: String {
        let known = CausalityText.list(context.entries) { "\(CausalityText.actor($0.actor)): \($0.highest)" }
        return known + " siblings " + CausalityText.list(siblings) { CausalityText.dot($0.dot) }
    }
}
