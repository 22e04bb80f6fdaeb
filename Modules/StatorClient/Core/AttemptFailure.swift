/// What a failed attempt means for its operation.
struct AttemptFailure {
    enum Remedy {
        /// It would fail again.
        case none
        /// Another attempt, after a pause and for a token.
        case retry
        /// Nothing was sent: another node at once, for nothing.
        case move
    }

    /// What the caller is told if it ends here.
    let error: StatorClientError
    let remedy: Remedy
    /// Whether a ring that is out of date may be the cause.
    var hintsAtChange = false

    /// No connection could be had, or it was lost before anything was handed to it.
    static func notSent(_ why: String) -> AttemptFailure {
        AttemptFailure(error: .notConnected(why), remedy: .move)
    }

    static func lost(_ why: String, by node: NodeAddress, isWrite: Bool) -> AttemptFailure {
        AttemptFailure(
            error: .connectionLost(node: node, reason: why, outcomeUnknown: isWrite), remedy: .retry,
            hintsAtChange: true)
    }

    /// From the line of an error reply: a code, and a sentence.
    init(line: String, from node: NodeAddress, isWrite: Bool) {
        let code = String(line.prefix { $0 != " " })
        let message = String(line.dropFirst(code.count + 1))
        let needed = AttemptFailure.number(after: "need", message)
        let got = AttemptFailure.number(after: "got", message)
        switch code {
        case "OVERLOADED": self.init(error: .overloaded(node: node, message: message), remedy: .retry)
        case "UNAVAILABLE":
            self.init(error: .unavailable(node: node, message: message), remedy: .retry, hintsAtChange: true)
        case "NOQUORUM":
            self.init(
                error: .quorumNotMet(needed: needed, got: got, outcomeUnknown: isWrite), remedy: .retry,
                hintsAtChange: true)
        case "TIMEOUT":
            self.init(
                error: .quorumTimedOut(needed: needed, got: got, outcomeUnknown: isWrite), remedy: .retry,
                hintsAtChange: true)
        case "UNKNOWN" where isWrite: self.init(error: .outcomeUnknown(message), remedy: .retry)
        // A node with all the connections that it serves says so to a new one, and closes it.
        case "ERR" where message.hasPrefix("max number of clients"):
            self.init(error: .overloaded(node: node, message: message), remedy: .retry)
        case "ERR", "BADCONTEXT", "SIBLINGS":
            self.init(error: .rejected(code: code, message: message), remedy: .none)
        // A code that this client does not know tells nothing about what was done.
        default:
            self.init(
                error: isWrite ? .outcomeUnknown(line) : .rejected(code: code, message: message), remedy: .none)
        }
    }

    init(error: StatorClientError, remedy: Remedy, hintsAtChange: Bool = false) {
        self.error = error
        self.remedy = remedy
        self.hintsAtChange = hintsAtChange
    }

    /// 0 where there is none.
    private static func number(after word: String, _ message: String) -> Int {
        let words = message.split { $0 == " " || $0 == ":" || $0 == "," }
        guard let index = words.firstIndex(where: { $0 == word }), index + 1 < words.count else { return 0 }
        return Int(words[index + 1]) ?? 0
    }
}
