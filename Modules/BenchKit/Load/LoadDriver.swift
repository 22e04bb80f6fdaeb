internal import Checking
internal import NIOCore
internal import StatorCore
internal import Workload

/// Drives all sessions of a load, or of the filling before it, on one event loop: an answer leads to the next request
/// without a change of threads, and timers are the loop's own.
///
/// ``run()`` and ``cancel()`` may be called from any thread; all else belongs to the loop.
final class LoadDriver: @unchecked Sendable {
    /// What the sessions do.
    enum Source {
        /// Writes every key of the start once, as fast as answers come.
        case filling
        case load
    }

    let eventLoop: any EventLoop
    let settings: LoadSettings
    let clock: LoadClock
    let transport: any LoadTransport
    let source: Source
    let plan: WorkloadPlan
    let dialect: any StoreDialect
    let timeout: Int64
    /// Of ids of operations, the last that was taken.
    var lastID: Int
    var sessions: [LoadSession] = []
    var nodes: NodeRota
    var tally: LoadTally
    var outgoing = ByteBuffer()
    private let done: EventLoopPromise<Void>
    private var ticks: RepeatedTask?
    private(set) var isDone = false
    private let measuring: @Sendable () -> Void
    private let progress: @Sendable (Double) -> Void

    // MARK: Pace

    /// When sessions began, by the clock.
    private(set) var begin: Int64 = 0
    private(set) var isWorking = true
    /// Sessions with an operation under way.
    var busyCount = 0
    var times: DueTimes
    /// The next arrival that no session has taken; `nil` where none comes any more.
    var nextDue: Int64?
    /// The arrivals up to the last look, and those of them that were taken: the others wait.
    var timesAhead: DueTimes
    var nextAhead: Int64?
    var dueCount = 0
    var takenCount = 0
    /// Sessions that wait for an arrival, the longest first.
    var idle = CircularBuffer<Int>()
    var isAwaitingDue = false
    var traceCursor = 0
    var frontier = KeyFrontier()
    /// The next key to be written before the load.
    var keyToFill = 0
    var failuresInRow = 0
    private var measuredOperations = 0
    private var retired = 0
    private var processorTimeAtStart: Duration?

    /// - Parameters:
    ///   - clients: the numbers of the sessions in the history.
    ///   - lastID: after which ids of operations begin.
    ///   - random: of all that is drawn.
    ///   - measuring: called on the loop when the measured span begins.
    ///   - progress: called on the loop with the share of the time that has passed.
    init(
        _ settings: LoadSettings, _ source: Source, plan: WorkloadPlan, clients: Range<Int>, lastID: Int,
        clock: LoadClock, random: RandomGenerator, on eventLoop: any EventLoop, over transport: any LoadTransport,
        measuring: @escaping @Sendable () -> Void = {}, progress: @escaping @Sendable (Double) -> Void = { _ in }
    ) {
        var random = random
        self.settings = settings
        self.source = source
        self.plan = plan
        self.clock = clock
        self.transport = transport
        self.lastID = lastID
        self.eventLoop = eventLoop
        self.measuring = measuring
        self.progress = progress
        timeout = settings.requestTimeout.nanoseconds
        dialect = settings.interface == .http ? HTTPDialect(settings.nodes) : RESPDialect()
        nodes = NodeRota(settings.nodes)
        done = eventLoop.makePromise()
        tally = LoadTally(span: 0..<0, nodes: nodes.names)
        // A closed loop and a trace with times draw nothing, but have a rate that can be drawn for.
        var paced = settings.workload
        if paced.operationsPerSecond <= 0 { paced.operationsPerSecond = 1 }
        times = DueTimes(
            Arrivals(paced, random: random.split()), trace: settings.trace, speed: settings.workload.traceSpeed)
        timesAhead = times
        sessions = clients.map { client in
            LoadSession(
                client: client, random: random.split(), nodes: settings.nodes.count,
                first: client % settings.nodes.count)
        }
    }

