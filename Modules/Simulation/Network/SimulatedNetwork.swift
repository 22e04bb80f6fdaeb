/// The network of a simulation: when each message arrives, if it does. Nodes are numbered from 0.
///
/// A value without clock or generator of its own: the same calls with the same generator give the same arrivals. A
/// directed link has a class (latency, loss, duplication, reordering, bandwidth) and the state that its messages share.
/// ``transmit(from:to:bytes:at:using:)`` is O(1) and allocates nothing; 16 bytes are kept for each ordered pair of
/// nodes, 8 more once a link has a bandwidth, 8 more once one is clogged.
package struct SimulatedNetwork: Sendable {
    package private(set) var settings: NetworkSettings
    package internal(set) var counters = NetworkCounters()

    /// Added to the loss of every link while it is set; together they are at most 1.
    package var extraLoss = 0.0 { didSet { refreshChances() } }
    /// Added to the duplication of every link while it is set.
    package var extraDuplication = 0.0 { didSet { refreshChances() } }
    /// Added to the reordering of every link while it is set.
    package var extraReordering = 0.0 { didSet { refreshChances() } }

    /// By sender, then by receiver.
    var links: [LinkState]
    var classes: [LinkClass] = []
    /// The class of links between zones, by the sender's, then by the receiver's.
    var zoneClasses: [UInt16] = []
    /// By link, as ``links``: until when it is busy, in nanoseconds. Empty until a class has a bandwidth.
    var busyUntil: [Int64] = []
    /// By link: until when it is clogged, in nanoseconds. Empty until one is.
    var cloggedUntil: [Int64] = []
    /// By node.
    var latencyFactors: [Double]
    var hasLatencyFactors = false
    /// In nanoseconds, before what slow nodes add.
    var longestLatency = Int64.max

    package var nodes: Int { settings.zones.count }

    /// - Precondition: the settings have no ``NetworkSettings/problems()``.
    package init(_ settings: NetworkSettings) {
        precondition(settings.problems().isEmpty, "the settings were checked")
        self.settings = settings
        let nodes = settings.zones.count
        links = [LinkState](repeating: LinkState(), count: nodes * nodes)
        latencyFactors = [Double](repeating: 1, count: nodes)
        for row in settings.links {
            for link in row { zoneClasses.append(classIndex(of: link)) }
        }
        for node in 0..<nodes { useZoneClasses(of: node) }
    }

    /// All nodes in one zone, all links alike.
    package init(nodes: Int, links: LinkSettings) {
        self.init(NetworkSettings(nodes: nodes, links: links))
    }

    /// A further node, numbered after all others; its links are uncut. O(nodes²).
    package mutating func addNode(zone: Int = 0) -> Int {
        precondition(settings.links.indices.contains(zone), "a node is in a zone of the settings")
        precondition(nodes < NetworkLimits.nodes, "the most nodes a network has are \(NetworkLimits.nodes)")
        let node = nodes
        links = widened(links, by: LinkState())
        if !busyUntil.isEmpty { busyUntil = widened(busyUntil, by: .min) }
        if !cloggedUntil.isEmpty { cloggedUntil = widened(cloggedUntil, by: .min) }
        latencyFactors.append(1)
        settings.zones.append(zone)
        useZoneClasses(of: node)
        return node
    }

    private func widened<Element>(_ square: [Element], by filler: Element) -> [Element] {
        var wider: [Element] = []
        wider.reserveCapacity((nodes + 1) * (nodes + 1))
        for row in 0..<nodes {
            wider += square[row * nodes..<(row + 1) * nodes]
            wider.append(filler)
        }
        wider += repeatElement(filler, count: nodes + 1)
        return wider
    }

    /// The place of a link in the arrays by link.
    @inline(__always)
    func index(from sender: Int, to receiver: Int) -> Int {
        let nodes = latencyFactors.count
        precondition(sender >= 0 && sender < nodes && receiver >= 0 && receiver < nodes, "a node of the network")
        return sender &* nodes &+ receiver
    }
}

/// What the messages of one directed link share.
struct LinkState: Sendable {
    /// When the last message so far arrives, in nanoseconds.
    var lastArrival = Int64.min
    var linkClass: UInt16 = 0
    /// How many cuts are in force.
    var cuts: UInt16 = 0
    /// Whether the network's array of clogs says more.
    var isClogged = false
}
