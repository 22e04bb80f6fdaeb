import NIOCore
import StatorCore

/// Every limit and time of this driver.
enum RuntimeLimits {
    // Links to peers.
    /// Bytes that may wait for one peer on one link; frames beyond are dropped and counted.
    static let maximumQueuedBytes = 64 << 20
    /// The storage of a write that is used again for the next one has at most so many bytes.
    static let keptWriteBuffer = 1 << 20
    /// Frames kept for a link that is being made, in bytes.
    static let maximumBytesBeforeLink = 256 << 10
    /// The first pause before dialling again; it doubles up to ``longestBackoff``, so that a restarted peer is found fast.
    static let shortestBackoff = TimeAmount.milliseconds(50)
    static let longestBackoff = TimeAmount.seconds(1)
    static let connectTimeout = TimeAmount.seconds(1)
    static let handshakeDeadline = TimeAmount.seconds(5)
    /// How often links are looked after: keep-alives are sent, silence is noticed.
    static let linkTick = TimeAmount.milliseconds(500)
    /// A link whose peer has not been heard of for this long is taken down.
    static let longestSilence = TimeAmount.seconds(2)
    /// An accepted connection without a byte for this long is closed.
    static let acceptedSilence = TimeAmount.seconds(10)
    /// How long a link to a node that left the view is kept.
    static let departedGrace = TimeAmount.seconds(10)

    // What strangers can cost.
    /// Accepted connections, whatever their state.
    static let maximumConnections = 16384
    /// Accepted connections that have not shaken hands.
    static let maximumHandshakes = 1024
    /// Links to nodes that are not in the view.
    static let maximumOutsiders = 64
    /// Received bytes of one connection that may wait for a shard on another loop; reading pauses beyond.
    static let maximumHandedOverBytes = 16 << 20
    /// Log lines about refused connections come at most this often.
    static let refusalLogInterval = TimeAmount.seconds(1)

    // Machines.
    /// Events that one shard handles before other work of its loop gets a turn.
    static let maximumEventsPerTurn = 1024
    /// Client requests that wait at one shard for their answers. The machine refuses earlier.
    static let maximumClientRequests = 1 << 20
    /// How long a stopping node waits for what is under way.
    static let stopBound = TimeAmount.seconds(5)
    static let stopPoll = TimeAmount.milliseconds(10)

    // Storage.
    /// Commands of one shard that may wait for storage; more are failed at once. The machine bounds what it asks for.
    static let maximumStorageQueue = 1 << 17
    /// Writes that are handed to an engine in one batch.
    static let maximumWriteBatch = 4096
    static let maintenanceInterval = TimeAmount.seconds(1)
    /// Work of one slice of maintenance; between slices waiting commands are carried out.
    static let maintenanceSlice = ByteCount.mebibytes(1)
    /// The same on a loop, for engines in memory.
    static let inlineMaintenanceSlice = ByteCount.kibibytes(64)

    /// The largest identity or view file.
    static let maximumSealedFile = 16 << 20
}
