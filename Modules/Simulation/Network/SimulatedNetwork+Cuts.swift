package import StatorCore

extension SimulatedNetwork {
    /// Whether what one node sends reaches the other no more. The driver also asks when a message arrives, so that a
    /// cut takes what is under way.
    package func isCut(from sender: Int, to receiver: Int) -> Bool {
        links[index(from: sender, to: receiver)].cuts > 0
    }

    /// One more cut of one direction. Each is taken back by one ``restore(from:to:)``.
    package mutating func cut(from sender: Int, to receiver: Int) {
        guard sender != receiver else { return }
        links[index(from: sender, to: receiver)].cuts += 1
    }

    /// Takes one cut back: messages pass again when none is left. Nothing happens where there is none.
    package mutating func restore(from sender: Int, to receiver: Int) {
        let index = index(from: sender, to: receiver)
        if links[index].cuts > 0 { links[index].cuts -= 1 }
    }

    /// Cuts what the shape says. Shapes may overlap: each is lifted by itself. O(links of the shape).
    package mutating func apply(_ shape: PartitionShape) {
        for link in shape.links(among: nodes) { cut(from: link.from, to: link.to) }
    }

    /// Takes back what ``apply(_:)`` of the same shape cut; once for each time it was applied.
    package mutating func lift(_ shape: PartitionShape) {
        for link in shape.links(among: nodes) { restore(from: link.from, to: link.to) }
    }

    /// Takes all cuts back; shapes that were applied before must not be lifted any more. O(nodes²).
    package mutating func healAll() {
        for index in links.indices { links[index].cuts = 0 }
    }

    /// Holds what is sent from now on back until an instant; then all travels on in order. A clog that lasts longer
    /// already stays: its messages have their arrival, and what follows stays behind them. What is under way arrives as it
    /// would have.
    package mutating func clog(from sender: Int, to receiver: Int, until end: Instant) {
        guard sender != receiver else { return }
        let index = index(from: sender, to: receiver)
        if cloggedUntil.isEmpty { cloggedUntil = [Int64](repeating: .min, count: links.count) }
        let end = min(end.nanoseconds, NetworkLimits.latestDeparture)
        cloggedUntil[index] = links[index].isClogged ? max(end, cloggedUntil[index]) : end
        links[index].isClogged = true
    }
}
