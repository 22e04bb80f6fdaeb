import StatorCore

/// The end that lists. One question or one listing is under way at any time.
final class FullScanInitiator {
    let peer: NodeID
    private let id: SessionID
    private var sender: ListingSender
    private var round: UInt64 = 0
    private var isAwaitingAnswer = false
    private var listings = ListingCounter()
    private var report = SessionReport()
    private(set) var hasEnded = false

    init(_ id: SessionID, peer: NodeID, range: TokenRange, pageKeys: Int) {
        self.id = id
        self.peer = peer
        sender = ListingSender([range], pageKeys: pageKeys)
    }

    func proceed(_ outbox: inout Outbox<SyncEffect>) {
        switch sender.next() {
        case .list(let range, let after, let limit):
            outbox.append(.list(id, listings.begin(), range, after: after, limit: limit))
        case .send(let sections):
            report.comparisons += sections.reduce(0) { $0 + $1.entries.count }
            isAwaitingAnswer = true
            send(.page(sections), &outbox)
        case .exhausted:
            send(.done, &outbox)
            end(&outbox)
        }
    }

    /// - Parameter message: `nil` where the bytes could not be read.
    func take(_ message: SessionMessage?, _ outbox: inout Outbox<SyncEffect>) {
        guard let message else { return end(&outbox) }
        switch message.body {
        case .paged(let differing):
            guard isAwaitingAnswer, message.round == round else { return }
            isAwaitingAnswer = false
            report.keysDiffering += differing
            if differing > 0 { report.dirtyLeaves += 1 }
            proceed(&outbox)
        default: end(&outbox)
        }
    }

    func listed(
        _ listing: ListingID, _ entries: [RecordMetadata], _ next: ScanCursor?, _ outbox: inout Outbox<SyncEffect>
    ) {
        guard listings.end(listing) else { return }
        sender.listed(entries, next: next)
        proceed(&outbox)
    }

    private func send(_ body: SessionMessage.Body, _ outbox: inout Outbox<SyncEffect>) {
        round += 1
        outbox.append(.send(id, to: peer, bytes: SessionMessage(round: round, body: body).encoded()))
    }

    private func end(_ outbox: inout Outbox<SyncEffect>) {
        guard !hasEnded else { return }
        hasEnded = true
        report.keysListed = sender.keysListed
        outbox.append(.finished(id, report))
    }
}
