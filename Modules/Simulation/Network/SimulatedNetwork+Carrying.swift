package import StatorCore

/// What becomes of bytes of a connection.
package enum Carriage: Hashable, Sendable {
    case arrives(Instant)
    /// Their way is cut, or chance has it: whoever sent them tries again.
    case lost
    /// The connection is reset.
    case broken
}

extension SimulatedNetwork {
    /// Carries one segment of a connection. It waits as ``transmit(from:to:bytes:at:using:)`` has a message wait, where
    /// its link is clogged and for its turn where it has a bandwidth. Now and then a loss is a reset instead. Duplicates and disorder are not to be seen above a connection: nothing is drawn for them.
    ///
    /// A connection keeps the order of its segments itself. O(1), allocates nothing.
    package mutating func carry(
        from sender: Int, to receiver: Int, bytes: Int, at now: Instant, using random: inout RandomGenerator
    ) -> Carriage {
        counters.bytes &+= bytes
        let index = index(from: sender, to: receiver)
        let state = links[index]
        guard state.cuts == 0 else {
            counters.cut &+= 1
            return .lost
        }
        let linkClass = Int(state.linkClass)
        var departure = now.nanoseconds
        if state.isClogged { _ = holdBack(&departure, index) }
        if classes[linkClass].bytesPerSecond > 0 { queue(&departure, bytes, linkClass, index) }
        if classes[linkClass].loss.happens(using: &random) {
            counters.lost &+= 1
            return random.below(NetworkLimits.lossesForAReset) > 0 ? .lost : .broken
        }
        return .arrives(Instant(nanoseconds: departure + latency(sender, receiver, linkClass, using: &random)))
    }

    /// How long a lone packet takes now, as a reset does.
    mutating func packetTime(from sender: Int, to receiver: Int, using random: inout RandomGenerator) -> Duration {
        let linkClass = Int(links[index(from: sender, to: receiver)].linkClass)
        return Duration(nanoseconds: latency(sender, receiver, linkClass, using: &random))
    }
}
