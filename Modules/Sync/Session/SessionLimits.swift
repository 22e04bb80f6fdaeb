import StatorCore

enum SessionLimits {
    /// Sessions that one synchronizer answers at once; the node's own limit is far lower.
    static let maximumAnswered = 1024

    /// Turns away a message of a session that is not known here, so that the initiator need not wait for its time-out
    /// (this end restarted, or abandoned the session first). The node's own state of the session is ended with it.
    static func refuse(
        _ id: SessionID, _ sender: NodeID, _ message: SessionMessage?, _ outbox: inout Outbox<SyncEffect>
    ) {
        switch message?.body {
        case .refused, .done: break
        default: outbox.append(.send(id, to: sender, bytes: SessionMessage(round: 0, body: .refused).encoded()))
        }
        outbox.append(.finished(id, SessionReport()))
    }
}

/// Numbers a session's listings, of which one is under way at a time; answers to any other are late ones.
struct ListingCounter {
    private var number: UInt32 = 0
    private var isUnderWay = false

    mutating func begin() -> ListingID {
        number &+= 1
        isUnderWay = true
        return ListingID(number)
    }

    /// Whether this is the answer that is waited for.
    mutating func end(_ listing: ListingID) -> Bool {
        guard isUnderWay, listing.number == number else { return false }
        isUnderWay = false
        return true
    }
}

extension SyncEvent {
    var session: SessionID {
        switch self {
        case .start(let id, _, _), .message(let id, _, _, _), .listed(let id, _, _, _), .abandoned(let id): id
        }
    }
}
