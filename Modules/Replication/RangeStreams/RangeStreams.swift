internal import Partitioning
internal import StatorCore

/// Streams of ranges: those that this node gains, or recovers while it is in doubt, in; pages of its own out.
///
/// It owns the streams under way and what is known of the recovery; which ranges are still to be recovered it tells the
/// others by ``ShardContext/recovering``.
///
/// Rules (DESIGN, section 5): a stream ends when N - W + 1 owners whose records are whole have been heard; what they hold is
/// merged into what is there; a source keeps nothing, so that transfers resume; a source of another epoch refuses. A
/// recovery ends as well when all other owners have been heard, whole or not, or with ``Founding``.
struct RangeStreams {
    var streams: [StreamState] = []
    var streamsUnderWay = 0
    /// Pages that are being made for others.
    private var pagesOut: [NodeID: Int] = [:]
    /// Why the records here may be less than was acknowledged, until they were compared with those of enough other owners.
    private(set) var doubt: Doubt?
    /// Which data folder this node has; see ``NodeIdentity/folder``.
    let folder: UInt64
    var founding: Founding
    private var hasPlannedRecovery = false

    /// - Parameters:
    ///   - doubt: why owned ranges are still to be recovered, if they are.
    ///   - folder: which data folder this node has.
    init(doubt: Doubt?, folder: UInt64) {
        self.doubt = doubt
        self.folder = folder
        founding = Founding(isPossible: doubt?.cause == .new)
    }

    var isInDoubt: Bool { doubt != nil }

    /// How much of what is owned is still to be recovered, in 0 ... 1.
    func recoveringFraction(_ context: ShardContext) -> Double {
        guard isInDoubt else { return 0 }
        guard hasPlannedRecovery, let placement = context.cluster?.placement else { return 1 }
        let total = context.ownedRanges(placement).reduce(0) { $0 + $1.fraction }
        return total == 0 ? 0 : context.recovering.fraction / total
    }

    /// The disk has turned out to hold less than it should: what is owned is recovered from the others.
    mutating func begin(_ found: Doubt, _ context: inout ShardContext) {
        let wasInDoubt = isInDoubt
        doubt = found.over(doubt)
        founding.ruleOut()
        // What this life has compared so far, and goes on to compare, is what the others hold now.
        guard !wasInDoubt else { return }
        context.isInDoubt = true
        hasPlannedRecovery = false
        context.noteForgotten()
        if !context.isStarting { plan(holding: [], &context) }
    }

    // MARK: What is held

    var pagesUnderWay: Int { pagesOut.values.reduce(0, +) }  // ordered: a sum is the same in any order

    /// - Returns: whether another page is made for a peer now.
    mutating func beginPage(for peer: NodeID) -> Bool {
        guard pagesOut[peer, default: 0] < ReplicationLimits.maximumPagesPerPeer else { return false }
        pagesOut[peer, default: 0] += 1
        return true
    }

    mutating func endPage(for peer: NodeID) {
        guard let count = pagesOut[peer] else { return }
        pagesOut[peer] = count > 1 ? count - 1 : nil
    }

    /// Bytes of records that streams hold here, about: pages being made or on their way, and what of one is being merged.
    func heldBytes(_ context: ShardContext) -> Int {
        let pages = pagesUnderWay + streams.count { $0.request != nil }
        return pages * context.blueprint.antiEntropy.transferPage.bytes + streams.reduce(0) { $0 + $1.pageBytes }
    }

    // MARK: Plans

    /// Makes the streams that this epoch calls for: in doubt the owned ranges, for a change what is gained.
    ///
    /// - Parameter held: what this node held whole before it adopted the epoch; see ``heldRanges(_:)``.
    mutating func plan(holding held: [TokenRange], _ context: inout ShardContext) {
        guard let cluster = context.cluster else { return }
        streams.removeAll { if case .gain(let epoch) = $0.purpose { epoch != cluster.epoch } else { false } }
        defer { advance(&context) }
        if isInDoubt { planRecovery(cluster, held, &context) }
        if cluster.nextPlacement != nil { planGains(cluster, &context) }
        streamsUnderWay = streams.count { $0.active != nil }
    }

