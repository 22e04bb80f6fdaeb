internal import StatorCore

/// The node machine's limits in one place.
package enum ReplicationLimits {
    /// Tasks of other nodes that a shard has under way or waiting; beyond it they are refused as overloaded.
    static let maximumTasks = 65_536
    /// How many reads may ask one owner more than they need: a share of all, and of that so many at once.
    static let hedgesPerRead = 0.1
    static let maximumHedges = 100.0
    /// Changes of records are told to the sync strategy so many at a time, and before it is asked anything: what the
    /// index touches of memory is then fetched side by side.
    static let changesPerFlush = 64
    /// Ended operations of each kind kept for the next ones.
    static let spareOperations = 4096

    // What repair holds in memory. A message, a page or a window ends with the record that fills it (``PagePlan``), so that to
    // each bound in bytes less than one record comes.

    /// Sessions in which this shard answers at once, all and those of one peer.
    static let maximumRespondingSessions = 32
    static let maximumSessionsPerPeer = 16
    /// Pushes and pulls that each end of a session has under way.
    static let exchangesPerSession = 2
    /// Records in one page, push or pull, and bytes of those in one push or pull.
    package static let recordsPerMessage = 256
    package static let bytesPerMessage = 512 << 10
    /// What one end of a session holds: its own exchanges and the peer's, and what differs after merging of the latter.
    package static let bytesPerSession = 3 * exchangesPerSession * bytesPerMessage
    /// What a record takes in a message beside its key and body, about.
    static let recordHead = 32
    /// Pages that are made for one peer at once.
    static let maximumPagesPerPeer = 16
    /// Streams of ranges under way at once, each with a page on its way or being merged.
    package static let maximumStreams = 8
    /// Records on their way to owners that lack them, and bytes of them.
    static let handOverWindow = 8
    static let handOverBytes = 1 << 20
    /// Bytes of hints on their way to one target.
    static let deliveryBytes = 1 << 20
    /// Questions of nodes that let go, being answered at once, all and those of one peer.
    static let maximumCoverAnswers = 32
    static let maximumCoverAnswersPerPeer = 4

    /// How often the ages of hints are looked at and written down, as a part of the age past which they are handed on; and
    /// at least the pause between.
    static let hintAgeSteps = 64
    static let shortestHintAgeStep: Duration = .milliseconds(1000)
    /// How long a hint that its receiver could not store is left alone at most: ten seconds, and one more for each 64 KiB.
    static func longestHintPause(bytes: Int) -> Duration { .seconds(min(10 + bytes >> 16, 600)) }
    /// Records of so many bytes that a peer was sent and did not merge are sent again at once so often, then after pauses that
    /// double; so many are remembered.
    static let withheldBytes = 64 << 10
    static let freeResends = 2
    static let shortestResendPause: Duration = .milliseconds(10_000)
    static let longestResendPause: Duration = .milliseconds(3_600_000)
    static let rememberedResends = 1024
    /// Where versions are ordered by wall time: how often a node tells others what its clock shows, how many of them, and
    /// how long it goes by what it was told.
    static let clockInterval: Duration = .milliseconds(2000)
    static let clockReadingsSent = 4
    static let clockReadingLifetime: Duration = .milliseconds(600_000)
    /// A clock that is off is logged so often at most.
    static let clockReminder: Duration = .milliseconds(60_000)
    /// Corrupt records that are being healed at once; another is healed when it is met again.
    static let maximumHealing = 256
    /// Entries read by one scan while rebuilding or dropping.
    static let scanPage = 1024
    /// Repairs whose time is remembered for `explain`, and finished sessions for `/merkle`.
    static let rememberedRepairs = 4096
    static let rememberedSessions = 32
    /// Earlier cluster states kept to tell whether a range's owners changed since a request's epoch.
    static let rememberedStates = 8
    /// How long a store or a peer that took no write, or a source that streamed nothing, is left alone at first, and at most.
    static let firstRetry: Duration = .milliseconds(200)
    static let lastRetry: Duration = .milliseconds(5000)
    /// Answered reads and writes that still wait for one peer; beyond it the peer is left to hints and repair.
    package static let maximumLagging = 1024
    /// The grain of time-outs.
    static let tick: Duration = .milliseconds(10)
    /// What is not owned is first looked at this long after a change of the view, and again after what could not be handed
    /// over.
    static let handOverDelay: Duration = .milliseconds(5000)
    static let handOverRetry: Duration = .milliseconds(2000)

    /// A member's vote locks it for one proposal this long.
    static let lockLifetime: Duration = .milliseconds(15_000)
    /// A proposal without all votes is given up after this long.
    static let proposalTimeout: Duration = .milliseconds(5000)
    /// How long a start waits for others to confirm its last lease; writes wait for as long.
    static let leaseWait: Duration = .milliseconds(500)
    /// Verdicts on leases that wait until they are durable; whoever gets none asks again.
    static let waitingVerdicts = 4096
    /// How often the membership machine looks after proposals and streaming news.
    static let membershipTick: Duration = .milliseconds(250)
    /// How long after it failed a view is made durable again.
    static let viewRetry: Duration = .milliseconds(1000)
    /// How often a member repeats that it holds all that it gains, once that was heard.
    static let streamedReminder: Duration = .milliseconds(2000)
}
