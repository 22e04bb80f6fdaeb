/// Every bound of a load that its settings do not set.
enum LoadLimits {
    /// Operations that a history holds at most. One more is kept where there were more, for that to be seen: a history
    /// that lacks writes cannot be checked.
    static let historyOperations = 2_000_000
    /// How many parts the span is cut into to see whether it was steady.
    static let slices = 10
    /// The parts of a span in which answers are counted, of which slices are made: a span may end early.
    static let bins = 10_000
    /// How long one request, or all of a batch, may take.
    static let requestTimeoutSeconds: Int64 = 10
    static let connectTimeoutSeconds: Int64 = 2
    /// How long a node that does not serve is left alone, in nanoseconds.
    static let rest: Int64 = 1_000_000_000
    /// Between two looks at time-outs, progress and the arrivals that wait, in milliseconds.
    static let tickMilliseconds: Int64 = 100
    /// How long a cancelled load waits for the answers that are under way, in nanoseconds.
    static let cancelGrace: Int64 = 500_000_000
    /// Connections that are opened before the load begins at most; beyond, only one for each session.
    static let connectionsAhead = 2_000
    /// Connections that are being opened at once before the load begins: fewer than a node's backlog holds.
    static let connectionsOpening = 64
    /// Sessions that fill the store before the load.
    static let loadingSessions = 32
    /// How often a key is written before the load until that succeeds.
    static let loadingTries = 5
    /// After how many failures in a row the store is not filled any further.
    static let loadingFailures = 200
    /// The longest answer, in bytes.
    static let answerBytes = 128 << 20
    /// The longest head of an answer, in bytes.
    static let headBytes = 64 << 10
    /// How much of a value that no load has written a history shows, in characters.
    static let foreignValueLength = 64
}
