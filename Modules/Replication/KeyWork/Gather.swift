internal import StatorCore
internal import Sync

/// Several loads of which the last one continues.
struct Gather {
    enum Purpose {
        /// A fallback answers a coordinator from its hints and its own data.
        case standIn(NodeID, RequestID, Key)
        /// The same, where this node coordinates the read itself.
        case standInOperation(RequestID, Key)
        case explain(NodeID?, RequestID, Token, Key)
        /// Records that a session pushes to its peer, or answers a pull with.
        case push(SessionID)
        case pulled(SessionID, RequestID)
        case page(NodeID, RequestID, next: ScanCursor?)
        /// A hint about to be delivered.
        case delivery(RequestID)
        /// A record that an owner lacks.
        case handOver(RequestID)
        /// A page of the hints that an earlier life left.
        case carriedOver([RecordMetadata], next: ScanCursor?)
    }

    private(set) var remaining: Int
    private(set) var records: [StoredRecord] = []
    /// Of the keys asked for those that were not loaded, since the others fill a message.
    let rest: ArraySlice<StoreKey>
    /// Loads that failed: corrupt or unreadable records.
    private(set) var failures = 0
    let purpose: Purpose

    init(remaining: Int, rest: ArraySlice<StoreKey> = [], purpose: Purpose) {
        self.remaining = remaining
        self.rest = rest
        self.purpose = purpose
    }

    /// One of which nothing can be loaded.
    init(failedFor purpose: Purpose) {
        self.init(remaining: 0, purpose: purpose)
        failures = 1
    }

    mutating func note(_ outcome: TaskOutcome) {
        remaining -= 1
        if outcome.isFailure { failures += 1 }
        if let record = outcome.record { records.append(record) }
    }
}
