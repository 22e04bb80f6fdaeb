/// A read shows at most one live value. O(reads).
package struct SingleValue: HistoryChecker {
    package static let name = "single-value"

    package init() {}

    package func check(_ history: IndexedHistory, _ promises: Promises) -> Verdict {
        var builder = VerdictBuilder(Self.name)
        var most = 0
        for key in history.keys {
            for read in key.reads {
                let count = history.operations[read.operation].values.count
                builder.checked += 1
                most = max(most, count)
                guard count > 1 else { continue }
                builder.violation(
                    key: key.key, operations: [read.id],
                    "\(history.name(read)) shows \(count) values, at most one is right")
            }
        }
        builder.rate("reads of several values", builder.violationCount, of: builder.checked)
        builder.measure("most values in one read", most, "values")
        return builder.verdict(isPromised: promises.singleValue)
    }
}
