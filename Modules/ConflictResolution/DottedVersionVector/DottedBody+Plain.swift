import NIOCore
import StatorCore

/// What writes, merges and reads nearly always come to, done on the encoded bodies. Each gives what the decoded way
/// gives, or `nil` where the case is not plain.
extension DottedBody {
    /// The body of a write that supersedes all that is held, and where the context lies in it.
    static func superseding(
        _ existing: ByteBuffer?, with content: Content?, stamp: WriteStamp
    ) -> (body: ByteBuffer, context: Range<Int>)? {
        let contentLength = content.map { $0.bytes.readableBytes } ?? 0
        let mediaLength = content.map { $0.mediaType.utf8.count } ?? 0
        guard mediaLength <= Content.maximumMediaTypeLength, contentLength <= ResolverLimits.contentBytes else {
            return nil
        }
        let room = 48 + mediaLength + contentLength
        guard let existing else {
            return superseding(nil, with: content, stamp: stamp, room: room)
        }
        return existing.withUnsafeReadableBytes { superseding($0, with: content, stamp: stamp, room: room) }
    }

    private static func superseding(
        _ held: UnsafeRawBufferPointer?, with content: Content?, stamp: WriteStamp, room: Int
    ) -> (body: ByteBuffer, context: Range<Int>)? {
        let name = stamp.dot.actor.node.name.utf8.count
        // The actor's own encoding, to find its entry by.
        return withUnsafeTemporaryAllocation(byteCount: name + 24, alignment: 1) { memory in
            var own = ByteStuffer(memory)
            own.put(stamp.dot.actor)
            let actor = UnsafeRawBufferPointer(rebasing: memory[..<own.count])
            guard let plan = SupersedingPlan(held, actor: actor, stamp: stamp) else { return nil }
            let capacity = plan.contextLength(actor: actor) + room
            var body = ByteBufferAllocator().buffer(capacity: capacity)
            var contextEnd = 0
            body.writeWithUnsafeMutableBytes(minimumWritableBytes: capacity) { target in
                var out = ByteStuffer(target)
                out.put(StrategyTag.dottedVersionVector.rawValue)
                out.put(StrategyTag.formatVersion)
                plan.writeContext(held, actor: actor, to: &out)
                contextEnd = out.count
                out.put(UInt8(1))
                out.putVarint(UInt64(plan.index))
                out.putVarint(stamp.dot.counter)
                out.put(content)
                return out.count
            }
            return (body, 2..<contextEnd)
        }
    }

    /// Whether a merge of the two is the second: it knows all that the first knows, and the first knows none of the
    /// versions that it holds. What the first holds was superseded there then.
    static func isSuperseded(_ first: UnsafeRawBufferPointer, by second: UnsafeRawBufferPointer) -> Bool {
        guard var mine = DottedEntries(first), var theirs = DottedEntries(second),
            theirs.count <= DottedBodyScan.maximumEntries
        else { return false }
        // What the first knows of each actor of the second: nothing is an empty range.
        var knownFirst = InlineArray<8, UInt64>(repeating: 1)
        var knownLast = InlineArray<8, UInt64>(repeating: 0)
        while let entry = mine.next() {
            let actor = UnsafeRawBufferPointer(rebasing: first[entry.start..<entry.end])
            var isKnown = false
            while !isKnown, let candidate = theirs.next() {
                guard second.isEqual(candidate.start..<candidate.end, to: actor) else { continue }
                guard candidate.first <= entry.first, entry.last <= candidate.last else { return false }
                knownFirst[theirs.index - 1] = entry.first
                knownLast[theirs.index - 1] = entry.last
                isKnown = true
            }
            guard isKnown else { return false }
        }
        while theirs.next() != nil {}
        guard mine.isWhole, theirs.isWhole, var siblings = DottedSiblings(behind: theirs) else { return false }
        while let sibling = siblings.next() {
            guard sibling.actorIndex < theirs.count else { return false }
            let place = sibling.actorIndex
            if knownFirst[place] <= sibling.counter, sibling.counter <= knownLast[place] { return false }
        }
        return siblings.isWhole
    }

