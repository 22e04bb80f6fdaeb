/// Every operation that starts after the faults ended gets an answer of known outcome in bounded time. Refusals are
/// answers; how many there were is a rate. An operation that allowed the store less time than the default may end
/// without an outcome, but is answered all the same.
package struct LivenessChecker: HistoryChecker {
    package static let name = "liveness"

    /// The longest that an operation may take, in nanoseconds.
    package let bound: Int64
    /// When the last fault ended and the cluster had the time it needs to notice, in nanoseconds.
    package let healTime: Int64

    package init(bound: Int64, healTime: Int64) {
        self.bound = bound
        self.healTime = healTime
    }

    package func check(_ history: IndexedHistory, _ promises: Promises) -> Verdict {
        var builder = VerdictBuilder(Self.name)
        var refused = 0
        for operation in history.operations where operation.start >= healTime {
            builder.checked += 1
            let time = operation.end.elapsed(since: operation.start)
            if operation.outcome == .failed { refused += 1 }
            let isUnknown = operation.outcome == .unknown && operation.timeout == nil
            guard isUnknown || time > bound else { continue }
            let what = isUnknown ? "has no known outcome" : "was answered"
            let error = operation.error.map { " (\($0))" } ?? ""
            builder.violation(
                key: operation.key, operations: [operation.id],
                """
                \(operation.kind.rawValue) \(operation.id), started at \(Text.milliseconds(operation.start)) after the \
                faults ended at \(Text.milliseconds(healTime)), \(what) after \(Text.milliseconds(time))\(error); an \
                answer was expected within \(Text.milliseconds(bound))
                """)
        }
        builder.rate("operations without an answer in time", builder.violationCount, of: builder.checked)
        builder.rate("operations refused", refused, of: builder.checked)
        return builder.verdict(isPromised: promises.liveness)
    }
}
