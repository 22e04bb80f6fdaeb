package import StatorCore

/// Every limit of the node core in one place: what the queue of a shard's stores, the data folder and the links are
/// bounded by, whichever driver runs them.
package enum NodeCoreLimits {
    // Stores.
    /// Commands of one shard that may wait for storage; more are failed at once. The machine bounds what it asks for.
    package static let maximumStorageQueue = 1 << 17
    /// Writes that are handed to an engine in one batch.
    static let maximumWriteBatch = 4096
    /// How often engines are given a slice of background work.
    package static let maintenanceInterval: Duration = .milliseconds(1000)
    /// Work of one slice; between slices waiting commands are carried out.
    package static let maintenanceSlice = ByteCount.mebibytes(1)
    /// The same where the machine waits for it: engines in memory.
    package static let inlineMaintenanceSlice = ByteCount.kibibytes(64)

    // The end.
    /// How long a stopping node waits for what is under way, and how often it looks. A little less than the gateways wait
    /// for their connections: what is given up is still answered.
    package static let stopBound = Duration.milliseconds(4500)
    package static let stopPoll = Duration.milliseconds(10)

    // The data folder.
    /// The largest identity or view file in bytes.
    static let maximumSealedFile = 16 << 20

    // Links between nodes.
    /// Bytes that may wait for one peer on one link; frames beyond are dropped and counted.
    package static let maximumQueuedBytes = 64 << 20
    /// The storage of a write that is used again for the next one has at most so many bytes.
    static let keptWriteBuffer = 1 << 20
    /// Frames kept for a link that is being made, in bytes.
    package static let maximumBytesBeforeLink = 256 << 10
    /// The first pause before dialling again; it doubles up to ``longestBackoff``, so that a restarted peer is found fast.
    package static let shortestBackoff = Duration.milliseconds(50)
    package static let longestBackoff = Duration.seconds(1)
    /// A driver reports a connection that is not made within this time as failed.
    package static let connectTimeout = Duration.seconds(1)
    package static let handshakeDeadline = Duration.seconds(5)
    /// How often links are looked after: keep-alives are sent, silence is noticed.
    package static let linkTick = Duration.milliseconds(500)
    /// A link whose peer has not been heard of for this long is taken down.
    package static let longestSilence = Duration.seconds(2)
    /// An accepted connection without a byte for this long is closed.
    package static let acceptedSilence = Duration.seconds(10)
    /// How long a link to a node that left the view is kept.
    package static let departedGrace = Duration.seconds(10)
    /// Links to nodes that are not in the view.
    package static let maximumOutsiders = 64
    /// Accepted connections of a node, whatever their state.
    package static let maximumConnections = 16384
    /// Accepted connections of a node that have not shaken hands.
    package static let maximumHandshakes = 1024
    /// Nodes that were not let in and are remembered, and for how long: much longer than they take to call again.
    package static let rememberedRefusals = 64
    package static let refusalMemory = Duration.seconds(30)
}