    /// The one live value of a body.
    static func plainValue(_ body: ByteBuffer) -> PlainValue? {
        var live = 0
        var range = 0..<0
        let isPlain = body.withUnsafeReadableBytes { bytes in
            guard var siblings = DottedSiblings(bytes) else { return false }
            while let sibling = siblings.next() {
                if sibling.isTombstone { continue }
                live += 1
                range = sibling.content
            }
            return siblings.isWhole
        }
        guard isPlain else { return nil }
        if live == 0 { return PlainValue.none }
        if live > 1 { return .several(live) }
        guard let slice = body.getSlice(at: body.readerIndex + range.lowerBound, length: range.count) else {
            return nil
        }
        return EncodedContent.content(inPlain: slice).map { .one($0) }
    }

    /// Whether a body has no live version.
    static func plainIsTombstone(_ body: ByteBuffer) -> Bool? {
        body.withUnsafeReadableBytes { bytes in
            guard var siblings = DottedSiblings(bytes) else { return nil }
            var isTombstone = true
            while let sibling = siblings.next() {
                if !sibling.isTombstone { isTombstone = false }
            }
            return siblings.isWhole ? isTombstone : nil
        }
    }
}

/// How the context of a superseding write comes from that of what is held: one entry's end moves.
private struct SupersedingPlan {
    /// The actor's own entry.
    let index: Int
    private let entry: DottedBodyScan.Entry?
    private let counter: UInt64
    /// Where the context that is held ends.
    private let contextEnd: Int

    init?(_ held: UnsafeRawBufferPointer?, actor: UnsafeRawBufferPointer, stamp: WriteStamp) {
        counter = stamp.dot.counter
        guard let held else {
            index = 0
            entry = nil
            contextEnd = 0
            return
        }
        // What lies between the last known and the new counter is claimed: one range, without a gap.
        guard let (found, entry, end) = DottedBodyScan.find(actor, in: held), entry.last < counter,
            stamp.forgotAt <= entry.last
        else { return nil }
        index = found
        self.entry = entry
        contextEnd = end
    }

    func contextLength(actor: UnsafeRawBufferPointer) -> Int {
        (entry == nil ? actor.count : contextEnd) + 32
    }

    func writeContext(_ held: UnsafeRawBufferPointer?, actor: UnsafeRawBufferPointer, to out: inout ByteStuffer) {
        guard let held, let entry else {
            out.put(UInt8(1))
            out.put(actor)
            out.put(UInt8(1))
            out.putVarint(counter)
            out.put(UInt8(0))
            return
        }
        out.put(UnsafeRawBufferPointer(rebasing: held[2..<entry.end]))
        out.put(UInt8(1))
        out.putVarint(entry.first)
        out.putVarint(counter - entry.first)
        if entry.next < contextEnd { out.put(UnsafeRawBufferPointer(rebasing: held[entry.next..<contextEnd])) }
    }
}

/// Fills memory whose size is known to suffice; what would not fit is a programmer's error.
struct ByteStuffer {
    private let target: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(_ target: UnsafeMutableRawBufferPointer) {
        self.target = target
    }

    @inline(__always)
    mutating func put(_ byte: UInt8) {
        precondition(count < target.count, "there is room")
        target[count] = byte
        count &+= 1
    }

    mutating func putVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            put(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        put(UInt8(truncatingIfNeeded: rest))
    }

    mutating func put(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count <= target.count - count, "there is room")
        if let from = bytes.baseAddress, let to = target.baseAddress {
            to.advanced(by: count).copyMemory(from: from, byteCount: bytes.count)
        }
        count &+= bytes.count
    }

    mutating func put(_ text: String) {
        putVarint(UInt64(text.utf8.count))
        if text.isEmpty { return }
        if text.utf8.withContiguousStorageIfAvailable({ put(UnsafeRawBufferPointer($0)) }) == nil {
            for byte in text.utf8 { put(byte) }
        }
    }

    mutating func put(_ actor: Actor) {
        put(actor.node.name)
        putVarint(UInt64(actor.shard))
        precondition(target.count - count >= 8, "there is room")
        target.storeBytes(of: actor.incarnation.bigEndian, toByteOffset: count, as: UInt64.self)
        count &+= 8
    }

    /// As ``EncodedContent`` has it.
    mutating func put(_ content: Content?) {
        guard let content else { return put(UInt8(0)) }
        put(content.form.rawValue + 1)
        put(content.mediaType)
        putVarint(UInt64(content.bytes.readableBytes))
        content.bytes.withUnsafeReadableBytes { put($0) }
    }
}
