package import StatorCore

/// What becomes of one message.
package enum Transmission: Hashable, Sendable {
    /// It never arrives: lost, or sent into a cut.
    case lost
    case once(Instant)
    /// It arrives, and arrives again at the second instant, which is no earlier.
    case twice(Instant, Instant)
}

/// What a ``SimulatedNetwork`` did, in messages where nothing else is said.
package struct NetworkCounters: Hashable, Sendable {
    /// All that were given to the network.
    package var sent = 0
    /// Bytes of all that were given to the network.
    package var bytes = 0
    /// By the probability of loss.
    package var lost = 0
    package var duplicated = 0
    /// Arrived before one that was sent earlier over the same link.
    package var reordered = 0
    /// Sent into a cut.
    package var cut = 0
    /// Held until their link's clog ended.
    package var clogged = 0
    /// Waited for others to leave before them.
    package var queued = 0
    /// Over connections: segments that were sent again, after a loss or into a cut.
    package var retransmitted = 0
    /// Connections that were reset: by the network, by a node that went, or by one that knows nothing of them.
    package var resets = 0
    /// Links that went down after they had been up.
    package var brokenLinks = 0
    /// Messages that a link did not take, or that were still to leave when it broke.
    package var dropped = 0

    package init() {}
}