    /// While this node is in doubt: the ranges whose records are all here again, as their owner or as a gain.
    func heldRanges(_ context: inout ShardContext) -> [TokenRange] {
        guard isInDoubt, hasPlannedRecovery, let cluster = context.cluster, let placement = cluster.placement
        else { return [] }
        var held = context.ownedRanges(placement)
        if let next = cluster.nextPlacement, context.streamedEpoch == cluster.epoch {
            held += context.ownedRanges(next)
        }
        return held.flatMap { $0.subtracting(context.recovering.ranges) }
    }

    /// What is owned and not held has to be recovered. That may be more than before: a node whose disk was lost starts
    /// with a view as old as its configuration, and learns only later of ranges that it had gained since.
    private mutating func planRecovery(_ cluster: ClusterState, _ held: [TokenRange], _ context: inout ShardContext) {
        guard let placement = cluster.placement else { return }
        guard cluster.view.owners.contains(where: { $0.node == context.node }) else {
            if hasPlannedRecovery { context.reach(.recoveryEndedByLeaving) }
            // An outsider owns nothing: what it lost shows only when it learns that it is a member. One that has left
            // does not go on with what it began as a member, or it would gather records that are not its own.
            context.recovering = RecoveringRanges()
            hasPlannedRecovery = false
            streams.removeAll { $0.purpose == .recovery }
            return
        }
        context.recovering = RecoveringRanges(context.ownedRanges(placement).flatMap { $0.subtracting(held) })
        hasPlannedRecovery = true
        context.reach(.recoveryPlanned)
        streams.removeAll { $0.purpose == .recovery }
        founding.forgetPartners()
        for lost in context.recovering.ranges {
            for index in placement.rangeIndex(of: lost.first)...placement.rangeIndex(of: lost.last) {
                guard let range = placement.range(at: index).intersection(lost) else { continue }
                let replicas = placement.preferenceList(at: index).replicas
                let others = replicas.filter { $0 != context.node }
                founding.add(partners: others)
                addStream(range, .recovery, from: others, &context)
            }
        }
    }

    private mutating func planGains(_ cluster: ClusterState, _ context: inout ShardContext) {
        guard let placement = cluster.placement, let next = cluster.nextPlacement,
            !streams.contains(where: { $0.purpose == .gain(cluster.epoch) }), context.streamedEpoch != cluster.epoch
        else { return }
        for gained in next.replicaRanges(of: context.node) {
            for index in placement.rangeIndex(of: gained.first)...placement.rangeIndex(of: gained.last) {
                let owners = placement.preferenceList(at: index).replicas
                guard !owners.contains(context.node), let common = placement.range(at: index).intersection(gained),
                    let range = common.intersection(context.shardRange)
                else { continue }
                context.reach(.gainPlanned)
                addStream(range, .gain(cluster.epoch), from: Array(owners), &context)
            }
        }
    }

    private mutating func addStream(
        _ range: TokenRange, _ purpose: StreamState.Purpose, from sources: [NodeID], _ context: inout ShardContext
    ) {
        if let last = streams.last, last.purpose == purpose, last.range.last.value &+ 1 == range.first.value,
            last.sources.map(\.node) == sources
        {
            streams[streams.count - 1] = StreamState(
                id: last.id, range: TokenRange(first: last.range.first, last: range.last), purpose: purpose,
                sources: last.sources)
            return
        }
        let id = StreamID(number: context.newRequestID().number)
        streams.append(
            StreamState(id: id, range: range, purpose: purpose, sources: sources.map { StreamState.Source(node: $0) }))
    }

    /// Lets streams go on, begin, or end; called whenever something may have changed for them.
    mutating func advance(_ context: inout ShardContext) {
        guard !context.isStarting, let placement = context.cluster?.placement else { return }
        let needed = context.settings.ownersToHear(of: placement.replicaCount)
        var underWay = streamsUnderWay
        var isWaiting = false
        var finished: [StreamID] = []
        for index in streams.indices {
            // What begins now is at the front: streams end from there.
            guard underWay < ReplicationLimits.maximumStreams || index < 2 * ReplicationLimits.maximumStreams else {
                break
            }
            guard streams[index].active == nil else { continue }
            if isDone(streams[index], needed: needed, &context) {
                finished.append(streams[index].id)
            } else if underWay < ReplicationLimits.maximumStreams {
                if beginSource(index, &context) { underWay += 1 } else { isWaiting = true }
            }
        }
        for id in finished { end(id, &context) }
        if isWaiting { setRetryTimer(&context) }
        noteStreamed(&context)
        if !finished.isEmpty, !streams.isEmpty { advance(&context) }
    }

