import NIOCore
import StatorCore

/// The answering half of a comparison key by key: merges a page of the initiator's keys with this end's own, both in
/// (token, key) order, and has the differing records exchanged.
///
/// This end alone acts on what is found, so a key that differs is sent by one end only: keys that the initiator lacks
/// or holds otherwise are pushed, keys that are lacking here are pulled.
///
/// Memory: the page and one listing. O(keys of both ends) time.
struct ListingComparer {
    private let sections: [ListingSection]
    private var section = 0
    /// How many of the section's entries have been passed.
    private var passed = 0
    private var after: ScanCursor?
    private var pushes: [KeyReference] = []
    private var pulls: [KeyReference] = []
    /// Keys of this end's own that lie in the page's spans.
    private(set) var keysListed = 0
    private(set) var keysDiffering = 0

    init(_ sections: [ListingSection]) {
        self.sections = sections
        after = sections.first?.after
    }

    /// The next listing to ask for, or `nil` at the page's end.
    func next() -> (range: TokenRange, after: ScanCursor?, limit: Int)? {
        guard section < sections.count else { return nil }
        let span = sections[section]
        let first = after?.token ?? span.range.first
        let last = span.through?.token ?? span.range.last
        let expected = span.entries.count - passed + 64
        return (TokenRange(first: first, last: last), after, min(expected, SyncLimits.maximumListing))
    }

    /// Takes the answer to the listing that ``next()`` asked for.
    mutating func listed(_ entries: [RecordMetadata], next: ScanCursor?) {
        guard section < sections.count else { return }
        let span = sections[section]
        for entry in entries {
            if let through = span.through, ScanCursor(token: entry.token, key: entry.key) > through { break }
            merge(entry, with: span.entries)
        }
        let isMoving = next.map { next in after.map { $0 < next } ?? true } ?? false
        if let next, isMoving, span.through.map({ next < $0 }) ?? true {
            after = next
            return
        }
        for missing in span.entries[passed...] { pull(missing) }
        section += 1
        passed = 0
        after = section < sections.count ? sections[section].after : nil
    }

    private mutating func merge(_ own: RecordMetadata, with theirs: [ListedKey]) {
        keysListed += 1
        let cursor = ScanCursor(token: own.token, key: own.key)
        while passed < theirs.count, theirs[passed].cursor < cursor {
            pull(theirs[passed])
            passed += 1
        }
        let isAtBoth = passed < theirs.count && theirs[passed].cursor == cursor
        if isAtBoth {
            let isEqual = theirs[passed].digest == own.digest
            passed += 1
            if isEqual { return }
        }
        keysDiffering += 1
        pushes.append(KeyReference(token: own.token, key: own.key))
    }

    private mutating func pull(_ entry: ListedKey) {
        keysDiffering += 1
        // A copy, so that one key does not keep the whole message alive.
        pulls.append(KeyReference(token: entry.token, key: entry.key.compacted()))
    }

    /// Emits what has been found in effects of at most ``SyncLimits/maximumKeys``: full ones, or all with `isLast`.
    mutating func flush(_ session: SessionID, peer: NodeID, isLast: Bool, into outbox: inout Outbox<SyncEffect>) {
        for batch in ListingComparer.batches(&pushes, isLast: isLast) { outbox.append(.push(session, to: peer, batch)) }
        for batch in ListingComparer.batches(&pulls, isLast: isLast) {
            outbox.append(.pull(session, from: peer, batch))
        }
    }

    private static func batches(_ keys: inout [KeyReference], isLast: Bool) -> [[KeyReference]] {
        var batches: [[KeyReference]] = []
        var start = 0
        while keys.count - start >= SyncLimits.maximumKeys || isLast && start < keys.count {
            let end = min(start + SyncLimits.maximumKeys, keys.count)
            batches.append(Array(keys[start..<end]))
            start = end
        }
        keys.removeFirst(start)
        return batches
    }
}
