internal import NIOCore
internal import StatorCore
internal import Sync

/// An index that is made from what a store holds, to be compared with the one that its node keeps: by a session between
/// both, as between two nodes, so that it works for every strategy.
struct IndexShadow {
    private let synchronizer: any Synchronizer
    private let range: TokenRange
    private static let name = NodeID("shadow")
    private var told: [ScanCursor: Digest] = [:]
    private var sessions: UInt64 = 0
    /// Of the node when it was last looked at.
    var life = 0
    /// Nanoseconds.
    var lookedAt: Int64 = 0

    init(range: TokenRange, make: (SyncEnvironment) -> any Synchronizer) {
        self.range = range
        synchronizer = make(SyncEnvironment(node: IndexShadow.name, range: range))
    }

    /// - Parameter entries: all that the store holds, in (token, key) order.
    /// - Returns: what a session found, or `nil` where both are equal.
    mutating func difference(
        from other: any Synchronizer, at node: NodeID, _ entries: [RecordMetadata]
    ) -> String? {
        follow(entries)
        sessions += 1
        // No machine numbers its sessions down from here.
        let id = SessionID(initiator: node, number: UInt64.max - sessions)
        var exchange = IndexExchange(
            id: id, ends: [(node, other), (IndexShadow.name, synchronizer)], range: range, entries: entries)
        return exchange.run()
    }

    private mutating func follow(_ entries: [RecordMetadata]) {
        var now: [ScanCursor: Digest] = [:]
        var changes: [RecordChange] = []
        for entry in entries {
            let place = ScanCursor(token: entry.token, key: entry.key)
            now[place] = entry.digest
            let old = told.removeValue(forKey: place)
            guard old != entry.digest else { continue }
            changes.append(RecordChange(token: entry.token, key: entry.key, old: old, new: entry.digest))
        }
        for place in told.keys.sorted() {  // ordered: sorted
            changes.append(RecordChange(token: place.token, key: place.key, old: told[place], new: nil))
        }
        told = now
        if !changes.isEmpty { synchronizer.recordsChanged(changes) }
    }
}

/// One session between two strategies that list the same records.
private struct IndexExchange {
    let id: SessionID
    let ends: [(node: NodeID, synchronizer: any Synchronizer)]
    let range: TokenRange
    let entries: [RecordMetadata]
    private var queue: [(end: Int, event: SyncEvent)] = []
    private var report: SessionReport?
    private var exchanged = 0

    private static let maximumEvents = 100_000

    init(
        id: SessionID, ends: [(node: NodeID, synchronizer: any Synchronizer)], range: TokenRange,
        entries: [RecordMetadata]
    ) {
        self.id = id
        self.ends = ends
        self.range = range
        self.entries = entries
    }

    mutating func run() -> String? {
        queue.append((0, .start(id, peer: ends[1].node, range: range)))
        var handled = 0
        while handled < queue.count, handled < IndexExchange.maximumEvents {
            let (end, event) = queue[handled]
            handled += 1
            var outbox = Outbox<SyncEffect>()
            ends[end].synchronizer.handle(event, outbox: &outbox)
            for effect in outbox.drain() { carryOut(effect, at: end) }
        }
        for end in ends {
            var outbox = Outbox<SyncEffect>()
            end.synchronizer.handle(.abandoned(id), outbox: &outbox)
        }
        guard let report else { return "the session between them did not end" }
        guard report.keysDiffering == 0, report.dirtyLeaves == 0, exchanged == 0 else {
            return "\(report.dirtyLeaves) leaves and \(report.keysDiffering) keys, \(exchanged) to be exchanged"
        }
        return nil
    }

    private mutating func carryOut(_ effect: SyncEffect, at end: Int) {
        switch effect {
        case .send(let id, _, let bytes):
            queue.append((1 - end, .message(id, from: ends[end].node, range: range, bytes: bytes)))
        case .list(let id, let listing, let range, let after, let limit):
            let (found, next) = list(range, after: after, limit: limit)
            queue.append((end, .listed(id, listing, entries: found, next: next)))
        case .push(_, _, let keys), .pull(_, _, let keys): exchanged += keys.count
        case .finished(_, let report): if end == 0 { self.report = report }
        }
    }

    private func list(
        _ range: TokenRange, after cursor: ScanCursor?, limit: Int
    ) -> ([RecordMetadata], next: ScanCursor?) {
        var found: [RecordMetadata] = []
        for entry in entries where range.contains(entry.token) {
            let place = ScanCursor(token: entry.token, key: entry.key)
            if let cursor, place <= cursor { continue }
            if found.count == limit, let last = found.last {
                return (found, ScanCursor(token: last.token, key: last.key))
            }
            found.append(entry)
        }
        return (found, nil)
    }
}
