import StatorCore

/// The end that compares the pages it is sent with its own keys, and has the records exchanged.
final class FullScanResponder {
    let peer: NodeID
    private let id: SessionID
    private let range: TokenRange
    private var round: UInt64 = 0
    private var comparer: ListingComparer?
    private var listings = ListingCounter()
    private var report = SessionReport()
    private(set) var hasEnded = false

    init(_ id: SessionID, peer: NodeID, range: TokenRange) {
        self.id = id
        self.peer = peer
        self.range = range
    }

    /// - Parameter message: `nil` where the bytes could not be read.
    func take(_ message: SessionMessage?, _ outbox: inout Outbox<SyncEffect>) {
        guard let message else { return refuse(&outbox) }
        if message.round <= round { return }
        guard message.round == round + 1, comparer == nil else { return refuse(&outbox) }
        round = message.round
        switch message.body {
        case .page(let sections):
            guard sections.allSatisfy({ range.contains($0.range) }) else { return refuse(&outbox) }
            report.comparisons += sections.reduce(0) { $0 + $1.entries.count }
            compare(ListingComparer(sections), &outbox)
        case .done: end(&outbox)
        default: refuse(&outbox)
        }
    }

    func listed(
        _ listing: ListingID, _ entries: [RecordMetadata], _ next: ScanCursor?, _ outbox: inout Outbox<SyncEffect>
    ) {
        guard var current = comparer, listings.end(listing) else { return }
        comparer = nil
        current.listed(entries, next: next)
        compare(current, &outbox)
    }

    private func compare(_ current: ListingComparer, _ outbox: inout Outbox<SyncEffect>) {
        var current = current
        if let (range, after, limit) = current.next() {
            current.flush(id, peer: peer, isLast: false, into: &outbox)
            comparer = current
            outbox.append(.list(id, listings.begin(), range, after: after, limit: limit))
            return
        }
        current.flush(id, peer: peer, isLast: true, into: &outbox)
        report.keysListed += current.keysListed
        report.keysDiffering += current.keysDiffering
        if current.keysDiffering > 0 { report.dirtyLeaves += 1 }
        let answer = SessionMessage(round: round, body: .paged(differing: current.keysDiffering))
        outbox.append(.send(id, to: peer, bytes: answer.encoded()))
    }

    private func refuse(_ outbox: inout Outbox<SyncEffect>) {
        outbox.append(.send(id, to: peer, bytes: SessionMessage(round: round, body: .refused).encoded()))
        end(&outbox)
    }

    private func end(_ outbox: inout Outbox<SyncEffect>) {
        guard !hasEnded else { return }
        hasEnded = true
        outbox.append(.finished(id, report))
    }
}
