internal import Checking
internal import ConflictResolution
internal import NIOCore
internal import Replication
internal import Simulation
internal import StatorCore
internal import Workload

/// What clients do: ask, wait, record. When they begin is in `SimulationRun+Pace.swift`.
extension SimulationRun {
    func wakeClient(_ index: Int, _ generation: UInt32) {
        guard clients[index].generation == generation else { return }
        if let pending = clients[index].pending {
            giveUp(index, pending, "no answer in time")
        } else if clients[index].batch != nil {
            giveUpBatch(index, "no answer in time")
        } else if areClientsWorking {
            begin(index, intended: cluster.time.nanoseconds)
        }
    }

    /// - Parameter intended: when the step was meant to begin.
    func begin(_ index: Int, intended: Int64) {
        let step = nextStep(index)
        clients[index].intended = intended
        clients[index].valueBytes = requests.valueBytes(step.valueBytes)
        clients[index].isPlain = requests.isPlain()
        let key = step.kind == .insert && file.trace == nil ? keys.insert(cluster) : step.key
        chooseNode(index)
        if step.kind != .batch, step.kind != .insert, requests.isBatch() { return mixBatch(index, from: key) }
        switch step.kind {
        case .read: read(index, key, then: .nothing)
        case .update where clients[index].isPlain: write(index, key, PlannedWrite(basis: .held))
        case .update: read(index, key, then: .update)
        case .heldWrite, .insert: write(index, key, PlannedWrite(basis: .held))
        case .siblingWrite:
            clients[index].isPlain = false
            write(index, key, PlannedWrite(basis: .nothing))
        case .delete where clients[index].isPlain || requests.isBlindDelete():
            write(index, key, PlannedWrite(basis: .held, isDelete: true))
        case .delete: read(index, key, then: .delete)
        case .batch: readBatch(index, from: key)
        }
    }

    /// A node that takes connections, where a few tries find one: as a client does that knows all addresses.
    func chooseNode(_ index: Int) {
        if file.workload.isSticky, isServing(clients[index].node), clients[index].generation > 1 { return }
        for _ in 0..<4 {
            let candidate = clients[index].random.below(cluster.nodeCount)
            clients[index].node = candidate
            if isServing(candidate) { return }
        }
        // Whoever serves, or the last one tried where nobody does.
        clients[index].node = (0..<cluster.nodeCount).first { isServing($0) } ?? clients[index].node
    }

    private func isServing(_ node: Int) -> Bool {
        cluster.isMember(node)
    }

    /// Reads a key from all replicas, past the clients' pauses. Strictly: a fallback that stood in for a replica and holds
    /// nothing would make a kept write look lost.
    func readFinally(_ key: Int) {
        for attempt in 0..<(SimulationRun.finalRounds * cluster.nodeCount) {
            clients[0].node = attempt % cluster.nodeCount
            guard isServing(clients[0].node) else { continue }
            let request = ClientRequest(
                key: keys.entries[key].key, token: keys.entries[key].token, operation: .get,
                options: RequestOptions(readQuorum: .all, isSloppy: false))
            let number = operations.count
            clients[0].intended = cluster.time.nanoseconds
            ask(0, key, request, .read)
            operations[number].operation.isFinal = true
            _ = cluster.run(atMost: .seconds(10)) { clients[0].pending == nil }
            if operations[number].operation.outcome == .ok { return }
        }
        failures.append("no node could read \(keys.entries[key].name) from all replicas in the end")
    }

    /// How often every node is asked for a final read: messages may still be lost.
    private static let finalRounds = 10

    // MARK: Asking

    private func read(_ index: Int, _ key: Int, then followUp: SimulatedClient.FollowUp) {
        let request = readRequest(key, isPlain: clients[index].isPlain)
        ask(index, key, request, .read, followUp: followUp)
    }

    /// Sends a write or a delete, with what else its request asks for.
    private func write(_ index: Int, _ key: Int, _ planned: PlannedWrite) {
        var planned = planned
        planned.options = requests.options(isWrite: true, isPlain: clients[index].isPlain)
        requests.condition(&planned, key: key)
        requests.damage(&planned, key: key)
        let rivals = planned.isDamaged ? 0 : requests.rivals(of: planned)
        guard rivals > 0 else { return sendWrite(index, key, planned) }
        let waiting = (0...rivals).map { _ in
            send(
                index, key, writeRequest(index, key, planned), planned.isDelete ? .delete : .write,
                basis: planned.basis, presented: planned.presented, isMeasured: false)
        }
        waitForAll(index, waiting)
    }

