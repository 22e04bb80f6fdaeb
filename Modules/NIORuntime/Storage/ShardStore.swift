import NIOCore
import NIOPosix
import NodeCore
import Replication
import StatorCore
import Storage

/// A shard's storage as its driver sees it: commands go in on the loop, completions come back on the loop.
///
/// Engines in memory run right there. Others run on two threads of their own. One at a time carries commands out, in
/// batches; when that brings a sync, the thread runs it itself, and the other one may carry out what comes meanwhile:
/// that is the next group. So a group costs one thread's waking, not one for its writes and one for its sync.
///
/// What is gathered, synced and acknowledged is the ``StoreQueue``'s affair; here are only the threads. The queue belongs
/// to the loop in the first case. In the second it changes hands once, when the engines are open, and belongs to whichever
/// thread drains the inbox.
final class ShardStore: @unchecked Sendable {
    typealias Deliver = @Sendable ([StorageCompletion], _ failure: String?) -> Void

    let eventLoop: any EventLoop
    private let durability: DurabilitySettings
    private let threads = NIOThreadPool(numberOfThreads: 2)
    private let inbox = Locked(Inbox())

    private var queue: StoreQueue?
    private var isInline = false
    private var deliver: Deliver?
    /// Commands of this turn, not yet handed to the threads.
    private var intake = StoreIntake()
    private var timers: [RepeatedTask] = []
    private var isClosed = false
    /// With the queue: who waits for the engines to be closed.
    private var closing: EventLoopPromise<String?>?
    /// What the loop was told last.
    private var reportedFailure: String?

    private struct Inbox {
        var entries: [Entry] = []
        var isDraining = false
    }

    private enum Entry: Sendable {
        case job(StoreJob)
        case statistics(EventLoopPromise<ShardStatistics>)
        case close(EventLoopPromise<String?>)
    }

    init(eventLoop: any EventLoop, durability: DurabilitySettings) {
        self.eventLoop = eventLoop
        self.durability = durability
        threads.start()
    }

    /// Opens the engines, on a thread.
    func open(
        _ make: @escaping @Sendable () throws -> (records: any StorageEngine, hints: any StorageEngine),
        deliver: @escaping Deliver
    ) -> EventLoopFuture<Void> {
        let mode = durability.mode
        return threads.runIfActive(eventLoop: eventLoop) {
            let engines = try make()
            let queue = StoreQueue(records: engines.records, hints: engines.hints, mode: mode)
            self.queue = queue
            self.isInline = queue.isMemoryResident
        }.map {
            self.deliver = deliver
            self.startTimers()
        }
    }

    // MARK: On the loop

    /// - Returns: the result where it is there at once (engines in memory); otherwise it is delivered after ``flush()``.
    func submit(_ ticket: StorageTicket, _ store: StoreName, _ command: StorageCommand) -> StorageResult? {
        eventLoop.assertInEventLoop()
        if isInline, let queue { return intake.refusal ?? queue.perform(command, on: store) }
        return intake.submit(ticket, store, command)
    }

    /// The stores for the machine to call itself; see ``StoreQueue/resident``.
    /// - Parameter onFailure: told of the first failure.
    func resident(onFailure: @escaping (String) -> Void) -> (any ResidentStorage)? {
        eventLoop.assertInEventLoop()
        guard isInline, let queue, let resident = queue.resident else { return nil }
        queue.onFailure = onFailure
        return resident
    }

    /// The first failure of engines in memory; those on a thread report theirs with completions.
    var inlineFailure: String? { isInline ? queue?.failure : nil }

    /// Whether ``flush()`` has something to hand over.
    var hasStaged: Bool { intake.hasStaged }

    /// Hands the turn's commands to the threads.
    func flush() {
        eventLoop.assertInEventLoop()
        guard intake.hasStaged else { return }
        post(.job(.commands(intake.takeStaged())))
    }

    func statistics() -> EventLoopFuture<ShardStatistics> {
        eventLoop.assertInEventLoop()
        if isInline, let queue { return eventLoop.makeSucceededFuture(queue.statistics) }
        guard !isClosed else { return eventLoop.makeSucceededFuture(ShardStatistics()) }
        let promise = eventLoop.makePromise(of: ShardStatistics.self)
        post(.statistics(promise))
        return promise.futureResult
    }

