import NIOCore
import NIOPosix
import Replication
import StatorCore
import Storage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A shard's storage as its driver sees it: commands go in on the loop, completions come back on the loop.
///
/// Engines in memory run right there. Others run on two threads of their own. One at a time carries commands out, in
/// batches; when that brings a sync, the thread runs it itself, and the other one may carry out what comes meanwhile:
/// that is the next group. So a group costs one thread's waking, not one for its writes and one for its sync.
///
/// `executor` belongs to the loop in the first case. In the second it changes hands once, when the engines are open, and
/// belongs to whichever thread drains the inbox.
final class ShardStore: @unchecked Sendable {
    typealias Deliver = @Sendable ([StorageCompletion], _ failure: String?) -> Void

    let eventLoop: any EventLoop
    private let durability: DurabilitySettings
    private let threads = NIOThreadPool(numberOfThreads: 2)
    private let inbox = Locked(Inbox())

    private var executor: StorageExecutor?
    private var isInline = false
    private var deliver: Deliver?
    /// Commands of this turn, not yet handed to the threads.
    private var staged: [StorageRequest] = []
    private var outstanding = 0
    private var timers: [RepeatedTask] = []
    private var isClosed = false
    /// With the executor: who waits for the engines to be closed, and whether a slice of maintenance is due.
    private var closing: EventLoopPromise<String?>?
    private var maintenanceIsDue = false
    private var isEnding = false

    private struct Inbox {
        var jobs: [Job] = []
        var isDraining = false
    }

