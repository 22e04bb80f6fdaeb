internal import Partitioning
internal import StatorCore

/// A range that this node gains in the next epoch, or recovers after a lost disk, being streamed from its owners.
struct StreamState {
    enum Purpose: Equatable {
        case gain(Epoch)
        case recovery
    }

    enum SourceState {
        case untried
        /// It streamed everything and has not lost its own disk.
        case established
        /// It streamed everything, but is itself recovering.
        case recovering
        case failed(retryAt: Instant)
    }

    struct Source {
        let node: NodeID
        var state = SourceState.untried
    }

    let id: StreamID
    let range: TokenRange
    let purpose: Purpose
    var sources: [Source]
    /// Index of the source that streams now.
    var active: Int?
    var cursor: ScanCursor?
    var nextPage: ScanCursor?
    var request: RequestID?
    var lastHeard = Instant(nanoseconds: 0)
    /// Records of the page at hand that are not durable here yet.
    var applying = 0
    var hasFailedRecord = false
    var isSourceRecovering = false
}

/// Streaming ranges in: pull pages from owners, merge each record durably, go on after a loss where it stopped.
extension ShardMachine {
    /// Makes the streams that this epoch calls for: for a lost disk the owned ranges, for a change what is gained.
    ///
    /// - Parameter held: what this node held whole before it adopted the epoch; see ``heldRanges``.
    mutating func planStreams(holding held: [TokenRange]) {
        guard let cluster else { return }
        streams.removeAll { if case .gain(let epoch) = $0.purpose { epoch != cluster.epoch } else { false } }
        defer { advanceStreams() }
        if hasLostDisk { planRecovery(cluster, held) }
        if cluster.nextPlacement != nil { planGains(cluster) }
        streamsUnderWay = streams.count { $0.active != nil }
    }

    /// While a lost disk is being recovered: the ranges whose records are all here again, as their owner or as a gain.
    var heldRanges: [TokenRange] {
        guard hasLostDisk, hasPlannedRecovery, let cluster, let placement = cluster.placement else { return [] }
        var held = ownedRanges(placement)
        if let next = cluster.nextPlacement, streamedEpoch == cluster.epoch { held += ownedRanges(next) }
        return held.flatMap { $0.subtracting(recovering) }
    }

    func ownedRanges(_ placement: Placement) -> [TokenRange] {
        placement.replicaRanges(of: node).compactMap { $0.intersection(shardRange) }
    }

    /// What is owned and not held has to be recovered. That may be more than before: a node whose disk was lost starts
    /// with a view as old as its configuration, and learns only later of ranges that it had gained since.
    private mutating func planRecovery(_ cluster: ClusterState, _ held: [TokenRange]) {
        guard let placement = cluster.placement else { return }
        guard cluster.view.owners.contains(where: { $0.node == node }) else {
            // An outsider owns nothing: what it lost shows only when it learns that it is a member. One that has left
            // does not go on with what it began as a member, or it would gather records that are not its own.
            recovering = []
            hasPlannedRecovery = false
            streams.removeAll { $0.purpose == .recovery }
            return
        }
        recovering = ownedRanges(placement).flatMap { $0.subtracting(held) }
        hasPlannedRecovery = true
        streams.removeAll { $0.purpose == .recovery }
        for lost in recovering {
            for index in placement.rangeIndex(of: lost.first)...placement.rangeIndex(of: lost.last) {
                guard let range = placement.range(at: index).intersection(lost) else { continue }
                let replicas = placement.preferenceList(at: index).replicas
                addStream(range, .recovery, from: replicas.filter { $0 != node })
            }
        }
    }

    private mutating func planGains(_ cluster: ClusterState) {
        guard let placement = cluster.placement, let next = cluster.nextPlacement,
            !streams.contains(where: { $0.purpose == .gain(cluster.epoch) }), streamedEpoch != cluster.epoch
        else { return }
        for gained in next.replicaRanges(of: node) {
            for index in placement.rangeIndex(of: gained.first)...placement.rangeIndex(of: gained.last) {
                let owners = placement.preferenceList(at: index).replicas
                guard !owners.contains(node), let common = placement.range(at: index).intersection(gained),
                    let range = common.intersection(shardRange)
                else { continue }
                addStream(range, .gain(cluster.epoch), from: Array(owners))
            }
        }
    }

