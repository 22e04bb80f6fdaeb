import NIOCore

/// What a client knows and does, confined to one event loop: no lock, and one order of events.
///
/// An operation is routed to a node's pool, given to one of its connections, answered; or it fails there, and is moved,
/// tried again or given up. Every wait has its end set by ``arm(_:at:)``.
final class ClientCore {
    let eventLoop: any EventLoop
    let loop: NIOIsolatedEventLoop
    let configuration: ClientConfiguration
    let seeds: [NodeAddress]

    var pools: [NodeAddress: NodePool] = [:]
    /// No longer in the ring, with requests under way.
    var leaving: [NodePool] = []
    var ring: RoutedRing?
    var refresh = RingRefresh()
    /// Turns, so that nodes of equal load take turns.
    var rotation = 0

    private var operations: [UInt64: Operation] = [:]
    private var batches: [UInt64: BatchRun] = [:]
    private var waitingCount = 0
    private var parked = WaitingLine()
    private var upkeep: Scheduled<Void>?
    /// Operations that the client itself begins are counted from here, callers' from 1.
    private static let firstOwnID = UInt64(1) << 63
    private var ownID = ClientCore.firstOwnID
    private var lastFailure = "none of the nodes has been tried"
    var budget: RetryBudget
    let retryBackoff: Backoff
    private let nodeBackoff: Backoff
    var generator = SystemRandomNumberGenerator()
    var counts = ClientStatistics()
    private(set) var isClosed = false

    /// - Precondition: runs on the event loop.
    init(seeds: [NodeAddress], configuration: ClientConfiguration, eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        loop = eventLoop.assumeIsolated()
        self.seeds = seeds
        self.configuration = configuration
        budget = RetryBudget(
            tokens: configuration.retryTokens, tokensPerSuccess: configuration.retryTokensPerSuccess)
        retryBackoff = Backoff(
            first: TimeAmount(configuration.retryBackoff), cap: TimeAmount(configuration.maximumRetryBackoff),
            leastShare: 0)
        nodeBackoff = Backoff(
            first: TimeAmount(configuration.nodeBackoff), cap: TimeAmount(configuration.maximumNodeBackoff),
            leastShare: 0.5)
        scheduleUpkeep()
    }

    // MARK: Beginning and ending

    func submit(_ request: Request, id: UInt64, completion: @escaping Operation.Completion) {
        counts.requests += 1
        begin(Operation(request, id: id, completion: completion))
    }

    func begin(_ operation: Operation) {
        guard !isClosed else { return finish(operation, .failure(.closed(outcomeUnknown: false))) }
        guard NIODeadline.now() < operation.deadline else {
            return finish(operation, .failure(.deadlineExceeded(outcomeUnknown: false)))
        }
        operations[operation.id] = operation
        route(operation)
    }

    func makeID() -> UInt64 {
        ownID += 1
        return ownID
    }

    /// The one place where an operation ends. What it left behind in queues is void.
    func finish(_ operation: Operation, _ result: Result<Reply, StatorClientError>) {
        guard let completion = operation.completion else { return }
        operation.completion = nil
        operations[operation.id] = nil
        operation.timer?.cancel()
        operation.timer = nil
        leave(operation)
        guard case .failure(let error) = result else { return completion(result) }
        // The ring is fetched for the client itself, also when it connects.
        var isForCaller = operation.id < ClientCore.firstOwnID
        if case .ring = operation.command { isForCaller = false }
        if isForCaller { counts.failures += 1 }
        if operation.mayHaveBeenDone, !error.isOutcomeUnknown {
            return completion(.failure(.outcomeUnknown("an earlier attempt had no clear answer; at last, \(error)")))
        }
        completion(result)
    }

    func cancel(_ id: UInt64) {
        if let batch = batches[id] { return batch.cancel() }
        guard let operation = operations[id] else { return }
        finish(operation, .failure(.cancelled(outcomeUnknown: operation.isOutcomeOpen)))
    }

    func begin(_ batch: BatchRun, id: UInt64) {
        batches[id] = batch
        batch.begin { self.batches[id] = nil }
    }

    // MARK: Waiting

    /// - Returns: a place in a line, or `nil` where too many wait and the operation has failed.
    func beginWaiting(_ operation: Operation, isParked: Bool) -> Claim? {
        guard waitingCount < configuration.maximumWaiting else {
            let error =
                isParked ? StatorClientError.notConnected(lastFailure) : .busy("\(waitingCount) operations wait")
            finish(operation, .failure(error))
            return nil
        }
        waitingCount += 1
        let claim = operation.move(to: .waiting(isParked: isParked))
        arm(operation, at: min(operation.deadline, .now() + TimeAmount(configuration.maximumWait)))
        return claim
    }