    var end: Int64 { source == .filling ? .max : tally.span.upperBound }
    var isOpen: Bool { source == .load && settings.workload.loop == .open }

    // MARK: Entries

    /// Works until the time or the operations are spent, or the load is cancelled.
    func run() async -> LoadTally {
        eventLoop.execute { self.start() }
        // Never fails.
        try? await done.futureResult.get()
        return tally
    }

    /// Begins nothing any more, and gives up what is not answered soon. What is there counts.
    func cancel() {
        eventLoop.execute {
            let end = self.clock.now + LoadLimits.cancelGrace
            for session in self.sessions where session.isBusy { session.deadline = min(session.deadline, end) }
            self.stop()
        }
    }

    // MARK: Beginning and end

    /// On the loop, once.
    func start() {
        guard isWorking else { return finishIfDone() }
        ticks = eventLoop.scheduleRepeatedTask(
            initialDelay: .milliseconds(LoadLimits.tickMilliseconds), delay: .milliseconds(LoadLimits.tickMilliseconds)
        ) { _ in self.tick() }
        connectAhead().whenComplete { _ in self.beginWork() }
    }

    private func beginWork() {
        guard isWorking else { return finishIfDone() }
        begin = clock.now
        if source == .load {
            let measured = begin + settings.warmUp.nanoseconds
            tally = LoadTally(span: measured..<(measured + settings.span.nanoseconds), nodes: nodes.names)
            eventLoop.scheduleTask(deadline: clock.deadline(measured)) { self.beginMeasuring() }
            eventLoop.scheduleTask(deadline: clock.deadline(end)) { self.stop() }
        }
        if isOpen {
            nextDue = times.next().map { begin + $0 }
            nextAhead = timesAhead.next().map { begin + $0 }
            idle.append(contentsOf: sessions.indices)
            awaitDue()
        } else {
            for index in sessions.indices { goOn(index) }
        }
    }

    private func beginMeasuring() {
        processorTimeAtStart = ThreadTime.now
        measuring()
    }

    /// Operations are begun up to here.
    func stop() {
        guard isWorking else { return }
        isWorking = false
        let now = clock.now
        if source == .load {
            if let processorTimeAtStart { tally.processorTime = ThreadTime.now - processorTimeAtStart }
            tally.close(at: now)
            while let due = nextDue, due < tally.span.upperBound {
                tally.missed(due)
                nextDue = times.next().map { begin + $0 }
            }
        }
        finishIfDone()
    }

    /// Ends the load where no operation is under way any more.
    func finishIfDone() {
        guard !isWorking, busyCount == 0, !isDone else { return }
        isDone = true
        ticks?.cancel()
        for session in sessions {
            for connection in session.connections { connection?.close() }
            session.connections = session.connections.map { _ in nil }
        }
        done.succeed()
    }

    /// Of a load that has a limit: one operation more was begun in the measured span.
    func noteBegun(_ intended: Int64) {
        guard let limit = settings.operationLimit, source == .load, tally.span.contains(intended) else { return }
        measuredOperations += 1
        if measuredOperations >= limit { stop() }
    }

    /// A session has nothing left to do; the load ends with the last one.
    func retire() {
        retired += 1
        if retired == sessions.count { stop() }
    }

    // MARK: Regularly

    private func tick() {
        let now = clock.now
        for (index, session) in sessions.enumerated() where session.isBusy && session.deadline <= now {
            giveUp(index, !isWorking && session.sent + timeout > now ? .cancelled : .inTime)
        }
        guard isWorking else { return finishIfDone() }
        if source == .load {
            progress(Double(max(0, now - begin)) / Double(max(1, end - begin)))
            if isOpen, now >= tally.span.lowerBound { tally.backlog.append(countWaiting(now)) }
        }
    }

    private func countWaiting(_ now: Int64) -> Int {
        while let due = nextAhead, due <= now {
            dueCount += 1
            nextAhead = timesAhead.next().map { begin + $0 }
        }
        return dueCount - takenCount
    }

    func count(received bytes: Int) {
        tally.bytesReceived += bytes
    }
}
