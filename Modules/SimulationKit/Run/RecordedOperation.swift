internal import Checking

/// An operation as a run records it: with events where the history has operations, until those are known.
struct RecordedOperation {
    var operation: HistoryOperation
    /// The events behind a read's answer.
    var shows: [Int]?
}
