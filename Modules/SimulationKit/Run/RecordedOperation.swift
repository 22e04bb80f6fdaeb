internal import Checking
internal import StatorCore

/// An operation as a run records it: with events where the history has operations, until those are known.
struct RecordedOperation {
    var operation: HistoryOperation
    /// The events behind a read's answer; `nil` where the answer hides them.
    var shows: [Int]?
    /// A delete without context: how many events there were before it.
    var eventsBefore: Int?
    /// A delete of nothing that cannot be told from another one at the same time: the history leaves it out.
    var isUntold = false
    /// The coordinator that acknowledged a write or a delete.
    var acknowledgedBy: NodeID?

    // One call for several fields, as each access to a run's operations is checked for exclusivity.

    /// - Returns: what it was that succeeded.
    mutating func noteSuccess(context: String?, by coordinator: NodeID) -> HistoryOperation.Kind {
        acknowledgedBy = coordinator
        operation.outcome = .ok
        operation.resultContext = context
        return operation.kind
    }

    mutating func noteRead(_ values: [String], shows: [Int]?, context: String?) {
        operation.outcome = .ok
        operation.values = values
        operation.resultContext = context
        self.shows = shows
    }
}
