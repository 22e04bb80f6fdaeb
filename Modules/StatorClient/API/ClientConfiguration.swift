/// What a client may be told. Every field has a default that suits a cluster in one data centre.
public struct ClientConfiguration: Sendable {
    /// How long an operation may take, retries included, where it names no time of its own; up to ten minutes.
    public var timeout: Duration = .seconds(5)
    /// How long the opening of a connection may take. Shorter than ``maximumWait``, so that operations which wait for it
    /// still go to another node.
    public var connectTimeout: Duration = .seconds(1)

    /// Connections to one node at most, 1 ... 1,024; opened as they are needed.
    public var maximumConnectionsPerNode = 4
    /// Requests of one connection without a reply, 1 ... 1,024; nodes take no more than 1,024.
    public var maximumInFlightPerConnection = 128
    /// Operations that may wait for room, or for a node to come back; more fail with ``StatorClientError/busy(_:)``.
    public var maximumWaiting = 4096
    /// How long an operation may wait so.
    public var maximumWait: Duration = .seconds(2)

    /// How often one operation is sent again at most.
    public var maximumRetries = 3
    /// The most retries that the budget holds, 0 ... 1,000,000; it is full at first. 0: nothing is retried.
    public var retryTokens = 100
    /// What each success puts back into the budget, 0 ... 1: the share of retries that it allows for long.
    public var retryTokensPerSuccess = 0.1
    /// The longest pause before the first retry; it doubles with each, and is drawn at random between nothing and it.
    public var retryBackoff: Duration = .milliseconds(10)
    /// What the pause before a retry never exceeds.
    public var maximumRetryBackoff: Duration = .seconds(1)
    /// Whether writes are sent again even where the first may have been done, which may write the value twice.
    public var retriesUnknownOutcomes = false

    /// How long a node that failed is left alone at first; it doubles with each failure, less up to half at random.
    public var nodeBackoff: Duration = .milliseconds(100)
    /// What the rest of a failing node never exceeds.
    public var maximumNodeBackoff: Duration = .seconds(10)
    /// A connection whose first request was given up is closed once the node has sent nothing for this long. Longer
    /// than the nodes' `replication.requestTimeoutMilliseconds`.
    public var silenceLimit: Duration = .seconds(3)
    /// A connection without requests is asked for a sign of life this often.
    public var idlePingInterval: Duration = .seconds(15)
    /// How often the ring is fetched; it is too soon after failures that hint at a change.
    public var ringRefreshInterval: Duration = .seconds(30)

    /// The largest value that is sent or accepted, in bytes.
    public var maximumValueBytes = 64 << 20
    /// The largest reply that is accepted, in bytes: all siblings of a key together.
    public var maximumReplyBytes = 256 << 20

    public init() {}

    /// - Throws: ``StatorClientError/invalidArgument(_:)`` that names the first field out of its range.
    func validate() throws(StatorClientError) {
        try check("timeout", timeout, to: ClientLimits.longestTimeout)
        for (name, value) in [
            ("connectTimeout", connectTimeout), ("maximumWait", maximumWait), ("retryBackoff", retryBackoff),
            ("maximumRetryBackoff", maximumRetryBackoff), ("nodeBackoff", nodeBackoff),
            ("maximumNodeBackoff", maximumNodeBackoff), ("silenceLimit", silenceLimit),
            ("idlePingInterval", idlePingInterval), ("ringRefreshInterval", ringRefreshInterval),
        ] {
            try check(name, value, to: .seconds(86_400))
        }
        try check("maximumConnectionsPerNode", maximumConnectionsPerNode, in: 1...1024)
        try check("maximumInFlightPerConnection", maximumInFlightPerConnection, in: 1...1024)
        try check("maximumWaiting", maximumWaiting, in: 0...1_000_000)
        try check("maximumRetries", maximumRetries, in: 0...1000)
        try check("retryTokens", retryTokens, in: 0...1_000_000)
        try check("maximumValueBytes", maximumValueBytes, in: 1...(1 << 30))
        try check("maximumReplyBytes", maximumReplyBytes, in: maximumValueBytes...(1 << 32))
        guard (0...1).contains(retryTokensPerSuccess) else {
            throw .invalidArgument("retryTokensPerSuccess is \(retryTokensPerSuccess), 0 to 1 is possible")
        }
    }

    private func check(_ name: String, _ value: Duration, to most: Duration) throws(StatorClientError) {
        guard value > .zero, value <= most else {
            throw .invalidArgument("\(name) is \(value), more than nothing and at most \(most) is possible")
        }
    }

    private func check(_ name: String, _ value: Int, in range: ClosedRange<Int>) throws(StatorClientError) {
        guard range.contains(value) else {
            throw .invalidArgument("\(name) is \(value), \(range.lowerBound) to \(range.upperBound) is possible")
        }
    }
}

/// Limits that need no setting.
enum ClientLimits {
    /// The longest time of an operation, as nodes accept it.
    static let longestTimeout = Duration.seconds(600)
    /// Operations of one batch under way at once.
    static let batchWindow = 1024
    /// Requests are handed to the channel in pieces of about this size.
    static let writePiece = 64 << 10
    /// How often an operation that never left goes to another node before that counts as a retry.
    static let freeMoves = 16
    /// The ring is not fetched more often than this, whatever hints there are.
    static let ringRefreshPause = Duration.seconds(1)
    /// Bytes of a reply's line, an error's text that is.
    static let replyLineBytes = 64 << 10
    /// Arrays in arrays.
    static let replyDepth = 8
    /// Elements of all arrays of one reply: a ring of 100,000 ranges of 5 replicas has fewer.
    static let replyElements = 1 << 20
}
