internal import Checking
internal import NodeClient
internal import StatorCore

/// One client: an operation after the other, each kept with what became of it.
struct RecordingSession {
    private let settings: RecordingSettings
    private let number: Int
    private let clock: HistoryClock
    private let budget: OperationBudget
    private let end: Int64
    private var random: RandomGenerator
    private(set) var nodes: NodeSet
    private(set) var operations: [HistoryOperation] = []

    /// - Parameters:
    ///   - random: what the client draws from.
    ///   - end: when no operation is begun any more, by the clock.
    init(
        _ settings: RecordingSettings, number: Int, random: RandomGenerator, clock: HistoryClock,
        budget: OperationBudget, end: Int64
    ) {
        self.settings = settings
        self.number = number
        self.clock = clock
        self.budget = budget
        self.end = end
        self.random = random
        nodes = NodeSet(settings.nodes, clock: clock, first: number)
    }

    /// Works until the time or the operations are spent, or the task is cancelled; the operation under way then is
    /// still brought to its end.
    mutating func run() async {
        while await waitForNext() { await step() }
        nodes.close()
    }

    private mutating func waitForNext() async -> Bool {
        if let rate = settings.rate {
            // Pauses are even between nothing and twice the mean.
            let mean = Double(settings.clients) / rate * 1e9
            guard await clock.pause(Int64(random.fraction() * 2 * mean), until: end) else { return false }
        }
        while let rest = nodes.restOfAll {
            guard await clock.pause(rest, until: end) else { return false }
        }
        return !Task.isCancelled && clock.now < end && !budget.isSpent
    }

    private mutating func step() async {
        nodes.choose(sticky: settings.isSticky, &random)
        let key = settings.key(random.below(settings.keys))
        switch settings.mix.step(at: random.fraction()) {
        case .read:
            _ = await carryOut(.read, key)
        case .heldWrite:
            _ = await carryOut(.write, key, .held)
        case .siblingWrite:
            _ = await carryOut(.write, key, .none)
        case .update:
            guard let read = await carryOut(.read, key), read.outcome == .ok else { return }
            // A key that was never written has no context: nothing is there to be superseded.
            _ = await carryOut(.write, key, read.resultContext == nil ? .none : .context, read.resultContext)
        case .delete:
            guard let read = await carryOut(.read, key), let context = read.resultContext else { return }
            _ = await carryOut(.delete, key, .context, context)
        }
    }

    /// - Returns: what became of it; `nil` where no operation is left to begin.
    private mutating func carryOut(
        _ kind: HistoryOperation.Kind, _ key: String, _ basis: HistoryOperation.Basis = .held, _ context: String? = nil
    ) async -> HistoryOperation? {
        guard let id = budget.take() else { return nil }
        var operation = HistoryOperation(id: id, client: number, kind: kind, key: key, start: 0, end: 0)
        if kind == .write { operation.value = "v\(id)" }
        operation.basis = basis
        operation.context = context
        await nodes.carryOut(&operation, timeout: settings.requestTimeout, clock)
        operations.append(operation)
        return operation
    }
}
