extension SimulatedNetwork {
    /// Gives one direction between two nodes settings of its own; messages under way are not touched.
    /// - Precondition: the settings have no ``LinkSettings/problems()``.
    package mutating func override(from sender: Int, to receiver: Int, with settings: LinkSettings) {
        links[index(from: sender, to: receiver)].linkClass = classIndex(of: settings)
    }

    /// Gives all links of one node, both ways, settings of their own. O(nodes).
    /// - Precondition: the settings have no ``LinkSettings/problems()``.
    package mutating func override(node: Int, with settings: LinkSettings) {
        let own = classIndex(of: settings)
        for other in 0..<nodes {
            links[index(from: node, to: other)].linkClass = own
            links[index(from: other, to: node)].linkClass = own
        }
    }

    /// Gives a link the settings of its zones back.
    package mutating func clearOverride(from sender: Int, to receiver: Int) {
        links[index(from: sender, to: receiver)].linkClass = zoneClass(from: sender, to: receiver)
    }

    /// Gives all links of one node the settings of their zones back, also those that were overridden one by one. O(nodes).
    package mutating func clearOverride(node: Int) {
        useZoneClasses(of: node)
    }

    /// What a link is like now, without what the `extra` probabilities and latency factors add.
    package func settings(from sender: Int, to receiver: Int) -> LinkSettings {
        classes[Int(links[index(from: sender, to: receiver)].linkClass)].settings
    }

    /// The latency factor of a node: 1 unless it was set.
    package func latencyFactor(of node: Int) -> Double { latencyFactors[node] }

    /// Makes a node slow: messages to and from it take so many times their latency; between two slow nodes the factors
    /// multiply. A factor of 1 ends it.
    package mutating func setLatencyFactor(_ factor: Double, of node: Int) {
        precondition(
            factor >= 0 && factor <= NetworkLimits.largestLatencyFactor,
            "a latency factor is 0 to \(NetworkLimits.largestLatencyFactor)")
        latencyFactors[node] = factor
        hasLatencyFactors = latencyFactors.contains { $0 != 1 }
    }

    /// From now on no message travels longer than this because of a distribution's tail: half a second, or twice what is usual
    /// on the slowest link. Nothing is promised of a network that now and then holds a message back for as long as it
    /// likes; see Dwork, Lynch, Stockmeyer, "Consensus in the Presence of Partial Synchrony", JACM 1988.
    package mutating func endTails() {
        let usual = classes.map { $0.settings.latency.usualNanoseconds }.max() ?? 0
        longestLatency = max(500_000_000, Int64(min(2 * usual, NetworkLimits.longestScaledLatency)))
    }

    mutating func useZoneClasses(of node: Int) {
        for other in 0..<nodes {
            links[index(from: node, to: other)].linkClass = zoneClass(from: node, to: other)
            links[index(from: other, to: node)].linkClass = zoneClass(from: other, to: node)
        }
    }

    private func zoneClass(from sender: Int, to receiver: Int) -> UInt16 {
        zoneClasses[settings.zones[sender] * settings.links.count + settings.zones[receiver]]
    }
}
