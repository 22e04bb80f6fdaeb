internal import Checking

/// One write or delete that is replayed.
struct ReplayEvent: Sendable {
    /// Its number in ``Checking/KeyHistory/events``.
    let index: Int
    /// Positions of what it saw directly: the latest ones of its past, of which none saw another.
    let direct: [Int]
    /// When its coordinator stamps it, in nanoseconds of the history: at its start, or a microsecond after the
    /// stamp of what it saw.
    let time: Int64
    /// Nobody saw it.
    let isMaximal: Bool
    var coordinator = 0
    /// Its dot's counter.
    var counter: UInt64 = 0
    /// The counter of its coordinator's latest earlier event of the key where it did not see that one; 0 otherwise.
    var unseenCounter: UInt64 = 0
}

/// An answered read of which every version is known.
struct ReplayRead: Sendable {
    let id: Int
    /// Positions of the events behind the answer.
    let shown: [Int]
    /// Live versions that the answer had.
    let values: Int
}

/// The events of one key in a causal order: each comes after all that it saw.
struct ReplayKey: Sendable {
    let history: KeyHistory
    var events: [ReplayEvent]
    let reads: [ReplayRead]

    /// Whether the event at `later` superseded the one at `earlier`, directly or not. O(1).
    func sees(_ later: Int, _ earlier: Int) -> Bool {
        earlier < later && history.isPast(events[earlier].index, of: events[later].index)
    }

    /// Whether it is the event, or superseded it. O(1).
    func covers(_ later: Int, _ earlier: Int) -> Bool { later == earlier || sees(later, earlier) }

    /// The event as histories know it.
    func event(_ position: Int) -> KeyEvent { history.events[events[position].index] }

    func isDelete(_ position: Int) -> Bool { event(position).isDelete }
    func isAcknowledged(_ position: Int) -> Bool { event(position).isAcknowledged }
}