    /// Writes as the cluster's defaults say.
    func writePlainly(_ index: Int, _ key: Int) {
        sendWrite(index, key, PlannedWrite(basis: .held))
    }

    private func sendWrite(_ index: Int, _ key: Int, _ planned: PlannedWrite) {
        let request = writeRequest(index, key, planned)
        ask(
            index, key, request, planned.isDelete ? .delete : .write, basis: planned.basis,
            presented: planned.presented,
            isDamaged: planned.isDamaged)
    }

    private func ask(
        _ index: Int, _ key: Int, _ request: ClientRequest, _ kind: HistoryOperation.Kind,
        basis: WriteBasis = .nothing, presented: ByteBuffer? = nil,
        followUp: SimulatedClient.FollowUp = .nothing, isDamaged: Bool = false
    ) {
        var pending = send(
            index, key, request, kind, basis: basis, presented: presented, followUp: followUp)
        pending.isDamaged = isDamaged
        wake(.client(index, generation: clients[index].beginWaiting(for: pending)), after: patience)
    }

    /// Sends a request and notes it; the client does not wait for it yet.
    func send(
        _ index: Int, _ key: Int, _ request: ClientRequest, _ kind: HistoryOperation.Kind,
        basis: WriteBasis = .nothing, presented: ByteBuffer? = nil,
        followUp: SimulatedClient.FollowUp = .nothing, isMeasured: Bool = true
    ) -> SimulatedClient.Pending {
        let number = operations.count
        var operation = HistoryOperation(
            id: number, client: index, kind: kind, key: keys.entries[key].name, start: cluster.time.nanoseconds,
            end: cluster.time.nanoseconds, outcome: .unknown)
        if kind == .write { operation.value = "v\(number)" }
        if kind != .read {
            operation.basis =
                switch basis {
                case .held: .held
                case .context: .context
                case .nothing: .none
                }
        }
        operation.context = kept(presented)
        operation.node = cluster.names[clients[index].node].name
        note(request.options, in: &operation)
        let isBlind = kind == .delete && basis == .held
        operations.append(RecordedOperation(operation: operation, eventsBefore: isBlind ? tap.events.count : nil))
        tellAsked(index, operation)
        ledgers?.asked(number, request)
        let ticket = cluster.submit(request, toNode: clients[index].node)
        clientOfTicket[ticket] = index
        return SimulatedClient.Pending(
            operation: number, ticket: ticket, key: key, followUp: followUp, presented: presented,
            intended: clients[index].intended, isMeasured: isMeasured, isPlain: request.options.isPlain)
    }

    /// A context as the history keeps it; only exported ones need any.
    func kept(_ context: ByteBuffer?) -> String? {
        options.keepsHistory ? context.map { Base64.encode($0) } : nil
    }

    // MARK: Answers

    func finish(_ index: Int, _ ticket: ClientTicket, _ response: ClientResponse) {
        if clients[index].batch != nil { return finishPart(index, ticket, response) }
        guard let pending = clients[index].takePending() else { return }
        let (then, context) = conclude(index, pending, response)
        switch (then, context) {
        case (.update, let context):
            clients[index].intended = cluster.time.nanoseconds
            write(
                index, pending.key, PlannedWrite(basis: context.map { .context($0) } ?? .nothing, presented: context))
        case (.delete, let context?):
            clients[index].intended = cluster.time.nanoseconds
            write(
                index, pending.key, PlannedWrite(basis: .context(context), presented: context, isDelete: true))
        default: goOn(index)
        }
    }

