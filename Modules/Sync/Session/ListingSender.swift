import NIOCore
import StatorCore

/// The asking half of a comparison key by key: reads this end's keys in a list of token ranges and packs them into
/// pages, each of which the other end answers before the next is read.
///
/// Memory: one page, at most ``SyncLimits/maximumMessage``.
struct ListingSender {
    enum Step {
        case list(TokenRange, after: ScanCursor?, limit: Int)
        case send([ListingSection])
        case exhausted
    }

    /// A page is sent when it has this many bytes. An entry and two cursors more still fit a message.
    private static let pageBytes = SyncLimits.maximumMessage / 2

    private let pageKeys: Int
    /// Last one first.
    private var segments: [TokenRange]
    private var after: ScanCursor?
    private var page: [ListingSection] = []
    private var bytes = 0
    private var keys = 0
    /// All keys put into pages so far.
    private(set) var keysListed = 0

    /// - Parameters:
    ///   - segments: disjoint, in any order.
    ///   - pageKeys: at most this many keys a page, at most ``SyncLimits/maximumListing``.
    init(_ segments: [TokenRange], pageKeys: Int = SyncLimits.maximumListing) {
        self.segments = segments.reversed()
        self.pageKeys = pageKeys
    }

    private var isFull: Bool {
        keys >= pageKeys || bytes >= ListingSender.pageBytes || page.count >= ListingSection.maximumCount
    }

    mutating func next() -> Step {
        if !page.isEmpty, isFull || segments.isEmpty {
            let full = page
            page = []
            bytes = 0
            keys = 0
            return .send(full)
        }
        guard let segment = segments.last else { return .exhausted }
        return .list(segment, after: after, limit: pageKeys - keys)
    }

    /// Takes the answer to the `list` that ``next()`` asked for.
    mutating func listed(_ entries: [RecordMetadata], next: ScanCursor?) {
        guard let segment = segments.last else { return }
        var section = ListingSection(range: segment, after: after, through: nil, entries: [])
        for entry in entries {
            if isFull { break }
            section.entries.append(ListedKey(token: entry.token, key: entry.key, digest: entry.digest))
            keys += 1
            bytes += ListedKey.minimumBytes + entry.key.bytes.readableBytes
        }
        keysListed += section.entries.count
        bytes += ListingSection.minimumBytes
        if let last = section.entries.last, section.entries.count < entries.count {
            section.through = last.cursor
        } else if let next, after.map({ $0 < next }) ?? true {
            section.through = next
        }
        after = section.through
        if after == nil { segments.removeLast() }
        page.append(section)
    }
}
