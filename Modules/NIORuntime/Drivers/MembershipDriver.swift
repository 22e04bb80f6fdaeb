import Logging
import NIOCore
import NodeCore
import Replication
import StatorCore
import Storage

/// Runs the membership machine on the loop of shard 0, whose links carry its messages. Its entries may be called from
/// any thread; what they touch belongs to that loop.
final class MembershipDriver: @unchecked Sendable {
    let eventLoop: any EventLoop
    private let shard0: ShardDriver
    private let logger: Logger

    private var machine: MembershipMachine?
    private var events = NodeEvents()
    private var outbox = Outbox<MembershipMachineEffect>()
    private var queue: [MembershipMachineEvent] = []
    private var isRunning = false
    private var timers: [MembershipMachineTimer: Scheduled<Void>] = [:]
    private var replies = ReplyTable<@Sendable (AdminResponse) -> Void>()
    private var hasStarted = false
    private var isStopping = false

    init(shard0: ShardDriver, logger: Logger) {
        eventLoop = shard0.eventLoop
        self.shard0 = shard0
        self.logger = logger
    }

    /// Makes the machine, which does nothing before ``start(events:)``.
    /// - Returns: the state of the cluster to start shards with.
    func prepare(
        blueprint: NodeBlueprint, identity: NodeIdentity, view: View, witnessed: WitnessBook, seed: UInt64
    ) -> ClusterState {
        eventLoop.preconditionInEventLoop()
        let machine = MembershipMachine(
            blueprint: blueprint, identity: identity, view: view, witnessed: witnessed,
            random: RandomGenerator(seed: seed))
        self.machine = machine
        return machine.clusterState
    }

    func start(events: NodeEvents) {
        eventLoop.preconditionInEventLoop()
        self.events = events
        hasStarted = true
        // Links may have come up, and messages in, since the shards began.
        queue.insert(.started, at: 0)
        run()
    }

    // MARK: Entries

    func received(_ message: MembershipMessage, from node: NodeID) {
        onLoop { $0.handle(.message(from: node, message)) }
    }

    /// A node shook hands: where it is not in the view, a link back lets the machine answer it.
    func heard(from node: NodeID, at endpoint: Endpoint) {
        onLoop { $0.shard0.peers?.dial(node, endpoint) }
    }

    func linkChanged(_ node: NodeID, _ isUp: Bool) {
        onLoop { $0.handle(.linkChanged(node, isUp: isUp)) }
    }

    func rangesStreamed(shard: Int, _ epoch: Epoch) {
        onLoop { $0.handle(.rangesStreamed(shard: shard, epoch)) }
    }

    func dotsIssued(_ counter: UInt64, incarnation: UInt64) {
        onLoop { $0.handle(.dotsIssued(counter, incarnation: incarnation)) }
    }

    func administer(_ action: AdminAction, _ reply: @escaping @Sendable (AdminResponse) -> Void) {
        onLoop { driver in
            guard driver.hasStarted, !driver.isStopping else {
                return reply(.refused("the node is \(driver.isStopping ? "stopping" : "starting")"))
            }
            driver.handle(.administer(driver.replies.add(reply), action))
        }
    }

    func inspect() -> MembershipInspection? {
        eventLoop.preconditionInEventLoop()
        return machine?.inspection(now: SystemClock.now())
    }

    func end() {
        eventLoop.preconditionInEventLoop()
        isStopping = true
        machine = nil
        for timer in timers.values { timer.cancel() }
        timers = [:]
        for reply in replies.takeAll() { reply(.refused("the node stopped")) }
        events = NodeEvents()
    }

    private func onLoop(_ body: @escaping @Sendable (MembershipDriver) -> Void) {
        if eventLoop.inEventLoop {
            body(self)
        } else {
            eventLoop.execute { body(self) }
        }
    }

    // MARK: Events and effects

    private func handle(_ event: MembershipMachineEvent) {
        eventLoop.assertInEventLoop()
        guard !isStopping else { return }
        queue.append(event)
        if hasStarted, !isRunning { run() }
    }

    private func run() {
        isRunning = true
        var next = 0
        while next < queue.count {
            guard let machine else { break }
            let event = queue[next]
            next += 1
            machine.handle(event, now: SystemClock.now(), outbox: &outbox)
            for effect in outbox.effects { carryOut(effect) }
            outbox.removeAll()
        }
        queue.removeAll(keepingCapacity: true)
        isRunning = false
        shard0.scheduleEndOfTurn()
    }

    private func carryOut(_ effect: MembershipMachineEffect) {
        switch effect {
        case .send(let node, let message): shard0.peers?.send(message, to: node)
        case .setTimer(let timer, let delay): set(timer, after: delay)
        case .persistView(let view): persist(view)
        case .persistLease(let lease):
            persist({ folder throws(DiskError) in try folder.write(lease) }) { .leasePersisted(lease, failure: $0) }
        case .persistWitness(let book):
            persist({ folder throws(DiskError) in try folder.write(book) }) { .witnessPersisted(failure: $0) }
        case .grant(let grant): events.grant(grant)
        case .noteRestored: noteRestored()
        case .publish(let state): events.publish(state)
        case .livenessChanged(let node, let liveness): events.livenessChanged(node, liveness)
        case .dial(let node, let endpoint): shard0.peers?.dial(node, endpoint)
        case .respond(let ticket, let response): replies.take(ticket)?(response)
        case .log(let entry): logger.log(entry)
        }
    }

    private func set(_ timer: MembershipMachineTimer, after delay: Duration) {
        timers[timer]?.cancel()
        timers[timer] = eventLoop.scheduleTask(in: delay.timeAmount) {
            self.timers[timer] = nil
            self.handle(.timer(timer))
        }
    }

    private func persist(_ view: View) {
        let epoch = view.epoch
        persist({ folder throws(DiskError) in try folder.write(view) }) { .viewPersisted(epoch, failure: $0) }
    }

    private func persist(
        _ change: @escaping NodeEvents.FolderChange,
        then report: @escaping @Sendable (_ failure: String?) -> MembershipMachineEvent
    ) {
        events.persist(change) { failure in self.onLoop { $0.handle(report(failure)) } }
    }

    private func noteRestored() {
        let (events, logger) = (events, logger)
        events.persist({ folder throws(DiskError) in try folder.noteRestored() }) { failure in
            if let failure { logger.error("that the data folder was restored could not be written: \(failure)") }
            events.restored()
        }
    }
}
