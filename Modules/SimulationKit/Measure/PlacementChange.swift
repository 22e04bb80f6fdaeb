internal import Partitioning
internal import StatorCore

/// How much data a change of the ring moves.
enum PlacementChange {
    /// - Returns: the copies that come to nodes that did not hold them, as a share of all copies, and the least that any
    ///   placement with the same share for each node would have moved.
    /// - Complexity: O((ranges of both) x N).
    static func moved(from old: Placement, to new: Placement) -> (moved: Double, least: Double) {
        var moved = 0.0
        var (oldIndex, newIndex) = (0, 0)
        var first: UInt64 = 0
        while true {
            let (oldEnd, newEnd) = (old.range(at: oldIndex).last.value, new.range(at: newIndex).last.value)
            let end = min(oldEnd, newEnd)
            let share = TokenRange(first: Token(first), last: Token(end)).fraction
            let holders = old.preferenceList(at: oldIndex).replicas
            let newcomers = new.preferenceList(at: newIndex).replicas.filter { !holders.contains($0) }
            moved += share * Double(newcomers.count)
            if end == .max { break }
            if oldEnd == end { oldIndex += 1 }
            if newEnd == end { newIndex += 1 }
            first = end + 1
        }
        let copies = Double(new.replicaCount)
        return (moved / copies, least(from: old, to: new) / copies)
    }

    private static func least(from old: Placement, to new: Placement) -> Double {
        let (oldShares, newShares) = (old.replicaShares(), new.replicaShares())
        return zip(new.nodes, newShares).reduce(0) { sum, entry in
            let before = old.nodes.firstIndex(of: entry.0).map { oldShares[$0] } ?? 0
            return sum + max(0, entry.1 - before)
        }
    }
}
