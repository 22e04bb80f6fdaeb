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
/// Engines in memory run right there. Others run on a storage thread, which takes commands in batches, and sync on a
/// second one, so that the next group gathers while a sync runs. `executor` belongs to the loop in the first case and
/// to the storage thread in the second; it changes hands once, when the engines are open.
final class ShardStore: @unchecked Sendable {
    typealias Deliver = @Sendable ([StorageCompletion], _ failure: String?) -> Void

    let eventLoop: any EventLoop
    private let durability: DurabilitySettings
    private let storageThread = NIOThreadPool(numberOfThreads: 1)
    private let syncThread = NIOThreadPool(numberOfThreads: 1)
    private let inbox = Locked(Inbox())

    private var executor: StorageExecutor?
    private var isInline = false
    private var deliver: Deliver?
    /// Commands of this turn, not yet handed to the storage thread.
    private var staged: [StorageRequest] = []
    private var outstanding = 0
    private var timers: [RepeatedTask] = []
    private var isClosed = false
    /// On the storage thread: who waits for the engines to be closed, and whether a slice of maintenance is due.
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
        storageThread.start()
        syncThread.start()
    }

    /// Opens the engines, on the storage thread.
    func open(
        _ make: @escaping @Sendable () throws -> (records: any StorageEngine, hints: any StorageEngine),
        deliver: @escaping Deliver
    ) -> EventLoopFuture<Void> {
        let mode = durability.mode
        return storageThread.runIfActive(eventLoop: eventLoop) {
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

    /// Hands the turn's commands to the storage thread.
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
            self.storageThread.shutdownGracefully { _ in }
            self.syncThread.shutdownGracefully { _ in }
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
                    self.post(.maintain)
                }
            })
        guard durability.mode == .interval, !isInline else { return }
        let interval = durability.interval.timeAmount
        timers.append(
            eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in self.post(.syncNow) })
    }

    private func arrived(_ completions: [StorageCompletion], _ failure: String?) {
        outstanding -= completions.count
        deliver?(completions, failure)
    }

    // MARK: Between the threads

    private func post(_ job: Job) {
        let begins = inbox.withLock { inbox in
            inbox.jobs.append(job)
            if inbox.isDraining { return false }
            inbox.isDraining = true
            return true
        }
        if begins { storageThread.submit { _ in self.drain() } }
    }

    // MARK: On the storage thread

    private func drain() {
        guard let executor else { return }
        while true {
            let jobs = inbox.withLock { inbox in
                var taken: [Job] = []
                swap(&taken, &inbox.jobs)
                if taken.isEmpty, !maintenanceIsDue { inbox.isDraining = false }
                return taken
            }
            if jobs.isEmpty, !maintenanceIsDue { return }
            for job in jobs { carryOut(job, executor) }
            executor.writeGathered()
            if durability.mode == .groupCommit { beginSync(executor) }
            closeIfDue(executor)
            report(executor)
            if maintenanceIsDue { maintain(executor) }
        }
    }

    private func carryOut(_ job: Job, _ executor: StorageExecutor) {
        switch job {
        case .commands(let requests):
            for request in requests { executor.execute(request) }
        case .synced(let outcome): executor.endSync(outcome)
        case .syncNow: beginSync(executor)
        case .maintain: maintenanceIsDue = !isEnding
        case .statistics(let promise): promise.succeed(executor.statistics)
        case .close(let promise):
            closing = promise
            isEnding = true
            maintenanceIsDue = false
        }
    }

    private func beginSync(_ executor: StorageExecutor) {
        guard let round = executor.beginSync() else { return }
        syncThread.submit { _ in self.post(.synced(round.run())) }
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