    private mutating func addStream(_ range: TokenRange, _ purpose: StreamState.Purpose, from sources: [NodeID]) {
        if let last = streams.last, last.purpose == purpose, last.range.last.value &+ 1 == range.first.value,
            last.sources.map(\.node) == sources
        {
            streams[streams.count - 1] = StreamState(
                id: last.id, range: TokenRange(first: last.range.first, last: range.last), purpose: purpose,
                sources: last.sources)
            return
        }
        let id = StreamID(number: newRequestID().number)
        streams.append(
            StreamState(id: id, range: range, purpose: purpose, sources: sources.map { StreamState.Source(node: $0) }))
    }

    /// Lets streams go on, begin, or end; called whenever something may have changed for them.
    mutating func advanceStreams() {
        guard !isStarting, let placement = cluster?.placement else { return }
        let needed = max(placement.replicaCount - settings.writeQuorum + 1, 1)
        var underWay = streamsUnderWay
        var isWaiting = false
        var finished: [StreamID] = []
        for index in streams.indices {
            // What begins now is at the front: streams end from there.
            guard underWay < ReplicationLimits.maximumStreams || index < 2 * ReplicationLimits.maximumStreams else {
                break
            }
            guard streams[index].active == nil else { continue }
            if isDone(streams[index], needed: needed) {
                finished.append(streams[index].id)
            } else if underWay < ReplicationLimits.maximumStreams {
                if beginSource(index) { underWay += 1 } else { isWaiting = true }
            }
        }
        for id in finished { end(id) }
        if isWaiting { setTimer(.transfer, after: ReplicationLimits.streamRetry) }
        noteStreamed()
        if !finished.isEmpty, !streams.isEmpty { advanceStreams() }
    }

    /// Whether enough owners have been heard: N - W + 1 that have not lost their disk hold every write that W owners
    /// acknowledged. Where W owners or more have lost theirs, this one included, nothing more was promised.
    private func isDone(_ stream: StreamState, needed: Int) -> Bool {
        var established = 0
        var lost = 1
        for source in stream.sources {
            switch source.state {
            case .established: established += 1
            case .recovering: lost += 1
            default: break
            }
        }
        if established >= min(needed, stream.sources.count), established > 0 || needed == 0 { return true }
        return stream.purpose == .recovery && lost >= min(settings.writeQuorum, stream.sources.count + 1)
    }

    private mutating func beginSource(_ index: Int) -> Bool {
        let candidate = streams[index].sources.indices.first { position in
            let source = streams[index].sources[position]
            guard isReachable(source.node) else { return false }
            switch source.state {
            case .untried: return true
            case .failed(let retryAt): return retryAt <= now.monotonic
            case .recovering, .established: return false
            }
        }
        guard let candidate else {
            // Owners that were recovering may be done by now: ask them again after a while.
            for position in streams[index].sources.indices {
                if case .recovering = streams[index].sources[position].state {
                    let retryAt = now.monotonic.advanced(by: ReplicationLimits.streamRetry)
                    streams[index].sources[position].state = .failed(retryAt: retryAt)
                }
            }
            return false
        }
        streams[index].active = candidate
        streamsUnderWay += 1
        streams[index].cursor = nil
        streams[index].hasFailedRecord = false
        requestPage(index)
        return true
    }

    private mutating func requestPage(_ index: Int) {
        guard let active = streams[index].active else { return }
        let request = newRequestID()
        streams[index].request = request
        streams[index].lastHeard = now.monotonic
        streamRequests[request] = streams[index].id
        deadlines.insert(
            .stream(streams[index].id), due: now.monotonic.advanced(by: blueprint.antiEntropy.sessionIdleTimeout))
        let transfer = TransferRequest(
            request: request, epoch: epoch, range: streams[index].range, after: streams[index].cursor)
        send(.transfer(transfer), to: streams[index].sources[active].node)
    }

