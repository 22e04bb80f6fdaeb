import StatorCore

/// The end that asks: sums of the whole range first, then of the subtrees that differ, level by level; the leaves that
/// differ by fine slices; the keys of the slices that differ. One question or one listing is under way at any time.
final class MerkleInitiator {
    private enum Stage {
        /// Summing the cut leaves' parts here.
        case summing(RangeSummer)
        case opening
        case comparing([NodeRun])
        /// Summing dirty leaves by fine slices here.
        case slicing(SliceSummer)
        case sliced
        /// Reading keys into a page, or waiting for the page's answer.
        case listing
        case ended
    }

    let peer: NodeID
    private let id: SessionID
    private let range: TokenRange
    private let index: MerkleIndex
    private var plan: MerklePlan
    private var descent: MerkleDescent
    private var sender = ListingSender([])
    private var stage = Stage.opening
    private var round: UInt64 = 0
    private var listings = ListingCounter()
    private var report = SessionReport()

    init(_ id: SessionID, peer: NodeID, range: TokenRange, index: MerkleIndex) {
        self.id = id
        self.peer = peer
        self.range = range
        self.index = index
        plan = MerklePlan(range: range, depth: index.depth)
        descent = MerkleDescent(plan: plan, step: index.step)
    }

    var hasEnded: Bool {
        if case .ended = stage { true } else { false }
    }

    func start(_ outbox: inout Outbox<SyncEffect>) {
        guard index.range.contains(range) else { return end(&outbox) }
        open(RangeSummer(index.unsummed(plan)), &outbox)
    }

    /// - Parameter message: `nil` where the bytes could not be read.
    func take(_ message: SessionMessage?, _ outbox: inout Outbox<SyncEffect>) {
        guard let message else { return end(&outbox) }
        if case .refused = message.body { return end(&outbox) }
        guard message.round == round else { return }
        switch (stage, message.body) {
        case (.opening, .opened(let differing)): opened(differing, &outbox)
        case (.opening, .coarser(let depth)): restart(depth, &outbox)
        case (.comparing(let asked), .compared(let differs)): compared(asked, differs, &outbox)
        case (.sliced, .sliced(let ranges)): sliced(ranges, &outbox)
        case (.listing, .paged(let differing)):
            report.keysDiffering += differing
            list(&outbox)
        default: end(&outbox)
        }
    }

    func listed(
        _ listing: ListingID, _ entries: [RecordMetadata], _ next: ScanCursor?, _ outbox: inout Outbox<SyncEffect>
    ) {
        guard listings.end(listing) else { return }
        switch stage {
        case .summing(var summer):
            summer.listed(entries, next: next)
            open(summer, &outbox)
        case .slicing(var summer):
            stage = .sliced
            summer.listed(entries, next: next)
            slice(summer, &outbox)
        case .listing:
            sender.listed(entries, next: next)
            list(&outbox)
        default: return
        }
    }
}

// MARK: - The stages, in order

extension MerkleInitiator {
    private func open(_ summer: RangeSummer, _ outbox: inout Outbox<SyncEffect>) {
        if let (range, after) = summer.next() {
            stage = .summing(summer)
            return list(range, after, SyncLimits.maximumListing, &outbox)
        }
        stage = .opening
        let sums = index.partSums(plan, cut: summer.parts)
        report.comparisons += sums.count
        ask(.open(depth: plan.depth, sums: sums), &outbox)
    }

    private func opened(_ differing: UInt8, _ outbox: inout Outbox<SyncEffect>) {
        // Nothing differs: both ends know, and no farewell is needed.
        if differing == 0 { return end(&outbox) }
        guard Int(differing) < 1 << plan.parts else { return end(&outbox) }
        var part = 0
        if plan.inside != nil {
            if differing & 1 == 1 { descent.insideDiffers() }
            part = 1
        }
        for cut in plan.cut {
            if differing >> UInt8(part) & 1 == 1 { descent.leafDiffers(cut.leaf) }
            part += 1
        }
        proceed(&outbox)
    }

    /// The other end's leaves are wider than ours: both can sum those.
    private func restart(_ depth: Int, _ outbox: inout Outbox<SyncEffect>) {
        guard depth < plan.depth else { return end(&outbox) }
        plan = MerklePlan(range: range, depth: depth)
        descent = MerkleDescent(plan: plan, step: index.step)
        open(RangeSummer(index.unsummed(plan)), &outbox)
    }

    private func proceed(_ outbox: inout Outbox<SyncEffect>) {
        switch descent.next(isSmall: { index.count(bits: plan.depth, slice: $0) <= 1 }) {
        case .compare(let runs):
            let sums = runs.map(index.sums)
            report.comparisons += runs.reduce(0) { $0 + $1.slices.count }
            stage = .comparing(runs)
            ask(.compare(sums), &outbox)
        case .slice(let leaves): slice(SliceSummer(leaves, plan: plan), &outbox)
        case .list(let segments):
            stage = .listing
            sender = ListingSender(segments)
            list(&outbox)
        case .exhausted:
            ask(.done, &outbox)
            end(&outbox)
        }
    }

    private func compared(_ asked: [NodeRun], _ differs: [Bool], _ outbox: inout Outbox<SyncEffect>) {
        guard differs.count == asked.reduce(0, { $0 + $1.slices.count }) else { return end(&outbox) }
        var position = 0
        for run in asked {
            for slice in run.slices {
                if differs[position] { descent.differs(bits: run.bits, slice: slice) }
                position += 1
            }
        }
        proceed(&outbox)
    }

    private func slice(_ summer: SliceSummer, _ outbox: inout Outbox<SyncEffect>) {
        if let (range, after) = summer.next() {
            stage = .slicing(summer)
            return list(range, after, SyncLimits.maximumListing, &outbox)
        }
        stage = .sliced
        report.comparisons += summer.runs.reduce(0) { $0 + $1.slices.count }
        ask(.slices(summer.runs), &outbox)
    }

    private func sliced(_ ranges: [ClosedRange<UInt64>], _ outbox: inout Outbox<SyncEffect>) {
        for range in ranges {
            guard let tokens = plan.tokens(ofFine: range) else { return end(&outbox) }
            descent.segmentDiffers(tokens)
        }
        proceed(&outbox)
    }

    private func list(_ outbox: inout Outbox<SyncEffect>) {
        switch sender.next() {
        case .list(let range, let after, let limit): list(range, after, limit, &outbox)
        case .send(let sections): ask(.page(sections), &outbox)
        case .exhausted:
            report.keysListed += sender.keysListed
            sender = ListingSender([])
            proceed(&outbox)
        }
    }

    private func list(_ range: TokenRange, _ after: ScanCursor?, _ limit: Int, _ outbox: inout Outbox<SyncEffect>) {
        outbox.append(.list(id, listings.begin(), range, after: after, limit: limit))
    }

    private func ask(_ body: SessionMessage.Body, _ outbox: inout Outbox<SyncEffect>) {
        round += 1
        outbox.append(.send(id, to: peer, bytes: SessionMessage(round: round, body: body).encoded()))
    }

    private func end(_ outbox: inout Outbox<SyncEffect>) {
        if hasEnded { return }
        stage = .ended
        report.keysListed += sender.keysListed
        report.dirtyLeaves = descent.dirtyLeaves
        outbox.append(.finished(id, report))
    }
}
