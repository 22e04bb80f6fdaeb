internal import DequeModule
internal import NIOCore
internal import Partitioning
internal import StatorCore
internal import Sync

/// A session that a round has still to run.
struct PlannedSession {
    let peer: NodeID
    let range: TokenRange
}

/// Something that the strategy has asked for in a session.
enum SessionStep {
    case send(ByteBuffer)
    case list(ListingID, TokenRange, after: ScanCursor?, limit: Int)
    case push([KeyReference])
    case pull([KeyReference])
    /// The strategy has nothing left to compare here.
    case finish(SessionReport)

    /// Whether it has records exchanged. Anything else waits until what was exchanged before it is merged.
    var isExchange: Bool {
        switch self {
        case .push, .pull: true
        case .send, .list, .finish: false
        }
    }
}

/// A sync session under way at this end.
struct SessionState {
    let peer: NodeID
    let range: TokenRange
    let isInitiator: Bool
    let begun: Instant
    var lastHeard: Instant
    /// The strategy has sent something.
    var hasSent = false
    /// What is not begun yet, in the order in which the strategy asked for it.
    var steps = Deque<SessionStep>()
    /// Pushes and pulls of this end that are not answered, or whose answer is not merged.
    var requests: Set<RequestID> = []
    /// Pushes of this end of which the records are being loaded.
    var loads = 0
    /// Pushes of the peer that are being merged, and pulls for which records are being loaded.
    var batches: Set<BatchID> = []
    var pulls = 0
    /// Not all that differs was sent: the session ends as a failure, once the other records of the page at hand are exchanged.
    var hasWithheld = false
    var report: SessionReport?
    var recordsSent = 0
    var recordsReceived = 0
    var bytesSent = 0

    /// Pushes and pulls under way, of this end and of the peer.
    var exchanges: Int { requests.count + loads }
    var exchangesOfPeer: Int { batches.count + pulls }
}

/// A push or a pull of this end. It ends when it is answered and what came is merged.
struct Exchange {
    let session: SessionID
    /// Of the records that it holds here, or is expected to bring.
    var bytes: Int
    /// Records of the answer that are not merged yet; `nil` until it is answered.
    var merging: Int?
}

/// Records that a session pushed here, being merged one by one.
struct PushedBatch {
    let session: SessionID
    let request: RequestID
    let peer: NodeID
    let bytes: Int
    var remaining: Int
    /// Why not all of them are held here now: the session cannot succeed.
    var failure: String?
    /// What differs from the pushed records after merging, to be sent back: as much as the answer holds.
    var differing: [StoredRecord] = []
    var differingBytes = 0
    /// What else does; it follows as pushes.
    var rest: [KeyReference] = []

    mutating func note(differing record: StoredRecord) {
        guard differingBytes < ReplicationLimits.bytesPerMessage else {
            rest.append(KeyReference(token: record.token, key: record.key))
            return
        }
        differing.append(record)
        differingBytes += record.bytes
    }
}
