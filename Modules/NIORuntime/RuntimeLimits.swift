import NIOCore
import StatorCore

/// Every limit and time of this driver.
enum RuntimeLimits {
    // Connections of peers.
    /// Received bytes of one connection that may wait for a shard on another loop; reading pauses beyond.
    static let maximumHandedOverBytes = 16 << 20
    /// Log lines about refused connections come at most this often.
    static let refusalLogInterval = TimeAmount.seconds(1)

    // Machines.
    /// Events that one shard handles before other work of its loop gets a turn.
    static let maximumEventsPerTurn = 1024
    /// Client requests that wait at one shard for their answers. The machine refuses earlier.
    static let maximumClientRequests = 1 << 20
}
