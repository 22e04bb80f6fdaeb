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
}
