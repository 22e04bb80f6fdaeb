internal import StatorCore

/// The bounds of the network model, in one place.
package enum NetworkLimits {
    /// The state of links is 16 bytes for each ordered pair of nodes: 64 MiB here.
    package static let nodes = 2048
    /// No sampled latency is longer, before a node's factor; a heavier tail is cut off there.
    package static let longestLatency: Duration = .seconds(3600)
    /// How many parts a mixture may have, those of nested mixtures included.
    package static let mixtureParts = 64
    package static let largestSigma = 10.0
    package static let largestLatencyFactor = 1e6
    /// Nanoseconds. What is clogged until later is clogged until then: 146 years.
    static let latestDeparture = Int64.max / 2
    /// Nanoseconds. What a latency times the factors of both ends is cut off at: 41 days.
    static let longestScaledLatency = 3.6e15

    // Connections.
    /// How long a sender waits for an acknowledgement before it sends a segment again; twice as long the next time.
    package static let retransmission: Duration = .milliseconds(200)
    /// After a pause of this length it gives the connection up.
    static let longestRetransmission: Duration = .seconds(26)
    /// One loss in so many is a reset.
    static let lossesForAReset = 64
    /// Bytes of a connection, each way, that have been sent and not been read.
    package static let window = 256 << 10
    /// Bytes of one segment.
    static let segment = 64 << 10
    /// One write in so many comes in two pieces.
    static let writesForASplit = 16
    /// What a packet without payload takes.
    static let emptyPacket = 60
    /// Bytes that may wait on one link of a simulated node, beyond the window: fewer than in production, so that runs
    /// meet the bound.
    package static let queuedBytes = 4 << 20
}
