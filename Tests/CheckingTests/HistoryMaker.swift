import Checking

/// Makes histories by hand: one operation after another, 10 ns each with 10 ns between, unless told otherwise.
struct HistoryMaker {
    private(set) var history = History()
    private var clock: Int64 = 0

    private mutating func add(_ operation: HistoryOperation, at time: ClosedRange<Int64>?) -> Int {
        var operation = operation
        operation.id = history.operations.count + 1
        operation.start = time?.lowerBound ?? clock
        operation.end = time?.upperBound ?? clock &+ 10
        clock = max(clock, operation.end) &+ 10
        history.append(operation)
        return operation.id
    }

    /// - Returns: the id.
    @discardableResult
    mutating func write(
        _ value: String, client: Int = 1, key: String = "k", saw: [Int]? = nil,
        basis: HistoryOperation.Basis = .held, context: String? = nil, result: String? = nil,
        outcome: HistoryOperation.Outcome = .ok, at time: ClosedRange<Int64>? = nil
    ) -> Int {
        add(
            HistoryOperation(
                id: 0, client: client, kind: .write, key: key, value: value,
                basis: context == nil ? basis : .context, context: context, resultContext: result, saw: saw, start: 0,
                end: 0, outcome: outcome),
            at: time)
    }

    @discardableResult
    mutating func delete(
        client: Int = 1, key: String = "k", saw: [Int]? = nil, context: String? = nil, result: String? = nil,
        outcome: HistoryOperation.Outcome = .ok, at time: ClosedRange<Int64>? = nil
    ) -> Int {
        add(
            HistoryOperation(
                id: 0, client: client, kind: .delete, key: key, basis: context == nil ? .held : .context,
                context: context, resultContext: result, saw: saw, start: 0, end: 0, outcome: outcome),
            at: time)
    }

    @discardableResult
    mutating func read(
        _ values: [String], client: Int = 1, key: String = "k", shows: [Int]? = nil, result: String? = nil,
        isFinal: Bool = false, outcome: HistoryOperation.Outcome = .ok, at time: ClosedRange<Int64>? = nil
    ) -> Int {
        add(
            HistoryOperation(
                id: 0, client: client, kind: .read, key: key, values: values, resultContext: result, shows: shows,
                start: 0, end: 0, outcome: outcome, isFinal: isFinal),
            at: time)
    }

    @discardableResult
    mutating func finalRead(_ values: [String], key: String = "k", shows: [Int]? = nil) -> Int {
        read(values, client: 1000, key: key, shows: shows, isFinal: true)
    }

    /// Changes what was made last.
    mutating func amend(_ change: (inout HistoryOperation) -> Void) {
        change(&history.operations[history.operations.count - 1])
    }

    func verdict(
        _ checker: some HistoryChecker, _ promises: Promises = .all, reapAge: Int64? = nil
    ) -> Verdict {
        checker.check(IndexedHistory(history, reapAge: reapAge), promises)
    }

    /// The operations that each violation names.
    func violations(_ checker: some HistoryChecker, _ promises: Promises = .all, reapAge: Int64? = nil) -> [[Int]] {
        verdict(checker, promises, reapAge: reapAge).violations.map(\.operations)
    }
}

extension Promises {
    /// Everything but a single value.
    static let all = Promises(
        keepsAcknowledged: true, noFalseConcurrency: true, contextWins: true, clockIndependent: true,
        readYourWrites: true, monotonicReads: true, monotonicWrites: true, writesFollowReads: true,
        noResurrection: true, convergence: true, crashRecovery: true, liveness: true)
}
