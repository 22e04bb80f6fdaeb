internal import Partitioning
internal import StatorCore

/// A range that this node gains in the next epoch, or recovers after a lost disk, being streamed from its owners.
struct StreamState {
    enum Purpose: Equatable {
        case gain(Epoch)
        case recovery
    }

    enum SourceState {
        case untried
        /// It streamed everything, and its records are whole.
        case established
        /// It streamed everything, but is itself in doubt.
        case inDoubt(Doubt.Cause)
        /// It did not, or is to be asked again; not before its back-off is over.
        case failed
    }

    struct Source {
        let node: NodeID
        var state = SourceState.untried
        /// When it is asked again.
        var retry = RetryBackoff()
        /// It has streamed everything before, in doubt: as long as it is, there is nothing more to be had from it.
        var wasHeardInDoubt = false
    }

    let id: StreamID
    let range: TokenRange
    let purpose: Purpose
    var sources: [Source]
    /// Index of the source that streams now.
    var active: Int?
    var cursor: ScanCursor?
    var nextPage: ScanCursor?
    var request: RequestID?
    var lastHeard = Instant(nanoseconds: 0)
    /// The request that brought the page at hand.
    var page: RequestID?
    /// Records of the page at hand that are not durable here yet, and the bytes of all of them.
    var applying = 0
    var pageBytes = 0
    var hasFailedRecord = false
    /// What the source said of itself with that page.
    var said: TransferSource?
}
