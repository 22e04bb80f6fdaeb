package import Membership
package import Partitioning
package import StatorCore
package import Storage
package import Sync

/// A picture of one node for `/stats`, `/ring`, `/gossip`, `/merkle`, `/metrics`, `/health` and `/ready`.
package struct NodeInspection: Sendable {
    package var node: NodeID
    package var view: View
    package var placement: Placement?
    package var nextPlacement: Placement?
    package var members: [MemberReport]
    package var refusedMembershipMessages: Int
    /// Why the node does not serve yet, or `nil` when it does.
    package var notReadyReason: String?
    /// Why the node is broken, or `nil`.
    package var failure: String?
    /// The last change of the ring that this node proposed, in a sentence.
    package var changeStatus: String?
    package var shards: [ShardInspection]
    package var transport: TransportCounters
    /// The faults in force; `nil` where the node was not started for experiments.
    package var faults: NetworkFaults?
    /// To the other nodes, sorted by node; those of one shard, as the others' say the same.
    package var links: [LinkReport]
    /// Who was not let in lately.
    package var refusedCallers: [RefusedCaller]

    package init(
        node: NodeID, view: View, placement: Placement?, nextPlacement: Placement?, members: [MemberReport],
        refusedMembershipMessages: Int, notReadyReason: String?, failure: String?, changeStatus: String?,
        shards: [ShardInspection], transport: TransportCounters, faults: NetworkFaults? = nil,
        links: [LinkReport] = [], refusedCallers: [RefusedCaller] = []
    ) {
        self.node = node
        self.view = view
        self.placement = placement
        self.nextPlacement = nextPlacement
        self.members = members
        self.refusedMembershipMessages = refusedMembershipMessages
        self.notReadyReason = notReadyReason
        self.failure = failure
        self.changeStatus = changeStatus
        self.shards = shards
        self.transport = transport
        self.faults = faults
        self.links = links
        self.refusedCallers = refusedCallers
    }

    /// What it can tell of its own place among the members.
    package var standing: Standing { Standing(node: node, view: view, links: links, reports: members) }
}

package struct ShardInspection: Sendable {
    package var shard: Int
    package var actor: Actor
    package var counters: ShardCounters
    package var storage: StorageStatistics
    package var hintStorage: StorageStatistics
    /// Hints waiting, by target, sorted.
    package var hintsWaiting: [HintBacklog]
    /// No room is left: this shard stands in for nobody until hints were handed over.
    package var areHintsFull: Bool
    package var syncIndex: [SyncStatistic]
    /// The latest sessions, newest first.
    package var sessions: [SessionSummary]
    /// The round of anti-entropy that this shard began last.
    package var syncRound: SyncRound
    /// Bytes of records that repair holds at this moment, about.
    package var repairBytesHeld: Int
    /// Records that are not owned and that the last pass over them could not let go: not every owner was shown to hold them.
    package var recordsNotHandedOver: Int
    /// How much of this node's owned ranges is still being recovered after a lost disk, in 0 ... 1 of them.
    package var recoveringFraction: Double
    /// Why this shard's records are in doubt, or `nil` where they are whole.
    package var doubt: Doubt?
    package var requestsInFlight: Int
    /// How far this node's wall clock is ahead of the cluster's; `nil` where nobody minds or too few were heard of.
    package var clockSkew: Duration?
    /// Why this shard does not serve yet, or `nil` when it does.
    package var notReadyReason: String?

    package init(
        shard: Int, actor: Actor, counters: ShardCounters, storage: StorageStatistics,
        hintStorage: StorageStatistics, hintsWaiting: [HintBacklog], areHintsFull: Bool = false,
        syncIndex: [SyncStatistic], sessions: [SessionSummary], recoveringFraction: Double, doubt: Doubt? = nil,
        requestsInFlight: Int, clockSkew: Duration? = nil, notReadyReason: String? = nil,
        syncRound: SyncRound = SyncRound(), repairBytesHeld: Int = 0, recordsNotHandedOver: Int = 0
    ) {
        self.shard = shard
        self.actor = actor
        self.counters = counters
        self.storage = storage
        self.hintStorage = hintStorage
        self.hintsWaiting = hintsWaiting
        self.areHintsFull = areHintsFull
        self.syncIndex = syncIndex
        self.sessions = sessions
        self.recoveringFraction = recoveringFraction
        self.doubt = doubt
        self.requestsInFlight = requestsInFlight
        self.clockSkew = clockSkew
        self.notReadyReason = notReadyReason
        self.syncRound = syncRound
        self.repairBytesHeld = repairBytesHeld
        self.recordsNotHandedOver = recordsNotHandedOver
    }
}

