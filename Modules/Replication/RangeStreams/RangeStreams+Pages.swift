internal import Partitioning
internal import StatorCore

/// Streaming in: pull pages from owners, merge each record durably, go on after a loss where it stopped.
extension RangeStreams {
    mutating func requestPage(_ index: Int, _ context: inout ShardContext) {
        guard let active = streams[index].active else { return }
        let request = context.newRequestID()
        streams[index].request = request
        streams[index].lastHeard = context.now.monotonic
        context.deadlines.insert(
            .stream(streams[index].id),
            due: context.now.monotonic.advanced(by: context.blueprint.antiEntropy.sessionIdleTimeout))
        let transfer = TransferRequest(
            request: request, epoch: context.epoch, range: streams[index].range, after: streams[index].cursor,
            folder: folder, isFounder: founding.mayInclude(streams[index].sources[active].node))
        context.send(.transfer(transfer), to: streams[index].sources[active].node)
    }

    mutating func receive(
        _ request: RequestID, _ page: TransferPage, from sender: NodeID, _ context: inout ShardContext,
        _ keys: inout KeyWork
    ) {
        guard let index = streams.firstIndex(where: { $0.request == request }),
            let active = streams[index].active, streams[index].sources[active].node == sender
        else { return context.reach(.streamPageLate) }
        let id = streams[index].id
        streams[index].request = nil
        streams[index].lastHeard = context.now.monotonic
        switch page {
        case .refused:
            context.reach(.streamRefused)
            failSource(index, &context)
        case .records(let records, let next, let said):
            founding.hear(sender, folder: said.folder, isFounder: said.isFounder, isAnswer: true)
            let wanted = records.filter { streams[index].range.contains($0.token) }
            streams[index].said = said
            streams[index].nextPage = next
            streams[index].applying = wanted.count
            streams[index].pageBytes = wanted.reduce(0) { $0 + $1.bytes }
            streams[index].page = request
            context.counters.recordsStreamedIn += wanted.count
            if wanted.isEmpty { finishPage(index, &context) }
            for record in wanted {
                let key = StoreKey.records(record.token, record.key)
                if let outcome = keys.merge(record, on: key, for: .streamed(id, page: request), &context) {
                    finishStreamed(id, page: request, outcome, &context)
                }
            }
        }
    }

    /// A record of a page was merged; one of a page that its stream has given up counts for no later one.
    mutating func finishStreamed(
        _ id: StreamID, page: RequestID, _ outcome: TaskOutcome, _ context: inout ShardContext
    ) {
        guard let index = streams.firstIndex(where: { $0.id == id }), streams[index].page == page,
            streams[index].applying > 0
        else { return }
        streams[index].applying -= 1
        if outcome.isFailure { streams[index].hasFailedRecord = true }
        if streams[index].applying == 0 { finishPage(index, &context) }
    }

    private mutating func finishPage(_ index: Int, _ context: inout ShardContext) {
        guard let active = streams[index].active else { return }
        streams[index].pageBytes = 0
        let said = streams[index].said
        let hasNothingNew = streams[index].sources[active].wasHeardInDoubt && said?.doubt != nil
        if streams[index].hasFailedRecord {
            context.reach(.streamRecordFailed)
            failSource(index, &context)
        } else if let next = streams[index].nextPage, !hasNothingNew {
            streams[index].cursor = next
            requestPage(index, &context)
        } else {
            if said?.doubt != nil { context.reach(.streamFromRecovering) }
            streams[index].sources[active].wasHeardInDoubt = said?.doubt != nil
            streams[index].sources[active].state = said?.doubt.map { .inDoubt($0) } ?? .established
            streams[index].active = nil
            streamsUnderWay -= 1
            advance(&context)
        }
    }

    private mutating func failSource(_ index: Int, _ context: inout ShardContext) {
        guard let active = streams[index].active else { return }
        streams[index].sources[active].state = .failed
        streams[index].sources[active].retry.fail(at: context.now.monotonic, &context.random)
        streams[index].active = nil
        streamsUnderWay -= 1
        streams[index].request = nil
        streams[index].page = nil
        streams[index].applying = 0
        streams[index].pageBytes = 0
        setRetryTimer(&context)
    }

    /// For the first stream that can go on: with another source, or with one whose back-off is over. Where as many as may
    /// are under way, the end of one has the others begin.
    func setRetryTimer(_ context: inout ShardContext) {
        guard streamsUnderWay < ReplicationLimits.maximumStreams else { return }
        let now = context.now.monotonic
        var due = now.advanced(by: ReplicationLimits.lastRetry)
        for stream in streams where stream.active == nil {
            for source in stream.sources where context.isReachable(source.node) {
                switch source.state {
                case .untried: due = now
                case .failed: due = min(due, max(source.retry.until ?? now, now))
                case .inDoubt, .established: break
                }
            }
        }
        context.setTimer(.transfer, after: due.elapsed(since: now))
    }

    /// A source is back: what it failed in before is no reason to wait.
    mutating func noteReached(_ peer: NodeID) {
        for index in streams.indices {
            for position in streams[index].sources.indices where streams[index].sources[position].node == peer {
                streams[index].sources[position].retry.succeed()
            }
        }
    }

    mutating func passDeadline(_ id: StreamID, _ context: inout ShardContext) {
        guard let index = streams.firstIndex(where: { $0.id == id }), streams[index].request != nil else { return }
        let due = streams[index].lastHeard.advanced(by: context.blueprint.antiEntropy.sessionIdleTimeout)
        guard due <= context.now.monotonic else { return }
        context.reach(.streamSilent)
        failSource(index, &context)
    }

    /// A source cannot be reached any more: others are asked, and some streams may have heard everybody there is.
    mutating func lose(_ peer: NodeID, _ context: inout ShardContext) {
        guard !streams.isEmpty else { return }
        defer { advance(&context) }
        for index in streams.indices {
            guard let active = streams[index].active, streams[index].sources[active].node == peer else { continue }
            context.reach(.streamSourceLost)
            failSource(index, &context)
        }
    }
}

extension ShardContext {
    func ownedRanges(_ placement: Placement) -> [TokenRange] {
        placement.replicaRanges(of: node).compactMap { $0.intersection(shardRange) }
    }
}
