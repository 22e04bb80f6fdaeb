internal import NIOCore
internal import Partitioning
internal import StatorCore

/// The source's side of streaming: hand out pages of a range to an owner that gains or recovers it. The source keeps
/// nothing between pages, so a transfer resumes wherever the asking owner says.
extension RangeStreams {
    mutating func receive(
        _ transfer: TransferRequest, from sender: NodeID, _ context: inout ShardContext, _ keys: inout KeyWork
    ) {
        founding.hear(sender, folder: transfer.folder, isFounder: transfer.isFounder, isAnswer: false)
        if let refusal = refusal(of: transfer, &context) {
            context.send(.transferPage(transfer.request, .refused(refusal)), to: sender)
            return
        }
        guard beginPage(for: sender) else {
            context.reach(.transferRefusedForLimit)
            context.counters.repairRefused += 1
            return context.send(.transferPage(transfer.request, .refused(.overloaded)), to: sender)
        }
        keys.scan(
            transfer.range, after: transfer.after, limit: ReplicationLimits.recordsPerMessage, in: .records,
            for: .page(sender, transfer.request), &context)
    }

    private func refusal(of transfer: TransferRequest, _ context: inout ShardContext) -> Refusal? {
        if context.isStarting {
            context.reach(.transferRefusedStarting)
            return .overloaded
        }
        if context.storageFailure != nil {
            context.reach(.transferRefusedStorage)
            return .storageFailed
        }
        // Until this node has adopted the asking owner's epoch it may still acknowledge writes to the old owners only.
        // And an owner that asks under an earlier one does not know what it has to ask for: it may have gained ranges
        // before it lost its disk, or have left.
        guard let cluster = context.cluster, transfer.epoch == cluster.epoch else {
            context.reach(.transferRefusedEpoch)
            return .staleEpoch(context.epoch)
        }
        guard let placement = cluster.placement, context.shardRange.contains(transfer.range) else { return .notOwner }
        let first = placement.rangeIndex(of: transfer.range.first)
        let last = placement.rangeIndex(of: transfer.range.last)
        let isOwner = (first...last).allSatisfy { placement.preferenceList(at: $0).replicas.contains(context.node) }
        if !isOwner { context.reach(.transferRefusedRange) }
        return isOwner ? nil : .notOwner
    }

    /// The page's names and sizes are known: load as many records as it holds, and none that it does not.
    mutating func loadPage(
        _ entries: [RecordMetadata], next: ScanCursor?, _ id: RequestID, for peer: NodeID,
        _ context: inout ShardContext, _ keys: inout KeyWork
    ) {
        let count = PagePlan.count(
            entries.lazy.map(\.bytes), atMost: context.blueprint.antiEntropy.transferPage.bytes)
        let planned = entries[..<count]
        var resumeAt = next
        if count < entries.count, let last = planned.last {
            context.reach(.pageCut)
            resumeAt = ScanCursor(token: last.token, key: last.key)
        }
        let wanted = planned.map { StoreKey.records($0.token, $0.key) }
        if let gather = keys.gather(wanted, for: .page(peer, id, next: resumeAt), &context) {
            sendPage(gather, next: resumeAt, id, to: peer, &context)
        }
    }

    /// A page without a record that could not be read would pass for the whole of its range.
    mutating func sendPage(
        _ gather: Gather, next: ScanCursor?, _ id: RequestID, to peer: NodeID, _ context: inout ShardContext
    ) {
        endPage(for: peer)
        guard gather.failures == 0 else {
            context.reach(.pageUnreadable)
            return context.send(.transferPage(id, .refused(.storageFailed)), to: peer)
        }
        context.noteRead(gather.records)
        var page = gather.records.sorted { ScanCursor(of: $0) < ScanCursor(of: $1) }
        var resumeAt = next
        // Records that have grown since the page was planned may be too many for it.
        let count = PagePlan.count(page.lazy.map(\.bytes), atMost: context.blueprint.antiEntropy.transferPage.bytes)
        if count < page.count {
            context.reach(.pageCut)
            page.removeLast(page.count - count)
            resumeAt = page.last.map { ScanCursor(of: $0) }
        }
        context.noteRepairSent(page)
        context.counters.recordsStreamedOut += page.count
        let source = TransferSource(
            doubt: doubt?.cause, isFounder: founding.mayInclude(peer), folder: folder)
        context.send(.transferPage(id, .records(page, next: resumeAt, source: source)), to: peer)
    }
}

extension RangeStreams {
    /// The range cannot be listed.
    mutating func failPage(_ id: RequestID, for peer: NodeID, _ context: inout ShardContext) {
        endPage(for: peer)
        context.send(.transferPage(id, .refused(.storageFailed)), to: peer)
    }
}

extension ScanCursor {
    init(of record: StoredRecord) {
        self.init(token: record.token, key: record.key)
    }
}
