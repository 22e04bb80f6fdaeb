/// Every read that was asked is answered, whatever its answer: what a change of the ring by itself must not disturb.
///
/// Reads that allowed the store less time than the default are left out. Promised where a run makes no faults but such changes; otherwise the reads without an answer are a rate. O(operations).
package struct ReadabilityChecker: HistoryChecker {
    package static let name = "readability"

    private let isPromised: Bool

    package init(isPromised: Bool) {
        self.isPromised = isPromised
    }

    package func check(_ history: IndexedHistory, _ promises: Promises) -> Verdict {
        var builder = VerdictBuilder(Self.name)
        for operation in history.operations where operation.kind == .read && operation.timeout == nil {
            builder.checked += 1
            guard operation.outcome != .ok else { continue }
            let reason = operation.error ?? "no reason was given"
            let time = Text.milliseconds(operation.start)
            builder.violation(
                key: operation.key, operations: [operation.id],
                "read \(operation.id) at \(time) got no answer (\(reason)), an answer was expected")
        }
        builder.rate("reads without an answer", builder.violationCount, of: builder.checked)
        return builder.verdict(isPromised: isPromised)
    }
}
