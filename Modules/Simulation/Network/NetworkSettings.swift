/// A network before any fault: who is in which zone, and what links within and between zones are like.
package struct NetworkSettings: Hashable, Sendable {
    /// By node: an index into ``links``.
    package var zones: [Int]
    /// By the sender's zone, then by the receiver's.
    package var links: [[LinkSettings]]

    /// All nodes in one zone.
    package init(nodes: Int, links: LinkSettings) {
        zones = [Int](repeating: 0, count: nodes)
        self.links = [[links]]
    }

    package init(zones: [Int], links: [[LinkSettings]]) {
        self.zones = zones
        self.links = links
    }

    /// A wide area: links differ in their latency alone.
    /// - Parameters:
    ///   - latencies: by the sender's zone, then by the receiver's.
    ///   - link: what all links have besides; its latency is ignored.
    package init(zones: [Int], latencies: [[LatencyDistribution]], link: LinkSettings) {
        self.zones = zones
        links = latencies.map { row in
            row.map { latency in
                var settings = link
                settings.latency = latency
                return settings
            }
        }
    }

    /// What is wrong, each with its place, what was found and what is allowed; empty where nothing is.
    package func problems() -> [String] {
        var problems: [String] = []
        if zones.isEmpty || zones.count > NetworkLimits.nodes {
            problems.append("zones has \(zones.count) nodes, allowed is 1 to \(NetworkLimits.nodes)")
        }
        for (node, zone) in zones.enumerated() where !links.indices.contains(zone) {
            problems.append("zones[\(node)] is \(zone), links has \(links.count) zones, counted from 0")
        }
        for (sender, row) in links.enumerated() {
            if row.count != links.count {
                problems.append(
                    "links[\(sender)] has \(row.count) entries, one for each of \(links.count) zones is needed")
            }
            for (receiver, link) in row.enumerated() {
                problems += link.problems().map { "links[\(sender)][\(receiver)].\($0)" }
            }
        }
        return problems
    }
}