/// How far a round of anti-entropy is, in sessions that this end begins.
package struct SyncRound: Hashable, Sendable {
    package var sessions: Int
    package var waiting: Int
    package var underWay: Int

    package init(sessions: Int = 0, waiting: Int = 0, underWay: Int = 0) {
        self.sessions = sessions
        self.waiting = waiting
        self.underWay = underWay
    }
}

package struct HintBacklog: Hashable, Sendable {
    package var target: NodeID
    package var count: Int
    package var bytes: Int
    /// How long the oldest one has waited, about; time in which the node did not run does not count.
    package var age: Duration

    package init(target: NodeID, count: Int, bytes: Int, age: Duration = .zero) {
        self.target = target
        self.count = count
        self.bytes = bytes
        self.age = age
    }
}

/// One finished anti-entropy session as this end saw it.
package struct SessionSummary: Hashable, Sendable {
    package var session: SessionID
    package var peer: NodeID
    package var range: TokenRange
    package var report: SessionReport
    package var recordsSent: Int
    package var recordsReceived: Int
    package var bytesSent: Int
    package var duration: Duration
    /// Why it ended early, or `nil`.
    package var failure: String?

    package init(
        session: SessionID, peer: NodeID, range: TokenRange, report: SessionReport, recordsSent: Int,
        recordsReceived: Int, bytesSent: Int, duration: Duration, failure: String?
    ) {
        self.session = session
        self.peer = peer
        self.range = range
        self.report = report
        self.recordsSent = recordsSent
        self.recordsReceived = recordsReceived
        self.bytesSent = bytesSent
        self.duration = duration
        self.failure = failure
    }
}

/// What a shard has counted since its start. Plain integers: one thread writes them.
package struct ShardCounters: Hashable, Sendable {
    package var gets = 0
    package var puts = 0
    package var deletes = 0
    package var forwarded = 0
    package var quorumsUnmet = 0
    package var timeouts = 0
    package var outcomesUnknown = 0
    package var shed = 0
    package var siblingsRead = 0
    package var timestampsBounded = 0
    package var replicaWrites = 0
    package var replicaReads = 0
    package var staleEpochs = 0
    package var readRepairs = 0
    package var hedgedReads = 0

    package var hintsCreated = 0
    package var hintsCarriedOver = 0
    package var hintsDelivered = 0
    package var hintsCovered = 0
    package var hintsSuperseded = 0
    package var hintsCancelled = 0
    package var hintsRefused = 0

    package var syncSessions = 0
    package var syncSessionsFailed = 0
    package var syncKeysListed = 0
    package var syncDirtyLeaves = 0
    package var syncComparisons = 0
    package var syncRecordsSent = 0
    package var syncRecordsReceived = 0
    package var syncBytesSent = 0
    package var syncRecordsWithheld = 0

    package var recordsStreamedIn = 0
    package var recordsStreamedOut = 0
    package var recordsDropped = 0
    /// Records that an owner lacked when this node let them go, and was given.
    package var recordsHandedOver = 0
    /// Sessions, exchanges, pages and questions of peers that were refused for want of room.
    package var repairRefused = 0
    /// Bytes of records that were loaded to be streamed, synced, handed over or delivered, and those that were sent.
    package var repairBytesRead = 0
    package var repairBytesSent = 0
    package var mergesRefused = 0
    package var corruptRecords = 0
    package var storageFailures = 0

    package init() {}
}

/// What the transport has counted. The simulator fills what applies to it.
package struct TransportCounters: Hashable, Sendable {
    package var framesSent = 0
    package var framesReceived = 0
    package var bytesSent = 0
    package var bytesReceived = 0
    package var framesDropped = 0
    package var connectionsRefused = 0
    package var malformedFrames = 0
    package var linksUp = 0

    package init() {}
}
