internal import Checking
internal import NIOCore
internal import NodeClient
internal import Recording
internal import StatorCore
internal import Workload

/// One client of a load: an operation after the other on connections of its own.
struct LoadSession {
    private let settings: LoadSettings
    private let number: Int
    private let clock: HistoryClock
    private let pace: LoadPace
    private let plan: WorkloadPlan
    private var random: RandomGenerator
    private var nodes: NodeSet
    private(set) var tally: LoadTally

    init(
        _ settings: LoadSettings, number: Int, clock: HistoryClock, pace: LoadPace, plan: WorkloadPlan,
        random: RandomGenerator, span: Range<Int64>
    ) {
        self.settings = settings
        self.number = number
        self.clock = clock
        self.pace = pace
        self.plan = plan
        self.random = random
        nodes = NodeSet(settings.nodes, clock: clock, first: number)
        tally = LoadTally(span: span)
    }

    /// Works until the time or the operations are spent, or the task is cancelled; the operation under way then is
    /// brought to its end.
    mutating func run() async {
        while await think(), clock.now < pace.end, !Task.isCancelled, let due = pace.next() {
            if let time = due.time, !(await wait(until: time)) { break }
            while let rest = nodes.restOfAll, await clock.pause(rest, until: pace.end) {}
            await step(due)
        }
        nodes.close()
    }

    /// Writes keys, for the store to be full before the load.
    mutating func load(_ keys: [Int]) async {
        for key in keys where !Task.isCancelled {
            nodes.choose(sticky: false, &random)
            _ = await carryOut(.write, settings.key(key), bytes: settings.workload.value.bytes, intended: clock.now)
        }
        nodes.close()
    }

    private mutating func think() async -> Bool {
        let mean = plan.settings.thinkNanoseconds
        guard settings.workload.loop == .closed, mean > 0 else { return true }
        return await clock.pause(Int64(random.fraction() * 2 * mean), until: pace.end)
    }

    private func wait(until time: Int64) async -> Bool {
        let left = time - clock.now
        guard left > 0 else { return true }
        do { try await Task.sleep(for: .nanoseconds(left), tolerance: .zero) } catch { return false }
        return true
    }

    private mutating func step(_ due: LoadPace.Due) async {
        let step = nextStep(due.entry)
        nodes.choose(sticky: settings.workload.isSticky, &random)
        let key = settings.key(step.kind == .insert && due.entry == nil ? pace.insert() : step.key)
        let intended = due.time ?? clock.now
        switch step.kind {
        case .read: _ = await carryOut(.read, key, intended: intended)
        case .heldWrite, .insert:
            _ = await carryOut(.write, key, bytes: step.valueBytes, intended: intended)
        case .siblingWrite:
            _ = await carryOut(.write, key, .none, bytes: step.valueBytes, intended: intended)
        case .update:
            let read = await carryOut(.read, key, intended: intended)
            guard read.outcome == .ok else { return }
            _ = await carryOut(
                .write, key, read.resultContext == nil ? .none : .context, read.resultContext, bytes: step.valueBytes,
                intended: clock.now)
        case .delete:
            let read = await carryOut(.read, key, intended: intended)
            guard let context = read.resultContext else { return }
            _ = await carryOut(.delete, key, .context, context, intended: clock.now)
        case .batch: await readBatch(plan.batch(from: step.key, inserted: pace.insertedKeys), intended: intended)
        }
    }

    private mutating func nextStep(_ entry: TraceEntry?) -> WorkloadStep {
        guard let entry else { return plan.next(&random, inserted: pace.insertedKeys) }
        return WorkloadStep(
            kind: entry.kind, key: entry.key, valueBytes: entry.valueBytes ?? settings.workload.value.bytes)
    }

    // MARK: Requests

    private var timeout: TimeAmount { .seconds(LoadLimits.requestTimeoutSeconds) }

    private mutating func carryOut(
        _ kind: HistoryOperation.Kind, _ key: String, _ basis: HistoryOperation.Basis = .held, _ context: String? = nil,
        bytes: Int = 0, intended: Int64
    ) async -> HistoryOperation {
        var operation = HistoryOperation(id: pace.newID(), client: number, kind: kind, key: key, start: 0, end: 0)
        if kind == .write { operation.value = "v\(operation.id)" }
        operation.basis = basis
        operation.context = context
        operation.node = nodes.address
        operation.start = clock.now
        let result = await nodes.ask(operation.request(timeout: timeout, valueBytes: bytes))
        conclude(&operation, result)
        tally.add(operation, intended: intended, keeps: settings.keepsHistory)
        return operation
    }

    private func conclude(_ operation: inout HistoryOperation, _ result: Result<HTTPAnswer, CallFailure>) {
        operation.end = clock.now
        switch result {
        case .success(let answer): operation.conclude(answer)
        case .failure(let failure): operation.conclude(failure)
        }
        operation.values = operation.values.map(HistoryOperation.name(ofPadded:))
        if let name = nodes.names[nodes.current] { operation.node = name }
    }

    private mutating func readBatch(_ keys: [Int], intended: Int64) async {
        var operations = keys.map { key in
            HistoryOperation(
                id: pace.newID(), client: number, kind: .read, key: settings.key(key), start: clock.now, end: 0)
        }
        for index in operations.indices { operations[index].node = nodes.address }
        let results = await nodes.askAll(operations.map { $0.request(timeout: timeout) })
        for index in operations.indices {
            conclude(&operations[index], results[index])
            tally.add(operations[index], intended: intended, keeps: settings.keepsHistory)
        }
        if operations.allSatisfy({ $0.outcome == .ok }) { tally.addBatch(intended: intended, end: clock.now) }
    }
}