    /// Makes everything durable and ends engines and threads.
    /// - Returns: why an engine does not write or sync now, or could not be ended.
    func close() -> EventLoopFuture<String?> {
        eventLoop.assertInEventLoop()
        guard !isClosed else { return eventLoop.makeSucceededFuture(nil) }
        flush()
        isClosed = true
        intake.close()
        for timer in timers { timer.cancel() }
        timers = []
        let promise = eventLoop.makePromise(of: String?.self)
        if isInline, let queue {
            queue.close()
            promise.succeed(queue.closingFailure)
        } else if deliver == nil {
            promise.succeed(nil)
        } else {
            post(.close(promise))
        }
        promise.futureResult.whenComplete { _ in
            self.deliver = nil
            self.threads.shutdownGracefully { _ in }
        }
        return promise.futureResult
    }

    private func startTimers() {
        let maintenance = NodeCoreLimits.maintenanceInterval.timeAmount
        timers.append(
            eventLoop.scheduleRepeatedTask(initialDelay: maintenance, delay: maintenance) { _ in
                if self.isInline {
                    _ = self.queue?.maintain(budget: NodeCoreLimits.inlineMaintenanceSlice)
                } else {
                    self.maintainSoon()
                }
            })
        guard durability.mode == .interval, !isInline else { return }
        let interval = durability.interval.timeAmount
        timers.append(
            eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in self.post(.job(.syncNow)) })
    }

    /// Has engines on disk do a slice of maintenance when nothing else waits.
    func maintainSoon() { post(.job(.maintain)) }

    private func arrived(_ completions: [StorageCompletion], _ failure: String?) {
        intake.noteAnswered(completions.count)
        deliver?(completions, failure)
    }

    // MARK: Between the threads

    private func post(_ entry: Entry) {
        if begins(with: entry) { threads.submit { _ in self.drain() } }
    }

    /// - Returns: whether nobody drains the inbox: the caller is to see to it now.
    private func begins(with entry: Entry) -> Bool {
        inbox.withLock { inbox in
            inbox.entries.append(entry)
            if inbox.isDraining { return false }
            inbox.isDraining = true
            return true
        }
    }

    // MARK: On the thread that drains

    private func drain() {
        guard let queue else { return }
        while true {
            // Whether it goes on is settled with the lock held: once it has stopped draining another thread may begin, and
            // nothing of the queue's is this one's to look at.
            let next: [Entry]? = inbox.withLock { inbox in
                if inbox.entries.isEmpty, !queue.wantsMaintenance {
                    inbox.isDraining = false
                    return nil
                }
                var taken: [Entry] = []
                swap(&taken, &inbox.entries)
                return taken
            }
            guard let entries = next else { return }
            let step = queue.carryOut(jobs(of: entries))
            answer(entries, queue)
            report(step)
            if let round = step.round {
                guard run(round, of: queue) else { return }
            } else if queue.wantsMaintenance {
                queue.maintain()
            }
        }
    }

    private func jobs(of entries: [Entry]) -> [StoreJob] {
        var jobs: [StoreJob] = []
        jobs.reserveCapacity(entries.count)
        for entry in entries {
            switch entry {
            case .job(let job): jobs.append(job)
            case .statistics: break
            case .close(let promise):
                closing = promise
                jobs.append(.close)
            }
        }
        return jobs
    }

    private func answer(_ entries: [Entry], _ queue: StoreQueue) {
        for case .statistics(let promise) in entries { promise.succeed(queue.statistics) }
    }

    /// Syncs, while the other thread may drain.
    /// - Returns: whether this thread is to go on draining.
    private func run(_ round: StoreSync, of queue: StoreQueue) -> Bool {
        let hasMore = inbox.withLock { inbox in
            inbox.isDraining = !inbox.entries.isEmpty || queue.wantsMaintenance
            return inbox.isDraining
        }
        if hasMore { threads.submit { _ in self.drain() } }
        return begins(with: .job(.synced(round.run())))
    }

    /// Completions first, then whoever waits for the engines to be closed.
    private func report(_ step: StoreStep) {
        let (completions, failure) = (step.completions, step.failure)
        if !completions.isEmpty || failure != reportedFailure {
            eventLoop.execute { self.arrived(completions, failure) }
        }
        reportedFailure = failure
        guard step.hasClosed, let closing else { return }
        self.closing = nil
        closing.succeed(step.closingFailure)
    }
}