    mutating func receivePage(_ request: RequestID, _ page: TransferPage, from sender: NodeID) {
        guard let id = streamRequests.removeValue(forKey: request),
            let index = streams.firstIndex(where: { $0.id == id }), streams[index].request == request,
            let active = streams[index].active, streams[index].sources[active].node == sender
        else { return }
        streams[index].request = nil
        streams[index].lastHeard = now.monotonic
        switch page {
        case .refused: failSource(index)
        case .records(let records, let next, let isRecovering):
            let wanted = records.filter { streams[index].range.contains($0.token) }
            streams[index].isSourceRecovering = isRecovering
            streams[index].nextPage = next
            streams[index].applying = wanted.count
            counters.recordsStreamedIn += wanted.count
            if wanted.isEmpty { finishPage(index) }
            for record in wanted { enqueue(.merge(record, .streamed(id)), on: .records(record.token, record.key)) }
        }
    }

    mutating func finishStreamed(_ id: StreamID, _ outcome: TaskOutcome) {
        guard let index = streams.firstIndex(where: { $0.id == id }), streams[index].applying > 0 else { return }
        streams[index].applying -= 1
        if outcome.isFailure { streams[index].hasFailedRecord = true }
        if streams[index].applying == 0 { finishPage(index) }
    }

    private mutating func finishPage(_ index: Int) {
        guard let active = streams[index].active else { return }
        if streams[index].hasFailedRecord {
            failSource(index)
        } else if let next = streams[index].nextPage {
            streams[index].cursor = next
            requestPage(index)
        } else {
            streams[index].sources[active].state = streams[index].isSourceRecovering ? .recovering : .established
            streams[index].active = nil
            streamsUnderWay -= 1
            advanceStreams()
        }
    }

    private mutating func failSource(_ index: Int) {
        guard let active = streams[index].active else { return }
        let retryAt = now.monotonic.advanced(by: ReplicationLimits.streamRetry)
        streams[index].sources[active].state = .failed(retryAt: retryAt)
        streams[index].active = nil
        streamsUnderWay -= 1
        streams[index].request = nil
        streams[index].applying = 0
        setTimer(.transfer, after: ReplicationLimits.streamRetry)
    }

    mutating func passStreamDeadline(_ id: StreamID) {
        guard let index = streams.firstIndex(where: { $0.id == id }), streams[index].request != nil else { return }
        let due = streams[index].lastHeard.advanced(by: blueprint.antiEntropy.sessionIdleTimeout)
        if due <= now.monotonic { failSource(index) }
    }

    mutating func failStreams(from peer: NodeID) {
        for index in streams.indices {
            guard let active = streams[index].active, streams[index].sources[active].node == peer else { continue }
            failSource(index)
        }
    }

    private mutating func end(_ id: StreamID) {
        guard let index = streams.firstIndex(where: { $0.id == id }) else { return }
        let stream = streams.remove(at: index)
        guard stream.purpose == .recovery else { return }
        if let position = recoveringIndex(of: stream.range.first) {
            recovering.replaceSubrange(position...position, with: recovering[position].subtracting(stream.range))
        }
    }

    /// A node that leaves hands over the hints that it keeps first.
    private var isKeptByHints: Bool {
        cluster?.view.member(node)?.status == .leaving && hintBook.totalCount > 0
    }

    /// Reports what is complete: the gains of this epoch, the recovery.
    mutating func noteStreamed() {
        guard let cluster else { return }
        if cluster.nextPlacement != nil, streamedEpoch != cluster.epoch, !isKeptByHints,
            !streams.contains(where: { $0.purpose == .gain(cluster.epoch) })
        {
            streamedEpoch = cluster.epoch
            outbox.append(.rangesStreamed(cluster.epoch))
            // A newcomer's empty disk is whole once it holds all that it gains.
            if cluster.view.member(node)?.status == .joining { hasPlannedRecovery = true }
        }
        if hasLostDisk, hasPlannedRecovery, recovering.isEmpty {
            hasLostDisk = false
            outbox.append(.recovered)
            outbox.append(.log(.info("shard \(shard): all owned ranges are recovered")))
        }
    }
}
