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
        /// It streamed everything and has not lost its own disk.
        case established
        /// It streamed everything, but is itself recovering.
        case recovering
        case failed(retryAt: Instant)
    }

    struct Source {
        let node: NodeID
        var state = SourceState.untried
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
    /// Records of the page at hand that are not durable here yet.
    var applying = 0
    var hasFailedRecord = false
    var isSourceRecovering = false
}
