import StatorCore

/// The end that answers. It keeps nothing between questions but the round's number and the session's depth.
final class MerkleResponder {
    private enum Work {
        case none
        /// Summing the cut leaves' parts here.
        case summing(RangeSummer, theirs: [UInt64])
        /// Summing the initiator's dirty leaves by fine slices here.
        case slicing(SliceSummer, theirs: [LeafRun])
        case comparing(ListingComparer)
    }

    let peer: NodeID
    private let id: SessionID
    private let range: TokenRange
    private let index: MerkleIndex
    /// Set by the first `open` that this index can answer.
    private var plan: MerklePlan?
    private var work = Work.none
    private var round: UInt64 = 0
    private var listings = ListingCounter()
    private var report = SessionReport()
    private(set) var hasEnded = false

    init(_ id: SessionID, peer: NodeID, range: TokenRange, index: MerkleIndex) {
        self.id = id
        self.peer = peer
        self.range = range
        self.index = index
    }

    /// - Parameter message: `nil` where the bytes could not be read.
    func take(_ message: SessionMessage?, _ outbox: inout Outbox<SyncEffect>) {
        guard let message else { return refuse(&outbox) }
        // A duplicate of what was answered, or is being answered.
        if message.round <= round { return }
        guard message.round == round + 1, case .none = work else { return refuse(&outbox) }
        round = message.round
        switch (message.body, plan) {
        case (.open(let depth, let sums), nil): open(depth, sums, &outbox)
        case (.compare(let runs), let plan?): compare(runs, plan, &outbox)
        case (.slices(let runs), let plan?):
            guard runs.allSatisfy({ plan.tokens(ofLeaves: $0.leaves) != nil }) else { return refuse(&outbox) }
            slice(SliceSummer(runs.map(\.leaves), plan: plan), runs, &outbox)
        case (.page(let sections), _?):
            guard sections.allSatisfy({ range.contains($0.range) }) else { return refuse(&outbox) }
            report.comparisons += sections.reduce(0) { $0 + $1.entries.count }
            compare(ListingComparer(sections), &outbox)
        case (.done, _): end(&outbox)
        default: refuse(&outbox)
        }
    }

    func listed(
        _ listing: ListingID, _ entries: [RecordMetadata], _ next: ScanCursor?, _ outbox: inout Outbox<SyncEffect>
    ) {
        guard listings.end(listing) else { return }
        let current = work
        work = .none
        switch current {
        case .none: return
        case .summing(var summer, let theirs):
            summer.listed(entries, next: next)
            answerOpen(summer, theirs, &outbox)
        case .slicing(var summer, let theirs):
            summer.listed(entries, next: next)
            slice(summer, theirs, &outbox)
        case .comparing(var comparer):
            comparer.listed(entries, next: next)
            compare(comparer, &outbox)
        }
    }
}

// MARK: - The questions

extension MerkleResponder {
    private func open(_ depth: Int, _ sums: [UInt64], _ outbox: inout Outbox<SyncEffect>) {
        guard index.range.contains(range) else { return refuse(&outbox) }
        if depth > index.depth { return answer(.coarser(depth: index.depth), &outbox) }
        let plan = MerklePlan(range: range, depth: depth)
        guard sums.count == plan.parts else { return refuse(&outbox) }
        self.plan = plan
        report.comparisons += sums.count
        answerOpen(RangeSummer(index.unsummed(plan)), sums, &outbox)
    }

    private func answerOpen(_ summer: RangeSummer, _ theirs: [UInt64], _ outbox: inout Outbox<SyncEffect>) {
        guard let plan else { return }
        if let (range, after) = summer.next() {
            work = .summing(summer, theirs: theirs)
            return list(range, after, SyncLimits.maximumListing, &outbox)
        }
        var differing: UInt8 = 0
        for (part, (own, other)) in zip(index.partSums(plan, cut: summer.parts), theirs).enumerated() where own != other
        {
            differing |= 1 << UInt8(part)
            let isCutLeaf = plan.inside == nil || part > 0
            if isCutLeaf { report.dirtyLeaves += 1 }
        }
        answer(.opened(differing: differing), &outbox)
        if differing == 0 { end(&outbox) }
    }

    private func compare(_ runs: [NodeSums], _ plan: MerklePlan, _ outbox: inout Outbox<SyncEffect>) {
        var differs: [Bool] = []
        for run in runs {
            let slices = run.first...run.first + run.sums.count - 1
            guard plan.isInside(bits: run.bits, slices: slices) else { return refuse(&outbox) }
            for (slice, sum) in zip(slices, run.sums) {
                let isDifferent = index.sum(bits: run.bits, slice: slice) != sum
                if isDifferent, run.bits == plan.depth { report.dirtyLeaves += 1 }
                differs.append(isDifferent)
            }
        }
        report.comparisons += differs.count
        answer(.compared(differs), &outbox)
    }

    private func slice(_ summer: SliceSummer, _ theirs: [LeafRun], _ outbox: inout Outbox<SyncEffect>) {
        if let (range, after) = summer.next() {
            work = .slicing(summer, theirs: theirs)
            return list(range, after, SyncLimits.maximumListing, &outbox)
        }
        var ranges: [ClosedRange<UInt64>] = []
        for (own, other) in zip(summer.runs, theirs) { own.appendDifferences(from: other, to: &ranges) }
        report.comparisons += theirs.reduce(0) { $0 + $1.slices.count }
        answer(.sliced(ranges), &outbox)
    }

    private func compare(_ comparer: ListingComparer, _ outbox: inout Outbox<SyncEffect>) {
        var comparer = comparer
        if let (range, after, limit) = comparer.next() {
            comparer.flush(id, peer: peer, isLast: false, into: &outbox)
            work = .comparing(comparer)
            return list(range, after, limit, &outbox)
        }
        comparer.flush(id, peer: peer, isLast: true, into: &outbox)
        report.keysListed += comparer.keysListed
        report.keysDiffering += comparer.keysDiffering
        answer(.paged(differing: comparer.keysDiffering), &outbox)
    }

    private func list(_ range: TokenRange, _ after: ScanCursor?, _ limit: Int, _ outbox: inout Outbox<SyncEffect>) {
        outbox.append(.list(id, listings.begin(), range, after: after, limit: limit))
    }

    private func answer(_ body: SessionMessage.Body, _ outbox: inout Outbox<SyncEffect>) {
        outbox.append(.send(id, to: peer, bytes: SessionMessage(round: round, body: body).encoded()))
    }

    private func refuse(_ outbox: inout Outbox<SyncEffect>) {
        answer(.refused, &outbox)
        end(&outbox)
    }

    private func end(_ outbox: inout Outbox<SyncEffect>) {
        if hasEnded { return }
        hasEnded = true
        outbox.append(.finished(id, report))
    }
}
