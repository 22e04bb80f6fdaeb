/// A write or a delete, as one event of its key. Events are numbered in the order of their starts.
///
/// What an event supersedes is known between two bounds: its *certain* past (``KeyHistory/covers(_:_:)-(Int,_)``), and
/// what it may have superseded besides: everything that started before ``horizon``, and what is behind a tombstone
/// that no answer shows (``deleteHorizon``). A checker claims "X was superseded" only by the first and "nothing
/// superseded X" only beyond the second.
package struct KeyEvent: Sendable {
    /// Index into ``IndexedHistory/operations``.
    package let operation: Int
    package let id: Int
    package let client: Int
    package let isDelete: Bool
    package let outcome: HistoryOperation.Outcome
    package let start: Int64
    package let end: Int64
    /// It presented a context that a read gave.
    package internal(set) var followsRead = false
    /// Its past is not known exactly, or that of an event in its past is not.
    package internal(set) var hasUnknownPast = false
    /// It may have superseded whatever started before.
    package internal(set) var horizon = Int64.min
    /// It may have superseded deletes that started before, and what they superseded.
    package internal(set) var deleteHorizon = Int64.min
    /// The least start of a delete that is this event or may have superseded it.
    package internal(set) var firstDelete = Int64.max
    /// When the first read that shows the event, or one that certainly supersedes it, was answered.
    package internal(set) var firstSeen = Int64.max

    package var isAcknowledged: Bool { outcome == .ok }
}

/// A read that was answered.
package struct KeyRead: Sendable {
    /// Index into ``IndexedHistory/operations``.
    package let operation: Int
    package let id: Int
    package let client: Int
    package let start: Int64
    package let end: Int64
    package let isFinal: Bool
    /// The events behind the answer, each once, in the order of the answer.
    package internal(set) var shown: [Int] = []
    /// Events that the answer shows more than once.
    package internal(set) var repeated: [Int] = []
    /// Values or ids that no write or delete of the key has, or more than one, and values that are not those of the
    /// events behind the answer.
    package internal(set) var unresolved = 0
    /// What ``shown`` may have superseded besides its certain past; see ``KeyEvent``.
    package internal(set) var horizon = Int64.min
    package internal(set) var deleteHorizon = Int64.min
}

/// Whether a read reflects an event: shows it, or something that superseded it.
package enum Coverage: Sendable {
    case certain
    /// Something behind the answer has a past that is not known exactly, or the answer hides tombstones.
    case perhaps
    case none
}
