import NIOCore

/// An operation on its way: where it is, what was tried, and who waits for it. Confined to the client's event loop.
final class Operation {
    typealias Completion = (Result<Reply, StatorClientError>) -> Void

    enum Place {
        case nowhere
        /// In the line of a node, or parked until any node is healthy.
        case waiting(isParked: Bool)
        /// Given to a connection; nothing was handed to the channel.
        case queued(ClientConnection)
        case sent(ClientConnection)
        /// Until it is tried again.
        case pausing
    }

    let id: UInt64
    let command: Command
    let deadline: NIODeadline
    /// After this long, half of its time, an attempt without an answer is given up for another node.
    let attemptTime: TimeAmount
    let tellsTimeout: Bool
    /// Whether it stays with one connection: it asks whether that one works.
    let isPinned: Bool
    private let repeatsUnknown: Bool

    private(set) var place = Place.nowhere
    fileprivate var ticket = 0
    var timer: Scheduled<Void>?
    var completion: Completion?
    var attemptDeadline = NIODeadline.distantFuture
    var retries = 0
    var moves = 0
    /// Nodes that failed it.
    var tried: [NodeAddress] = []
    /// The node of the present attempt.
    var node: NodeAddress?
    /// An attempt of this write ended with an unknown outcome.
    var mayHaveBeenDone = false

    init(_ request: Request, id: UInt64, isPinned: Bool = false, completion: @escaping Completion) {
        self.id = id
        command = request.command
        deadline = request.start + request.timeout
        attemptTime = .nanoseconds(request.timeout.nanoseconds / 2)
        tellsTimeout = request.tellsTimeout
        repeatsUnknown = request.repeatsUnknown
        self.isPinned = isPinned
        self.completion = completion
    }

    /// Whether an attempt that may have been carried out may be followed by another.
    var isRepeatable: Bool { !command.isWrite || repeatsUnknown }

    /// Whether a write may have been carried out if it ended here.
    var isOutcomeOpen: Bool {
        guard command.isWrite else { return false }
        if case .sent = place { return true }
        return mayHaveBeenDone
    }

    /// What a node is told about the time it has; `nil` for what it is set to.
    func timeoutMilliseconds(at now: NIODeadline) -> Int64? {
        guard tellsTimeout else { return nil }
        let end = isRepeatable ? min(deadline, attemptDeadline) : deadline
        return max(1, (end - now).nanoseconds / 1_000_000)
    }

    /// Whatever held a claim on it before holds it no longer.
    @discardableResult
    func move(to place: Place) -> Claim {
        self.place = place
        ticket += 1
        return Claim(operation: self, ticket: ticket)
    }
}

/// An operation in a queue. Queues are not searched when one leaves: its claim is void, and skipped later.
struct Claim {
    let operation: Operation
    fileprivate let ticket: Int

    var isCurrent: Bool { operation.ticket == ticket }
}

/// Operations that wait, in order.
struct WaitingLine {
    private static let leastToSweep = 64

    private var claims = CircularBuffer<Claim>()
    /// Void claims are swept out when there are this many in all, so that they are never more than the others for long.
    private var sweepAt = WaitingLine.leastToSweep

    mutating func append(_ claim: Claim) {
        if claims.count >= sweepAt {
            claims.removeAll { !$0.isCurrent }
            sweepAt = max(WaitingLine.leastToSweep, 2 * claims.count)
        }
        claims.append(claim)
    }

    /// May be above what really waits.
    var count: Int { claims.count }

    /// - Returns: the first that still waits.
    mutating func popFirst() -> Operation? {
        while let claim = claims.popFirst() {
            if claim.isCurrent { return claim.operation }
        }
        return nil
    }

    /// Takes all who wait out. They are still to be moved on by who takes them.
    mutating func drain() -> [Operation] {
        let operations = claims.filter(\.isCurrent).map(\.operation)
        claims.removeAll()
        return operations
    }
}
