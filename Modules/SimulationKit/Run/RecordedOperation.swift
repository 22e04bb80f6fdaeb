internal import Checking

/// An operation as a run records it: with events where the history has operations, until those are known.
struct RecordedOperation {
    var operation: HistoryOperation
    /// The events behind a read's answer.
    var shows: [Int]?

    // One call for several fields, as each access to a run's operations is checked for exclusivity.

    /// - Returns: what it was that succeeded.
    mutating func noteSuccess(context: String?) -> HistoryOperation.Kind {
        operation.outcome = .ok
        operation.resultContext = context
        return operation.kind
    }

    mutating func noteRead(_ values: [String], shows: [Int], context: String?) {
        operation.outcome = .ok
        operation.values = values
        operation.resultContext = context
        self.shows = shows
    }
}
