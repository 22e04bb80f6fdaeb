import Logging
import NIOCore
import NodeCore
import Replication
import StatorCore
import Storage

/// Runs one shard machine on one event loop: hands it events one at a time and carries out its effects.
///
/// Everything in it belongs to that loop, which each entry asserts; that is what makes it safe to pass around. What
/// effects bring about at once (storage in memory) queues up behind the event in hand, so the machine is never entered
/// twice. Messages and storage commands leave once at the end of the loop's turn.
final class ShardDriver: @unchecked Sendable {
    let shard: Int
    let eventLoop: any EventLoop
    let store: ShardStore
    private let logger: Logger

    private var machine: ShardMachine?
    private(set) var peers: PeerSet?
    private var events = NodeEvents()
    private var outbox = Outbox<ShardEffect>()
    private var queue: [ShardEvent] = []
    private var next = 0
    private var isRunning = false
    private var turnEnds = false
    private var timers: [ShardTimer: Scheduled<Void>] = [:]
    private var replies = ReplyTable<ClientReply>()
    /// Answers of this turn for other loops.
    private var carried: [(courier: Courier, answers: [Courier.Answer])] = []
    /// Whether there is a machine: to look at it would copy it.
    private var isServing = false
    private var isStopping = false
    private var reportedFailure: String?

    init(shard: Int, eventLoop: any EventLoop, durability: DurabilitySettings, logger: Logger) {
        self.shard = shard
        self.eventLoop = eventLoop
        store = ShardStore(eventLoop: eventLoop, durability: durability)
        self.logger = logger
    }

    // MARK: Entries

    /// The engines are open: makes the machine and starts it.
    func start(
        blueprint: NodeBlueprint, identity: NodeIdentity, state: ClusterState, seed: UInt64, card: NodeCard,
        counters: RuntimeCounters, faults: LinkFaults, events: NodeEvents
    ) {
        eventLoop.preconditionInEventLoop()
        self.events = events
        let resident = store.resident { [unowned self] in report($0) }
        machine = ShardMachine(
            blueprint: blueprint, shard: shard, identity: identity, random: RandomGenerator(seed: seed),
            resident: resident)
        isServing = true
        let peers = PeerSet(
            shard: shard, card: card, counters: counters, faults: faults, logger: logger, eventLoop: eventLoop
        ) { [unowned self] node, isUp in linkChanged(node, isUp) }
        self.peers = peers
        handle(.started(state))
        peers.follow(state.view)
    }

    func submit(_ request: ClientRequest, _ reply: consuming ClientReply) {
        eventLoop.assertInEventLoop()
        guard isServing, !isStopping else {
            return answer(
                reply, .failed(.unavailable(isStopping ? "the node is stopping" : "the node is starting")))
        }
        guard replies.count < RuntimeLimits.maximumClientRequests else { return answer(reply, .failed(.overloaded)) }
        handle(.client(replies.add(reply), request))
    }

    private func answer(_ reply: consuming ClientReply, _ response: consuming ClientResponse) {
        switch reply {
        case .call(let call): call(response)
        case .sink(let sink, let tag): sink.answer(tag, response)
        case .courier(let courier, let sink, let tag):
            let answer = Courier.Answer(sink: sink, tag: tag, response: response)
            if let place = carried.firstIndex(where: { $0.courier === courier }) {
                carried[place].answers.append(answer)
            } else {
                carried.append((courier, [answer]))
                scheduleEndOfTurn()
            }
        }
    }

    func received(_ message: consuming ShardMessage, from node: NodeID) {
        eventLoop.assertInEventLoop()
        handle(.message(from: node, message))
    }

    /// The view changed: first its addresses are dialled, then the machine learns of it.
    func clusterChanged(_ state: ClusterState) {
        eventLoop.preconditionInEventLoop()
        peers?.follow(state.view)
        handle(.clusterChanged(state))
    }

    /// A node is heard on a connection that it keeps to this shard.
    func heard(_ node: NodeID, at endpoint: Endpoint) {
        eventLoop.assertInEventLoop()
        peers?.hear(node, endpoint)
    }

    func faultsChanged(_ faults: NetworkFaults) {
        eventLoop.preconditionInEventLoop()
        peers?.take(faults)
    }

    func livenessChanged(_ node: NodeID, _ liveness: Liveness) {
        eventLoop.preconditionInEventLoop()
        handle(.livenessChanged(node, liveness))
    }

    func dotsGranted(_ grant: DotGrant) {
        eventLoop.preconditionInEventLoop()
        handle(.dotsGranted(grant))
    }

    func restored() {
        eventLoop.preconditionInEventLoop()
        handle(.restored)
    }

    func syncNow() {
        eventLoop.preconditionInEventLoop()
        handle(.syncNow)
    }

    func storageCompleted(_ completions: [StorageCompletion], failure: String?) {
        eventLoop.assertInEventLoop()
        report(failure)
        for completion in completions { handle(.storage(completion.ticket, completion.result)) }
    }