    /// Until a node is healthy again.
    func park(_ operation: Operation) {
        guard let claim = beginWaiting(operation, isParked: true) else { return }
        parked.append(claim)
    }

    /// Takes it from where it is. A reply that it would have had will be skipped.
    func leave(_ operation: Operation) {
        let place = operation.place
        operation.move(to: .nowhere)
        switch place {
        case .waiting: waitingCount -= 1
        case .sent(let connection): connection.abandonOne()
        case .nowhere, .queued, .pausing: break
        }
    }

    func beganAttempt(_ operation: Operation) {
        operation.attemptDeadline = .now() + operation.attemptTime
        arm(operation, at: min(operation.deadline, operation.attemptDeadline))
    }

    func arm(_ operation: Operation, at time: NIODeadline) {
        operation.timer?.cancel()
        operation.timer = loop.scheduleTask(deadline: time) { self.timeIsOver(for: operation) }
    }

    private func timeIsOver(for operation: Operation) {
        guard NIODeadline.now() < operation.deadline else {
            return finish(operation, .failure(.deadlineExceeded(outcomeUnknown: operation.isOutcomeOpen)))
        }
        switch operation.place {
        case .nowhere: break
        case .waiting(isParked: true): finish(operation, .failure(.notConnected(lastFailure)))
        case .waiting(isParked: false):
            finish(operation, .failure(.busy("no connection had room for \(configuration.maximumWait)")))
        case .pausing:
            leave(operation)
            route(operation)
        case .queued: failed(operation, .notSent("the connection takes nothing"), at: operation.node)
        case .sent where operation.isRepeatable && !operation.isPinned:
            failed(
                operation,
                AttemptFailure(
                    error: .deadlineExceeded(outcomeUnknown: operation.command.isWrite), remedy: .retry,
                    hintsAtChange: true), at: operation.node)
        case .sent: arm(operation, at: operation.deadline)
        }
    }

    // MARK: Nodes

    func noteFailure(of pool: NodePool, _ why: String) {
        lastFailure = why
        requestRefresh()
    }

    func nodePause(after failures: Int) -> TimeAmount {
        nodeBackoff.pause(after: failures, using: &generator)
    }

    func nodeIsBack() {
        for operation in parked.drain() {
            leave(operation)
            route(operation)
        }
    }

    func ping(_ connection: ClientConnection, completion: @escaping Operation.Completion) {
        let request = Request(.ping, timeout: TimeAmount(configuration.silenceLimit))
        let operation = Operation(request, id: makeID(), isPinned: true) { result in
            if case .success(let reply) = result, reply != .text("PONG") {
                return completion(.failure(.unexpectedReply(reply.kind, outcomeUnknown: false)))
            }
            completion(result)
        }
        operations[operation.id] = operation
        connection.send(operation)
        arm(operation, at: operation.deadline)
    }

    private func scheduleUpkeep() {
        let interval = TimeAmount(configuration.idlePingInterval)
        upkeep = loop.scheduleTask(in: interval) {
            for pool in Array(self.pools.values) { pool.pingIdle(since: .now() - interval) }
            self.scheduleUpkeep()
        }
    }

    // MARK: The whole

    var statistics: ClientStatistics {
        var statistics = counts
        statistics.retryTokens = budget.tokens
        statistics.waiting = waitingCount
        statistics.ringEpoch = ring?.ring.epoch
        statistics.nodes = pools.values.map(\.statistics).sorted { "\($0.address)" < "\($1.address)" }
        return statistics
    }

    /// Fails what is under way and closes every connection.
    /// - Returns: fulfilled when the sockets are closed.
    func shutDown() -> EventLoopFuture<Void> {
        guard !isClosed else { return eventLoop.makeSucceededVoidFuture() }
        isClosed = true
        let all = pools.values + leaving
        let closing = all.flatMap(\.closeFutures)
        upkeep?.cancel()
        refresh.timer?.cancel()
        for batch in batches.values { batch.stop(.closed(outcomeUnknown: false)) }
        for operation in operations.values {
            finish(operation, .failure(.closed(outcomeUnknown: operation.isOutcomeOpen)))
        }
        for pool in all { pool.close() }
        pools = [:]
        leaving = []
        ring = nil
        return EventLoopFuture.andAllComplete(closing, on: eventLoop)
    }
}
