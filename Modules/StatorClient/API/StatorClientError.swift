/// Why an operation has failed. ``isOutcomeUnknown`` says whether a write may have happened all the same.
public enum StatorClientError: Error, Hashable, Sendable {
    /// A key, value, address or setting that cannot be; nothing was sent.
    case invalidArgument(String)
    /// No node could be reached; nothing was done.
    case notConnected(String)
    /// Too many requests are under way in this client; nothing was done.
    case busy(String)
    /// The node has too much to do; nothing was done.
    case overloaded(node: NodeAddress, message: String)
    /// The node cannot serve the key now; nothing was done.
    case unavailable(node: NodeAddress, message: String)
    /// Fewer replicas could answer than were needed; a write may surface all the same.
    case quorumNotMet(needed: Int, got: Int, outcomeUnknown: Bool)
    /// Fewer replicas answered in the node's time than were needed.
    case quorumTimedOut(needed: Int, got: Int, outcomeUnknown: Bool)
    /// The operation's time is over.
    case deadlineExceeded(outcomeUnknown: Bool)
    /// The connection was lost after the request had been sent.
    case connectionLost(node: NodeAddress, reason: String, outcomeUnknown: Bool)
    /// The write may have happened or not, says the node, or an earlier attempt that was not answered.
    case outcomeUnknown(String)
    /// The node refuses the request as it is, and would again; nothing was done.
    case rejected(code: String, message: String)
    /// A reply that is none to what was asked.
    case unexpectedReply(String, outcomeUnknown: Bool)
    /// The task was cancelled.
    case cancelled(outcomeUnknown: Bool)
    /// The client was closed.
    case closed(outcomeUnknown: Bool)

    /// Whether a write may have been carried out, or may still be; always false for reads.
    public var isOutcomeUnknown: Bool {
        switch self {
        case .invalidArgument, .notConnected, .busy, .overloaded, .unavailable, .rejected: false
        case .quorumNotMet(_, _, let isUnknown), .quorumTimedOut(_, _, let isUnknown), .deadlineExceeded(let isUnknown),
            .connectionLost(_, _, let isUnknown), .unexpectedReply(_, let isUnknown), .cancelled(let isUnknown),
            .closed(let isUnknown):
            isUnknown
        case .outcomeUnknown: true
        }
    }
}

extension StatorClientError: CustomStringConvertible {
    /// One sentence.
    public var description: String {
        switch self {
        case .outcomeUnknown: reason
        default: isOutcomeUnknown ? reason + "; whether the write was done is unknown" : reason
        }
    }

    private var reason: String {
        switch self {
        case .invalidArgument(let what): what
        case .notConnected(let why): "no node could be reached, so nothing was done: \(why)"
        case .busy(let why): "the client has too much under way, so nothing was done: \(why)"
        case .overloaded(let node, let message): "\(node) is overloaded and did nothing: \(message)"
        case .unavailable(let node, let message): "\(node) cannot serve the key and did nothing: \(message)"
        case .quorumNotMet(let needed, let got, _): "\(needed) replicas were needed, \(got) could answer"
        case .quorumTimedOut(let needed, let got, _): "\(needed) replicas were needed, \(got) answered in time"
        case .deadlineExceeded: "there was no answer within the operation's time"
        case .connectionLost(let node, let why, _): "the connection to \(node) was lost: \(why)"
        case .outcomeUnknown(let why): "whether the write was done is unknown: \(why)"
        case .rejected(let code, let message): "the node refuses the request (\(code)): \(message)"
        case .unexpectedReply(let what, _): "the node's reply is not one to this request: \(what)"
        case .cancelled: "the task was cancelled"
        case .closed: "the client is closed"
        }
    }
}