    /// Notes what came of a request.
    /// - Returns: what it was for, where it succeeded, and the context that came with it.
    func conclude(
        _ index: Int, _ pending: SimulatedClient.Pending, _ response: ClientResponse
    ) -> (then: SimulatedClient.FollowUp, context: ByteBuffer?) {
        operations[pending.operation].operation.end = cluster.time.nanoseconds
        if story != nil {
            tellAnswered(index, operations[pending.operation].operation, StoryText.response(response))
        }
        var found: (then: SimulatedClient.FollowUp, context: ByteBuffer?) = (.nothing, nil)
        // What looks into contexts is shown what resolvers make; clients keep what they were given.
        let bare = response.unsealed
        if pending.isDamaged, case .stored = response {
            failures.append("the write \(pending.operation) was taken with a context that is none of its key")
        }
        switch response {
        case .value(let content):
            operations[pending.operation].noteRead([SimulationRun.name(of: content)], shows: nil, context: nil)
            meter?.read(showing: 1, at: cluster.time.nanoseconds)
        case .found(let result):
            let shows = if case .found(let shown) = bare { tap.note(shown) } else { [Int]() }
            noteRead(pending, result.versions, shows, result.context)
            meter?.read(showing: result.liveVersions.count, at: cluster.time.nanoseconds)
            found = (pending.followUp, result.context)
        case .notFound(let context):
            // Clients that want no contexts are told nothing of tombstones.
            let shows = pending.isPlain ? nil : context.map { tap.events(behind: ContextSeal.content(of: $0)) } ?? []
            noteRead(pending, [], shows, context)
            found = (pending.followUp, context)
        case .stored(let outcome):
            let kind = operations[pending.operation].noteSuccess(context: kept(outcome.context), by: outcome.node)
            noteCoordinator(pending, outcome.node)
            if kind == .delete { noteDelete(pending, outcome) }
        case .explained, .updated: break
        case .failed(let error): noteFailure(pending, error)
        }
        ledgers?.answered(pending.operation, bare)
        measure(pending)
        return found
    }

    private func noteRead(
        _ pending: SimulatedClient.Pending, _ versions: [Version], _ shows: [Int]?, _ context: ByteBuffer?
    ) {
        let values = versions.compactMap { version in version.content.map { SimulationRun.name(of: $0) } }
        operations[pending.operation].noteRead(values, shows: shows, context: kept(context))
    }

    private func noteFailure(_ pending: SimulatedClient.Pending, _ error: ClientError) {
        let isRead = operations[pending.operation].operation.kind == .read
        operations[pending.operation].operation.outcome = isRead || error.hasNoEffect ? .failed : .unknown
        operations[pending.operation].operation.error = "\(error)"
    }

    /// Nothing came back: a write may or may not have happened.
    private func giveUp(_ index: Int, _ pending: SimulatedClient.Pending, _ reason: String) {
        expectAnswer(pending, of: index)
        clients[index].pending = nil
        forget(pending, of: index, reason)
        goOn(index)
    }

    /// A node that runs answers every request within its time-out and a second; see `NodePort.submit`.
    private func expectAnswer(_ pending: SimulatedClient.Pending, of index: Int) {
        let (node, operation) = (clients[index].node, operations[pending.operation].operation)
        guard options.checks, cluster.isUp(cluster.names[node]), !cluster.isPaused(cluster.names[node]),
            disturbedAt[node] < operation.start, cluster.time.nanoseconds - operation.start >= patience
        else { return }
        let wait = Duration.nanoseconds(patience)
        failures.append(
            "\(cluster.names[node]) ran on and did not answer \(operation.kind.rawValue) \(operation.id) in \(wait)")
    }

    func forget(_ pending: SimulatedClient.Pending, of index: Int, _ reason: String) {
        clientOfTicket[pending.ticket] = nil
        ledgers?.gaveUp(pending.operation)
        let isRead = operations[pending.operation].operation.kind == .read
        operations[pending.operation].operation.outcome = isRead ? .failed : .unknown
        operations[pending.operation].operation.end = cluster.time.nanoseconds
        operations[pending.operation].operation.error = reason
        if story != nil { tellAnswered(index, operations[pending.operation].operation, reason) }
        measure(pending)
    }

    private func measure(_ pending: SimulatedClient.Pending) {
        // A batch is one operation, and is measured as a whole.
        guard meter != nil, pending.isMeasured else { return }
        let operation = operations[pending.operation].operation
        guard !operation.isFinal else { return }
        meter?.ends(RunMeter.Kind(operation.kind), operation.outcome, intended: pending.intended, at: operation.end)
    }

    /// A node died: its clients notice that their connections are gone.
    func loseConnections(to node: Int) {
        for index in clients.indices where clients[index].node == node {
            if let pending = clients[index].pending { giveUp(index, pending, "connection lost") }
            if clients[index].batch != nil { giveUpBatch(index, "connection lost") }
        }
    }
}

extension ClientError {
    /// Whether a write that failed so can never surface.
    var hasNoEffect: Bool {
        switch self {
        case .quorumUnmet, .timedOut, .outcomeUnknown: false
        case .impossibleQuorum, .overloaded, .tooManySiblings, .recordTooLarge, .invalidContext, .preconditionFailed,
            .unavailable, .notUpdated, .cannotStore:
            true
        }
    }
}
