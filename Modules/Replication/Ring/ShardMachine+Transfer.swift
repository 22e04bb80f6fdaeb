internal import NIOCore
internal import Partitioning
internal import StatorCore

/// The source's side of streaming: hand out pages of a range to an owner that gains or recovers it. The source keeps
/// nothing between pages, so a transfer resumes wherever the asking owner says.
extension ShardMachine {
    mutating func receiveTransfer(_ transfer: TransferRequest, from sender: NodeID) {
        if let refusal = refusal(of: transfer) {
            send(.transferPage(transfer.request, .refused(refusal)), to: sender)
            return
        }
        let purpose = ScanPurpose.page(sender, transfer.request, transfer.range)
        command(
            .scan(transfer.range, after: transfer.after, limit: ReplicationLimits.recordsPerMessage), on: .records,
            for: .scan(purpose))
    }

    private func refusal(of transfer: TransferRequest) -> Refusal? {
        if isStarting { return .overloaded }
        if storageFailure != nil { return .storageFailed }
        // Until this node has adopted the asking owner's epoch it may still acknowledge writes to the old owners only.
        // And an owner that asks under an earlier one does not know what it has to ask for: it may have gained ranges
        // before it lost its disk, or have left.
        guard let cluster, transfer.epoch == cluster.epoch else { return .staleEpoch(epoch) }
        guard let placement = cluster.placement, shardRange.contains(transfer.range) else { return .notOwner }
        let first = placement.rangeIndex(of: transfer.range.first)
        let last = placement.rangeIndex(of: transfer.range.last)
        let isOwner = (first...last).allSatisfy { placement.preferenceList(at: $0).replicas.contains(node) }
        return isOwner ? nil : .notOwner
    }

    /// The page's names are known: load as many records as the page may hold.
    mutating func loadPage(_ entries: [RecordMetadata], next: ScanCursor?, _ id: RequestID, for peer: NodeID) {
        gather(entries.map { .records($0.token, $0.key) }, then: .page(peer, id, next: next))
    }

    mutating func sendPage(_ records: [StoredRecord], next: ScanCursor?, _ id: RequestID, to peer: NodeID) {
        var page: [StoredRecord] = []
        var bytes = 0
        var resumeAt = next
        for record in records.sorted(by: { ScanCursor(of: $0) < ScanCursor(of: $1) }) {
            if bytes >= blueprint.antiEntropy.transferPage.bytes, let last = page.last {
                resumeAt = ScanCursor(of: last)
                break
            }
            page.append(record)
            bytes += record.body.readableBytes + record.key.bytes.readableBytes
        }
        counters.recordsStreamedOut += page.count
        send(.transferPage(id, .records(page, next: resumeAt, isRecovering: hasLostDisk)), to: peer)
    }
}

extension ScanCursor {
    init(of record: StoredRecord) {
        self.init(token: record.token, key: record.key)
    }
}
