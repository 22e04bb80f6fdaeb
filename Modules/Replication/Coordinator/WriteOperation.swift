internal import ConflictResolution
internal import NIOCore
internal import Partitioning
internal import StatorCore

/// A write under way at its coordinator. An object, so that what comes in for it changes it in its place.
final class WriteOperation {
    /// What the coordinator itself is to the key.
    enum Role {
        case owner
        /// It keeps the write as a hint for this owner.
        case standIn(for: NodeID)
        /// It keeps nothing: the resolver lets anyone coordinate.
        case proxy
    }

    private(set) var origin: RequestOrigin
    private(set) var request: ClientRequest
    /// What is to be stored: what the client says, or what its read-modify-write comes to.
    var write: VersionWrite {
        if case .write(let write) = request.operation { return write }
        guard let evaluated else { preconditionFailure("a read-modify-write is evaluated before it is written") }
        return evaluated
    }
    /// What a read-modify-write comes to, and what its client is told.
    var evaluated: VersionWrite?
    var result: UpdateResult?
    /// What a quorum has shown of the key, where what is written depends on it.
    var seen: ByteBuffer?
    private(set) var role: Role
    private(set) var needed: Int
    var slots: QuorumSlots
    /// The whole merged record, once it is made.
    var record: StoredRecord?
    var context = ByteBuffer()
    /// Whether any answering replica held a live version before.
    var hadLive = false
    var isAnswered = false
    /// Owners that refused because this node's view is behind; asked again under the next one.
    var isBehind = false
    /// Owners are being asked: some may answer at once, and what follows is settled when all are.
    var isAsking = false
    var times = OperationTimes()
    /// It is out of the table: nothing happens to it any more.
    var isEnded = false

    init(
        origin: RequestOrigin, request: ClientRequest, role: Role, needed: Int, slots: QuorumSlots
    ) {
        self.origin = origin
        self.request = request
        self.role = role
        self.needed = needed
        self.slots = slots
    }

    /// Becomes a new one.
    func begin(
        origin: RequestOrigin, request: ClientRequest, role: Role, needed: Int, current: PreferenceList,
        next: PreferenceList?
    ) {
        self.origin = origin
        self.request = request
        self.role = role
        self.needed = needed
        slots.begin(current: current, next: next)
        hadLive = false
        isAnswered = false
        isBehind = false
        isAsking = false
        isEnded = false
    }

    /// Keeps nothing alive that the next one does not need.
    func forget() {
        request = ClientRequest.none
        record = nil
        context = ByteBuffer()
        evaluated = nil
        result = nil
        seen = nil
    }
}