    func inspect() -> EventLoopFuture<ShardInspection?> {
        eventLoop.preconditionInEventLoop()
        guard isServing else { return eventLoop.makeSucceededFuture(nil) }
        return store.statistics().map { statistics in
            self.eventLoop.preconditionInEventLoop()
            return self.machine?.inspection(
                now: SystemClock.now(), storage: statistics.records, hintStorage: statistics.hints)
        }
    }

    private func linkChanged(_ node: NodeID, _ isUp: Bool) {
        if shard == 0 { events.linkChanged(node, isUp) }
        handle(.linkChanged(node, isUp: isUp))
    }

    // MARK: Stopping

    /// From now on new client requests are refused; those under way are finished.
    func beginStopping() {
        eventLoop.preconditionInEventLoop()
        isStopping = true
        handle(.stopping)
    }

    var isIdle: Bool {
        eventLoop.preconditionInEventLoop()
        return machine?.isIdle ?? true
    }

    /// Ends the machine and closes the engines. Nothing is handled afterwards.
    /// - Returns: the engines' first failure.
    func end() -> EventLoopFuture<String?> {
        eventLoop.preconditionInEventLoop()
        isStopping = true
        endTurn()
        machine = nil
        isServing = false
        for timer in timers.values { timer.cancel() }
        timers = [:]
        peers?.close()
        for reply in replies.takeAll() { answer(reply, .failed(.outcomeUnknown)) }
        endTurn()
        events = NodeEvents()
        return store.close()
    }

    // MARK: Events

    private func handle(_ event: consuming ShardEvent) {
        guard !isRunning else {
            queue.append(event)
            return
        }
        isRunning = true
        step(event)
        run()
    }

    /// The machine takes one event; what follows from it is carried out.
    private func step(_ event: consuming ShardEvent) {
        machine?.handle(event, now: SystemClock.now(), outbox: &outbox)
        guard !outbox.isEmpty else { return }
        for index in outbox.indices { carryOut(outbox.take(index, leaving: .recovered)) }
        outbox.removeAll()
    }

    /// Handles what is queued, and what that queues, up to a bound; the loop's other work comes before the rest.
    private func run() {
        var left = RuntimeLimits.maximumEventsPerTurn
        while next < queue.count, left > 0 {
            var event = ShardEvent.syncNow
            swap(&event, &queue[next])
            next += 1
            left -= 1
            step(event)
        }
        if next == queue.count {
            if next > 0 { queue.removeAll(keepingCapacity: true) }
            next = 0
            isRunning = false
        } else {
            queue.removeFirst(next)
            next = 0
            eventLoop.execute { self.run() }
        }
        if !turnEnds, store.hasStaged || peers?.hasStaged == true { scheduleEndOfTurn() }
    }

    /// NIO runs what is executed on a loop after the events of the present turn: everything sent meanwhile goes along.
    func scheduleEndOfTurn() {
        guard !turnEnds else { return }
        turnEnds = true
        eventLoop.execute { self.endTurn() }
    }

    private func endTurn() {
        turnEnds = false
        if !carried.isEmpty {
            for (courier, answers) in carried { courier.deliver(answers) }
            carried.removeAll(keepingCapacity: true)
        }
        store.flush()
        peers?.flush()
    }

    // MARK: Effects

    private func carryOut(_ effect: consuming ShardEffect) {
        switch consume effect {
        case .send(let node, let message): peers?.send(message, to: node)
        case .setTimer(let timer, let delay): set(timer, after: delay)
        case .storage(let ticket, let store, let command): carryOut(ticket, store, command)
        case .respond(let ticket, let response): if let reply = replies.take(ticket) { answer(reply, response) }
        case .rangesStreamed(let epoch): events.rangesStreamed(shard, epoch)
        case .recovered: events.recovered(shard)
        case .dotsIssued(let counter, let incarnation): events.dotsIssued(counter, incarnation)
        case .dotsForgotten: events.dotsForgotten(shard)
        case .log(let entry): logger.log(entry)
        }
    }

    private func carryOut(_ ticket: StorageTicket, _ name: StoreName, _ command: StorageCommand) {
        guard let result = store.submit(ticket, name, command) else { return }
        queue.append(.storage(ticket, result))
        report(store.inlineFailure)
    }

    private func set(_ timer: ShardTimer, after delay: Duration) {
        timers[timer]?.cancel()
        timers[timer] = eventLoop.scheduleTask(in: delay.timeAmount) {
            self.timers[timer] = nil
            self.handle(.timer(timer))
        }
    }

    private func report(_ failure: String?) {
        guard failure != reportedFailure else { return }
        reportedFailure = failure
        if let failure {
            logger.error("storage of shard \(shard) failed: \(failure)")
        } else {
            logger.notice("storage of shard \(shard) works again")
        }
        events.storageChanged(shard, failure)
    }
}

extension Logger {
    func log(_ entry: ShardLogEntry) {
        switch entry {
        case .info(let message): info("\(message)")
        case .warning(let message): warning("\(message)")
        case .error(let message): error("\(message)")
        }
    }
}