    private enum Job: Sendable {
        case commands([StorageRequest])
        case synced(SyncOutcome)
        case syncNow
        case maintain
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
            self.executor = StorageExecutor(records: engines.records, hints: engines.hints, mode: mode)
            self.isInline = engines.records.isMemoryResident && engines.hints.isMemoryResident
        }.map {
            self.deliver = deliver
            self.startTimers()
        }
    }

    /// A passing condition: unlike ``StorageError/failed(_:)`` it does not say that the engine is broken.
    private static let queueFull = DiskError(
        operation: "queue a command for", path: "storage", errorNumber: EAGAIN, reason: "too many are waiting")

    // MARK: On the loop

    /// - Returns: the result where it is there at once (engines in memory); otherwise it is delivered after ``flush()``.
    func submit(_ ticket: StorageTicket, _ store: StoreName, _ command: StorageCommand) -> StorageResult? {
        eventLoop.assertInEventLoop()
        guard !isClosed else { return .failed(.failed("the node is stopping")) }
        if isInline, let executor { return executor.perform(command, on: store) }
        guard outstanding < RuntimeLimits.maximumStorageQueue else {
            return .failed(.disk(ShardStore.queueFull))
        }
        outstanding += 1
        staged.append(StorageRequest(ticket: ticket, store: store, command: command))
        return nil
    }

    /// The stores for the machine to call itself: where both are in memory and nothing is left to wait for.
    var resident: StorageExecutor? {
        eventLoop.assertInEventLoop()
        return isInline && durability.mode != .groupCommit ? executor : nil
    }

    /// The first failure of engines in memory; those on a thread report theirs with completions.
    var inlineFailure: String? { isInline ? executor?.failure : nil }

    /// Whether ``flush()`` has something to hand over.
    var hasStaged: Bool { !staged.isEmpty }

    /// Hands the turn's commands to the threads.
    func flush() {
        eventLoop.assertInEventLoop()
        guard !staged.isEmpty else { return }
        post(.commands(staged))
        staged = []
    }

    func statistics() -> EventLoopFuture<ShardStatistics> {
        eventLoop.assertInEventLoop()
        if isInline, let executor { return eventLoop.makeSucceededFuture(executor.statistics) }
        guard !isClosed else { return eventLoop.makeSucceededFuture(ShardStatistics()) }
        let promise = eventLoop.makePromise(of: ShardStatistics.self)
        post(.statistics(promise))
        return promise.futureResult
    }

    /// Makes everything durable and ends engines and threads.
    /// - Returns: the first failure of the engines, ever.
    func close() -> EventLoopFuture<String?> {
        eventLoop.assertInEventLoop()
        guard !isClosed else { return eventLoop.makeSucceededFuture(nil) }
        flush()
        isClosed = true
        for timer in timers { timer.cancel() }
        timers = []
        let promise = eventLoop.makePromise(of: String?.self)
        if isInline, let executor {
            executor.close()
            promise.succeed(executor.failure)
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
        let maintenance = RuntimeLimits.maintenanceInterval
        timers.append(
            eventLoop.scheduleRepeatedTask(initialDelay: maintenance, delay: maintenance) { _ in
                if self.isInline {
                    _ = self.executor?.maintain(budget: RuntimeLimits.inlineMaintenanceSlice)
                } else {
                    self.maintainSoon()
                }
            })
        guard durability.mode == .interval, !isInline else { return }
        let interval = durability.interval.timeAmount
        timers.append(
            eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in self.post(.syncNow) })
    }

    /// Has engines on disk do a slice of maintenance when nothing else waits.
    func maintainSoon() { post(.maintain) }

    private func arrived(_ completions: [StorageCompletion], _ failure: String?) {
        outstanding -= completions.count
        deliver?(completions, failure)
    }

    // MARK: Between the threads

    private func post(_ job: Job) {
        if begins(with: job) { threads.submit { _ in self.drain() } }
    }

    /// - Returns: whether nobody drains the inbox: the caller is to see to it now.
    private func begins(with job: Job) -> Bool {
        inbox.withLock { inbox in
            inbox.jobs.append(job)
            if inbox.isDraining { return false }
            inbox.isDraining = true
            return true
        }
    }

    // MARK: On the thread that drains

    private func drain() {
        guard let executor else { return }
        while true {
            // Whether it goes on is settled with the lock held: once it has stopped draining another thread may begin, and
            // nothing of the executor's is this one's to look at.
            let next: [Job]? = inbox.withLock { inbox in
                if inbox.jobs.isEmpty, !maintenanceIsDue {
                    inbox.isDraining = false
                    return nil
                }
                var taken: [Job] = []
                swap(&taken, &inbox.jobs)
                return taken
            }
            guard let jobs = next else { return }
            var syncIsDue = durability.mode == .groupCommit
            for job in jobs {
                if carryOut(job, executor) { syncIsDue = true }
            }
            executor.writeGathered()
            let round = syncIsDue ? executor.beginSync() : nil
            closeIfDue(executor)
            report(executor)
            if let round {
                guard run(round) else { return }
            } else if maintenanceIsDue {
                maintain(executor)
            }
        }
    }

    /// Syncs, while the other thread may drain.
    /// - Returns: whether this thread is to go on draining.
    private func run(_ round: SyncRound) -> Bool {
        let hasMore = inbox.withLock { inbox in
            inbox.isDraining = !inbox.jobs.isEmpty || maintenanceIsDue
            return inbox.isDraining
        }
        if hasMore { threads.submit { _ in self.drain() } }
        return begins(with: .synced(round.run()))
    }

    /// - Returns: whether it asks for a sync.
    private func carryOut(_ job: Job, _ executor: StorageExecutor) -> Bool {
        switch job {
        case .commands(let requests):
            for request in requests { executor.execute(request) }
        case .synced(let outcome): executor.endSync(outcome)
        case .syncNow: return true
        case .maintain: maintenanceIsDue = !isEnding
        case .statistics(let promise): promise.succeed(executor.statistics)
        case .close(let promise):
            closing = promise
            isEnding = true
            maintenanceIsDue = false
        }
        return false
    }

    /// One slice; what has come meanwhile goes before the next.
    private func maintain(_ executor: StorageExecutor) {
        maintenanceIsDue = executor.maintain(budget: RuntimeLimits.maintenanceSlice) && !isEnding
    }

    /// Closes when asked to, unless a sync is running: then its end comes first.
    private func closeIfDue(_ executor: StorageExecutor) {
        guard let closing, !executor.isSyncing else { return }
        self.closing = nil
        executor.close()
        report(executor)
        closing.succeed(executor.failure)
    }

    private func report(_ executor: StorageExecutor) {
        let completions = executor.takeCompletions()
        guard !completions.isEmpty else { return }
        let failure = executor.failure
        eventLoop.execute { self.arrived(completions, failure) }
    }
}