    /// Whether enough owners have been heard: N - W + 1 that are whole hold every write that W owners acknowledged; see
    /// ``ReplicationSettings/ownersToHear(of:)``. Once all have been heard there is nobody to wait for, whole or not.
    ///
    /// However many are in doubt, one that is away is waited for: it may hold what the lost disks held, and an owner that is in
    /// doubt need have lost nothing.
    private mutating func isDone(_ stream: StreamState, needed: Int, _ context: inout ShardContext) -> Bool {
        var established = 0
        var areAllHeard = true
        for source in stream.sources {
            switch source.state {
            case .established: established += 1
            case .inDoubt: break
            // What it had was streamed; that it is asked again, whether it is whole by now, holds nothing up.
            case .failed where source.wasHeardInDoubt: break
            case .untried, .failed: areAllHeard = false
            }
        }
        if established >= min(needed, stream.sources.count), established > 0 || needed == 0 { return true }
        guard stream.purpose == .recovery else { return false }
        if areAllHeard {
            context.reach(.recoveryEndedWithAllHeard)
            return true
        }
        guard founding.isOver(isReachable: context.isReachable) else { return false }
        context.reach(.recoveryEndedByFounding)
        return true
    }

    private mutating func beginSource(_ index: Int, _ context: inout ShardContext) -> Bool {
        let candidate = streams[index].sources.indices.first { position in
            let source = streams[index].sources[position]
            guard context.isReachable(source.node) else { return false }
            switch source.state {
            case .untried: return true
            case .failed: return !source.retry.isWaiting(at: context.now.monotonic)
            case .inDoubt, .established: return false
            }
        }
        guard let candidate else {
            // Owners that were in doubt may be whole by now: ask them again after a while.
            for position in streams[index].sources.indices {
                if case .inDoubt = streams[index].sources[position].state {
                    streams[index].sources[position].state = .failed
                    streams[index].sources[position].retry.fail(at: context.now.monotonic, &context.random)
                }
            }
            return false
        }
        streams[index].active = candidate
        streamsUnderWay += 1
        streams[index].cursor = nil
        streams[index].hasFailedRecord = false
        requestPage(index, &context)
        return true
    }

    private mutating func end(_ id: StreamID, _ context: inout ShardContext) {
        guard let index = streams.firstIndex(where: { $0.id == id }) else { return }
        let stream = streams.remove(at: index)
        guard stream.purpose == .recovery else { return }
        context.recovering.remove(stream.range)
    }

    /// A node that leaves first hands over the hints that it keeps, and what those who will own its ranges lack.
    private func isKept(_ context: inout ShardContext) -> Bool {
        guard let cluster = context.cluster, cluster.view.member(context.node)?.status == .leaving else { return false }
        if context.hintsKept > 0 {
            context.reach(.hintsHoldUpLeaving)
            return true
        }
        return context.handedOverEpoch != cluster.epoch
    }

    /// Reports what is complete: the gains of this epoch, the recovery.
    mutating func noteStreamed(_ context: inout ShardContext) {
        guard let cluster = context.cluster else { return }
        if cluster.nextPlacement != nil, context.streamedEpoch != cluster.epoch, !isKept(&context),
            !streams.contains(where: { $0.purpose == .gain(cluster.epoch) })
        {
            context.streamedEpoch = cluster.epoch
            context.outbox.append(.rangesStreamed(cluster.epoch))
            // A newcomer's empty disk is whole once it holds all that it gains.
            if cluster.view.member(context.node)?.status == .joining { hasPlannedRecovery = true }
        }
        if isInDoubt, hasPlannedRecovery, context.recovering.isEmpty {
            doubt = nil
            context.isInDoubt = false
            context.outbox.append(.recovered)
            context.outbox.append(.log(.info("shard \(context.shard) is in doubt no more: it holds all that it owns")))
        }
    }
}
