internal import Replication
internal import StatorCore

/// What is asked of the healthy cluster, one request at a time, and what comes back.
struct HealthyAnswers {
    private(set) var waitingFor: ClientTicket?
    /// The key of the latest request.
    private(set) var key: Key?
    private(set) var answer: ClientResponse?
    /// What went from shard to shard of other nodes since the request was sent.
    private(set) var messages = Messages()
    /// Who was taken for dead since the cluster was found healthy: by whom, and whom.
    private(set) var suspicions: [(observer: Int, peer: Int)] = []
    private var isOn = false
    /// Requests that were sent together, and what came back for them so far.
    private var together: [ClientTicket] = []
    private(set) var answersTogether: [ClientResponse] = []
    var areAllAnswered: Bool { together.isEmpty }

    /// Messages that requests of clients cause.
    struct Messages: Equatable, CustomStringConvertible {
        var forwards = 0
        var forwardReplies = 0
        var writes = 0
        var writeReplies = 0
        var reads = 0
        var readReplies = 0

        var description: String {
            """
            \(forwards) forwards, \(forwardReplies) replies to them, \(writes) writes, \(writeReplies) replies, \(reads) reads, \
            \(readReplies) replies
            """
        }
    }

    mutating func begin() { isOn = true }

    mutating func asks(_ ticket: ClientTicket, of key: Key) {
        waitingFor = ticket
        self.key = key
        answer = nil
        messages = Messages()
    }

    /// Several requests of one key are under way.
    mutating func asks(together tickets: [ClientTicket], of key: Key) {
        together = tickets
        answersTogether = []
        self.key = key
    }

    /// - Returns: whether it was asked here.
    mutating func take(_ ticket: ClientTicket, _ response: ClientResponse) -> Bool {
        if let place = together.firstIndex(of: ticket) {
            together.remove(at: place)
            answersTogether.append(response)
            return true
        }
        guard ticket == waitingFor else { return false }
        waitingFor = nil
        answer = response
        return true
    }

    mutating func note(_ message: ShardMessage) {
        guard isOn else { return }
        switch message {
        case .forward: messages.forwards += 1
        case .forwardReply: messages.forwardReplies += 1
        case .write: messages.writes += 1
        case .writeReply: messages.writeReplies += 1
        case .read: messages.reads += 1
        case .readReply: messages.readReplies += 1
        default: break
        }
    }

    mutating func judged(_ peer: Int, dead isDead: Bool, by observer: Int) {
        if isOn, isDead { suspicions.append((observer, peer)) }
    }

    mutating func forgetSuspicions() { suspicions = [] }
}
