package import StatorCore

extension SimulatedNetwork {
    /// Sends a message: when it arrives, if it does.
    ///
    /// A message first waits where its link is clogged, then for its turn where the link has a bandwidth, then travels
    /// for a sampled latency, and arrives no earlier than what was sent before it over the same link unless it is one
    /// that ignores the order. Lost messages take bandwidth; what is sent into a cut takes none. The second copy of a
    /// duplicated message comes a further latency after the first, and others may overtake it. A message to its sender
    /// arrives at once.
    ///
    /// What is already under way when a cut begins is the driver's to drop: see ``isCut(from:to:)``.
    ///
    /// O(1), allocates nothing, draws nothing for probabilities of zero.
    /// - Parameters:
    ///   - bytes: the size on the wire.
    ///   - now: no earlier than at earlier calls.
    package mutating func transmit(
        from sender: Int, to receiver: Int, bytes: Int, at now: Instant, using random: inout RandomGenerator
    ) -> Transmission {
        counters.sent &+= 1
        counters.bytes &+= bytes
        if sender == receiver { return .once(now) }
        let index = index(from: sender, to: receiver)
        let state = links[index]
        guard state.cuts == 0 else {
            counters.cut &+= 1
            return .lost
        }
        let linkClass = Int(state.linkClass)
        var departure = now.nanoseconds
        let isHeld = state.isClogged && holdBack(&departure, index)
        if classes[linkClass].bytesPerSecond > 0 { queue(&departure, bytes, linkClass, index) }
        if classes[linkClass].loss.happens(using: &random) {
            counters.lost &+= 1
            return .lost
        }
        var arrival = departure + latency(sender, receiver, linkClass, using: &random)
        if arrival < state.lastArrival {
            if !isHeld, classes[linkClass].reordering.happens(using: &random) {
                counters.reordered &+= 1
            } else {
                arrival = state.lastArrival
            }
        } else {
            links[index].lastArrival = arrival
        }
        guard classes[linkClass].duplication.happens(using: &random) else {
            return .once(Instant(nanoseconds: arrival))
        }
        counters.duplicated &+= 1
        let second = arrival + latency(sender, receiver, linkClass, using: &random)
        return .twice(Instant(nanoseconds: arrival), Instant(nanoseconds: second))
    }

    /// - Returns: whether the link is still clogged.
    mutating func holdBack(_ departure: inout Int64, _ index: Int) -> Bool {
        guard departure < cloggedUntil[index] else {
            links[index].isClogged = false
            return false
        }
        departure = cloggedUntil[index]
        counters.clogged &+= 1
        return true
    }

    mutating func queue(_ departure: inout Int64, _ bytes: Int, _ linkClass: Int, _ index: Int) {
        if busyUntil[index] > departure {
            departure = busyUntil[index]
            counters.queued &+= 1
        }
        // Rounded up, so that the rate is never exceeded.
        let rate = classes[linkClass].bytesPerSecond
        departure += (Int64(bytes) * 1_000_000_000 + rate - 1) / rate
        busyUntil[index] = departure
    }

    @inline(__always)
    func latency(
        _ sender: Int, _ receiver: Int, _ linkClass: Int, using random: inout RandomGenerator
    ) -> Int64 {
        let sample = min(classes[linkClass].sampler.sample(using: &random), longestLatency)
        guard hasLatencyFactors else { return sample }
        let scaled = Double(sample) * latencyFactors[sender] * latencyFactors[receiver]
        return Int64(min(scaled, NetworkLimits.longestScaledLatency))
    }
}
