/// Whether the history is one that can be checked: ids are unique, and so are the values written to a key; nothing
/// supersedes itself; `saw` names writes and deletes of the key. Also how much of it is known only in part.
///
/// A breach is the recorder's, and makes every other verdict doubtful, so it always counts.
package struct HistoryShape: HistoryChecker {
    package static let name = "history-shape"

    package init() {}

    package func check(_ history: IndexedHistory, _ promises: Promises) -> Verdict {
        var builder = VerdictBuilder(Self.name)
        let defects = history.defects
        let events = history.keys.reduce(0) { $0 + $1.events.count }
        builder.checked = history.operations.count
        for id in defects.duplicateIDs {
            builder.violation(operations: [id], "two operations have the id \(id)")
        }
        for id in defects.repeatedValues {
            builder.violation(operations: [id], "write \(id) stores a value that another write to its key stored")
        }
        for id in defects.cyclic {
            builder.violation(
                operations: [id], "operation \(id) is among those that superseded it, or follows such a one")
        }
        for id in defects.strangeSaw {
            builder.violation(operations: [id], "operation \(id) saw what is no other write or delete of its key")
        }
        builder.measure("operations", history.operations.count, "operations")
        builder.measure("keys", history.keys.count, "keys")
        builder.measure("writes and deletes", events, "operations")
        builder.measure("final reads", history.keys.reduce(0) { $0 + $1.reads.count(where: \.isFinal) }, "operations")
        builder.measure(
            "final reads without an answer", history.keys.reduce(0) { $0 + $1.failedFinalReads }, "operations")
        builder.measure("contexts from elsewhere", defects.unknownContexts, "operations")
        builder.measure("pasts known in part", defects.unknownPasts, "operations")
        builder.measure("pasts without room", defects.unkeptPasts, "operations")
        return builder.verdict(isPromised: true)
    }
}
