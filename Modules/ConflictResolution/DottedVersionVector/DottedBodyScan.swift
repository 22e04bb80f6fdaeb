import NIOCore
import StatorCore

/// Looks over an encoded body in its place, for what nearly every operation needs to know of it: nothing is decoded and
/// nothing is allocated.
///
/// It knows plain bodies only: a few actors with one range each. Of others, and of bytes that are no body, it knows
/// nothing: whoever asks then decodes, which also finds what is wrong. What it finds of plain ones is what decoding would,
/// as a test compares.
enum DottedBodyScan {
    static let maximumEntries = 8

    struct Entry {
        /// Where the actor's encoding lies in the body.
        let start: Int
        let end: Int
        /// Of its one range.
        let first: UInt64
        let last: UInt64
        /// Behind the range.
        let next: Int
    }

    /// An actor's entry, its place, and where the context ends, in a body that is whole.
    static func find(
        _ actor: UnsafeRawBufferPointer, in body: UnsafeRawBufferPointer
    ) -> (index: Int, entry: Entry, contextEnd: Int)? {
        guard var entries = DottedEntries(body) else { return nil }
        var found: (index: Int, entry: Entry)?
        while let entry = entries.next() {
            if found == nil, body.isEqual(entry.start..<entry.end, to: actor) { found = (entries.index - 1, entry) }
        }
        let contextEnd = entries.offset
        // Nothing of the versions is looked at, but what is no body must not pass for one.
        guard let found, entries.isWhole, var siblings = DottedSiblings(behind: entries) else { return nil }
        while siblings.next() != nil {}
        return siblings.isWhole ? (found.index, found.entry, contextEnd) : nil
    }
}

/// The entries of a body's context, one after the other.
struct DottedEntries {
    private var cursor: ByteCursor
    let count: Int
    /// How many were read.
    private(set) var index = 0
    private(set) var isWhole = true

    var offset: Int { cursor.offset }
    var rest: ByteCursor { cursor }

    init?(_ bytes: UnsafeRawBufferPointer) {
        cursor = ByteCursor(bytes)
        guard cursor.byte() == StrategyTag.dottedVersionVector.rawValue, cursor.byte() == StrategyTag.formatVersion,
            let count = cursor.varint(), count <= UInt64(DottedBodyScan.maximumEntries)
        else { return nil }
        self.count = Int(count)
    }

    mutating func next() -> DottedBodyScan.Entry? {
        guard index < count, isWhole else { return nil }
        let start = cursor.offset
        guard let name = cursor.varint(), cursor.skip(name), cursor.varint() != nil, cursor.skip(8) else {
            isWhole = false
            return nil
        }
        let end = cursor.offset
        guard cursor.varint() == 1, let first = cursor.varint(), let length = cursor.varint(),
            length <= UInt64.max - first
        else {
            isWhole = false
            return nil
        }
        index += 1
        return DottedBodyScan.Entry(start: start, end: end, first: first, last: first + length, next: cursor.offset)
    }
}

/// The versions of a body, one after the other.
struct DottedSiblings {
    struct Sibling {
        let actorIndex: Int
        let counter: UInt64
        /// Where its content lies, its form first.
        let content: Range<Int>
        let isTombstone: Bool
    }

    private var cursor: ByteCursor
    private var left: Int
    private var isBroken = false

    /// Whether all were read, up to the body's end.
    var isWhole: Bool { left == 0 && !isBroken && cursor.isAtEnd }

    init?(_ bytes: UnsafeRawBufferPointer) {
        guard var entries = DottedEntries(bytes) else { return nil }
        while entries.next() != nil {}
        self.init(behind: entries)
    }

    /// - Parameter entries: all of them read.
    init?(behind entries: DottedEntries) {
        guard entries.isWhole, entries.index == entries.count else { return nil }
        cursor = entries.rest
        guard let count = cursor.varint(), count <= UInt64(ResolverLimits.siblings) else { return nil }
        left = Int(count)
    }

    mutating func next() -> Sibling? {
        guard left > 0, !isBroken else { return nil }
        guard let actor = cursor.varint(), actor < UInt64(DottedBodyScan.maximumEntries),
            let counter = cursor.varint()
        else { return broken() }
        let start = cursor.offset
        guard let form = cursor.byte(), form <= 2 else { return broken() }
        if form != 0 {
            guard let mediaType = cursor.varint(), cursor.skip(mediaType), let length = cursor.varint(),
                cursor.skip(length)
            else { return broken() }
        }
        left -= 1
        return Sibling(
            actorIndex: Int(actor), counter: counter, content: start..<cursor.offset, isTombstone: form == 0)
    }

    private mutating func broken() -> Sibling? {
        isBroken = true
        return nil
    }
}

/// Reads bytes one after the other; whatever does not fit is `nil`.
struct ByteCursor {
    let bytes: UnsafeRawBufferPointer
    var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { offset == bytes.count }

    mutating func byte() -> UInt8? {
        guard offset < bytes.count else { return nil }
        defer { offset &+= 1 }
        return bytes[offset]
    }

    mutating func varint() -> UInt64? {
        guard let first = byte() else { return nil }
        if first < 0x80 { return UInt64(first) }
        var value = UInt64(first & 0x7F)
        var shift: UInt64 = 7
        while shift < 63 {
            guard let next = byte() else { return nil }
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return value }
            shift += 7
        }
        return nil
    }

    mutating func skip(_ count: UInt64) -> Bool {
        guard count <= UInt64(bytes.count - offset) else { return false }
        offset += Int(count)
        return true
    }
}

extension UnsafeRawBufferPointer {
    func isEqual(_ range: Range<Int>, to other: UnsafeRawBufferPointer) -> Bool {
        guard range.count == other.count else { return false }
        var offset = 0
        while offset &+ 8 <= other.count {
            let mine = loadUnaligned(fromByteOffset: range.lowerBound &+ offset, as: UInt64.self)
            if mine != other.loadUnaligned(fromByteOffset: offset, as: UInt64.self) { return false }
            offset &+= 8
        }
        while offset < other.count {
            if self[range.lowerBound &+ offset] != other[offset] { return false }
            offset &+= 1
        }
        return true
    }
}
