package import StatorCore

/// One look at one node's hint counters.
package struct HintAccount: Hashable, Sendable {
    package var node: NodeID
    /// Since the node started.
    package var created: Int
    /// Found on disk when the node started.
    package var carriedOver: Int
    /// Held at the time of the look.
    package var pending: Int
    package var delivered: Int
    package var covered: Int
    package var superseded: Int
    package var cancelled: Int
    /// When the look was taken, in nanoseconds.
    package var time: Int64

    package init(
        node: NodeID, created: Int, carriedOver: Int, pending: Int, delivered: Int, covered: Int, superseded: Int,
        cancelled: Int, time: Int64
    ) {
        self.node = node
        self.created = created
        self.carriedOver = carriedOver
        self.pending = pending
        self.delivered = delivered
        self.covered = covered
        self.superseded = superseded
        self.cancelled = cancelled
        self.time = time
    }
}

/// No hint gets lost or comes from nowhere: created + carriedOver = pending + delivered + covered + superseded +
/// cancelled at every look, and each hint that goes is found where it went to (`HintAccounts+Ends.swift`). Promised by
/// every configuration.
package struct HintAccounts: Sendable {
    package static let name = "hint-accounts"

    private var looks = 0
    private var unbalanced = 0
    /// By ``HintEnd``.
    var ends = [Int](repeating: 0, count: HintEnd.allCases.count)
    var builder = VerdictBuilder(HintAccounts.name)

    package init() {}

    package mutating func add(_ account: HintAccount) {
        looks += 1
        let left = [account.pending, account.delivered, account.covered, account.superseded, account.cancelled]
        let came = account.created &+ account.carriedOver
        let went = left.reduce(0, &+)
        let isNegative = min(account.created, account.carriedOver) < 0 || left.contains { $0 < 0 }
        guard came != went || isNegative else { return }
        unbalanced += 1
        builder.violation(
            """
            at \(Text.milliseconds(account.time)) node \(account.node) accounts for \(went) hints (\(account.pending) \
            pending, \(account.delivered) delivered, \(account.covered) covered, \(account.superseded) superseded, \
            \(account.cancelled) cancelled) of \(came) (\(account.created) created, \(account.carriedOver) carried over)
            """)
    }

    package func verdict(_ promises: Promises) -> Verdict {
        var builder = builder
        let ended = ends.reduce(0, +)
        builder.rate("looks at which the accounts did not balance", unbalanced, of: looks)
        builder.rate("hints that went without an account", ends[HintEnd.unaccounted.rawValue], of: ended)
        builder.checked = looks + ended
        return builder.verdict(isPromised: true)
    }
}
