internal import Checking
internal import NIOCore
internal import NodeClient
internal import Recording

/// An answer of either dialect.
enum StoreAnswer {
    case http(HTTPAnswer, closes: Bool)
    case resp(RESPReply)

    /// Notes in the operation what became of it, by the rules of recordings; the values by their names.
    func conclude(_ operation: inout HistoryOperation) {
        switch self {
        case .http(let answer, _): operation.conclude(answer)
        case .resp(let reply): reply.conclude(&operation)
        }
        for index in operation.values.indices { operation.values[index] = LoadValue.name(of: operation.values[index]) }
    }

    /// Whether the node serves nothing, whatever it is asked.
    var sendsAway: Bool {
        guard case .http(let answer, _) = self, answer.status >= 500 else { return false }
        return !StoreAnswer.ofOneRequest.contains(answer.errorCode)
    }

    /// Codes of errors that say nothing of the next request, as recordings have it.
    private static let ofOneRequest = ["quorum_unmet", "outcome_unknown", "timeout"]

    /// Whether the server ends the connection after this.
    var closes: Bool {
        if case .http(_, let closes) = self { return closes }
        return false
    }

    /// How the node calls itself.
    var nodeName: String? {
        if case .http(let answer, _) = self { return answer.header("x-stator-node") }
        return nil
    }
}
