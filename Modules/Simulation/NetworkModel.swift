package import StatorCore

/// How messages travel between simulated nodes: delay, loss, cuts. Cuts are by direction, so partitions may be
/// one-way.
package struct NetworkModel: Sendable {
    /// Each message takes a delay drawn uniformly from this range; a slow one may be overtaken.
    package var delay: ClosedRange<Duration> = .microseconds(100)...(.milliseconds(2))
    /// The probability that a message between different nodes is lost.
    package var loss = 0.0
    /// The probability that a message arrives twice.
    package var duplication = 0.0
    /// How long after a cut or a crash the transport notices; silent until then.
    package var detection: Duration = .milliseconds(50)
    /// Directed pairs that are cut.
    private var cuts: Set<Direction> = []

    private struct Direction: Hashable, Sendable {
        let from: NodeID
        let to: NodeID
    }

    package init() {}

    package mutating func cut(from: NodeID, to: NodeID) {
        cuts.insert(Direction(from: from, to: to))
    }

    package mutating func heal() {
        cuts.removeAll()
    }

    package func isCut(from: NodeID, to: NodeID) -> Bool {
        cuts.contains(Direction(from: from, to: to))
    }

    /// When a message sent now arrives: not at all, once or twice.
    package func delays(using random: inout RandomGenerator) -> [Duration] {
        if loss > 0, random.chance(loss) { return [] }
        let copies = duplication > 0 && random.chance(duplication) ? 2 : 1
        return (0..<copies).map { _ in
            let span = delay.upperBound.nanoseconds - delay.lowerBound.nanoseconds
            return .nanoseconds(delay.lowerBound.nanoseconds + Int64(random.below(Int(span) + 1)))
        }
    }
}
