/// What a client has done since it was opened, and what it does now.
public struct ClientStatistics: Sendable {
    /// Operations begun, those of the client itself (rings, signs of life) not counted.
    public internal(set) var requests: UInt64 = 0
    /// Attempts after the first, each paid from the retry budget.
    public internal(set) var retries: UInt64 = 0
    /// Operations that went to another node because nothing could be sent to the first; they cost nothing.
    public internal(set) var moves: UInt64 = 0
    /// Operations that would have been retried had the budget not been empty.
    public internal(set) var budgetExhausted: UInt64 = 0
    /// Operations that failed.
    public internal(set) var failures: UInt64 = 0
    /// How many retries the budget would pay for now.
    public internal(set) var retryTokens: Double = 0
    /// Operations that wait for room or for a node.
    public internal(set) var waiting = 0
    /// The epoch of the ring that requests are routed by; `nil` where none is known.
    public internal(set) var ringEpoch: Int?
    /// The nodes that are known, by address.
    public internal(set) var nodes: [NodeStatistics] = []

    /// Connections that are open.
    public var connections: Int { nodes.reduce(0) { $0 + $1.connections } }
}

public struct NodeStatistics: Sendable {
    public let address: NodeAddress
    public let connections: Int
    /// Requests that are queued for a connection or without a reply.
    public let inFlight: Int
    /// False while it is left alone after a failure.
    public let isHealthy: Bool
}
