internal import Partitioning
internal import StatorCore

/// A read under way at its coordinator. An object, so that what comes in for it changes it in its place.
final class ReadOperation {
    enum Purpose {
        case client(RequestOrigin)
        /// A conditional write waits for what it shows.
        case condition(RequestID)
        /// A write waits for the record that this node, still recovering, lacks.
        case freshening(RequestID)
        /// This node's record of the key is corrupt: what the other owners hold takes its place.
        case healing

        /// Those that look for what this node lacks ask everybody.
        var mayAskFewer: Bool {
            switch self {
            case .client, .condition: true
            case .freshening, .healing: false
            }
        }
    }

    struct Answer {
        let node: NodeID
        let record: StoredRecord?
        let isStandIn: Bool
    }

    private(set) var purpose: Purpose
    private(set) var request: ClientRequest
    private(set) var needed: Int
    var slots: QuorumSlots
    var answers: [Answer] = []
    /// Answers that count to R: not those of owners that still recover the range.
    var counted = 0
    /// Owners whose record of the key is corrupt.
    private(set) var corrupt: [NodeID] = []
    var isAnswered = false
    var isBehind = false
    /// Owners are being asked: some may answer at once, and what follows is settled when all are.
    var isAsking = false
    var times = OperationTimes()

    init(purpose: Purpose, request: ClientRequest, needed: Int, slots: QuorumSlots) {
        self.purpose = purpose
        self.request = request
        self.needed = needed
        self.slots = slots
    }

    /// Becomes a new one.
    func begin(purpose: Purpose, request: ClientRequest, needed: Int, current: PreferenceList) {
        self.purpose = purpose
        self.request = request
        self.needed = needed
        slots.begin(current: current, next: nil)
        counted = 0
        corrupt = []
        isAnswered = false
        isBehind = false
        isAsking = false
    }

    /// Keeps nothing alive that the next one does not need.
    func forget() {
        request = ClientRequest.none
        while !answers.isEmpty { answers.removeLast() }
    }

    func noteCorrupt(_ owner: NodeID) {
        if !corrupt.contains(owner) { corrupt.append(owner) }
    }

    func record(of node: NodeID) -> StoredRecord? {
        for answer in answers where answer.node == node { return answer.record }
        return nil
    }
}
