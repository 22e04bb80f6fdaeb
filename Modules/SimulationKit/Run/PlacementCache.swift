package import Hashing
package import Partitioning
package import StatorCore

/// Placements that have been compiled: a partitioner is a pure function, so every node of a simulated cluster may take
/// the placement that the first one compiled.
///
/// Unchecked: used by one run's thread.
package final class PlacementCache: @unchecked Sendable {
    private struct Entry {
        let members: [Member]
        let replicas: Int
        let fallbacks: Int
        let previous: Placement?
        let placement: Placement
    }

    private var entries: [Entry] = []

    package init() {}

    func placement(
        by partitioner: any Partitioner, _ members: [Member], _ replicas: Int, _ fallbacks: Int, _ previous: Placement?
    ) -> Placement {
        for entry in entries.reversed()
        where entry.replicas == replicas && entry.fallbacks == fallbacks && entry.members == members
            && entry.previous == previous
        {
            return entry.placement
        }
        let made = partitioner.placement(
            members: members, replicas: replicas, fallbacks: fallbacks, previous: previous)
        if entries.count >= 8 { entries.removeFirst() }
        entries.append(
            Entry(
                members: members, replicas: replicas, fallbacks: fallbacks, previous: previous, placement: made))
        return made
    }
}

/// A partitioner that compiles each placement once for a whole simulated cluster.
package struct CachedPartitioner: Partitioner {
    package typealias Settings = NoSettings
    package static let kind = "cached"
    package static let summary = "Another partitioner, compiled once for a whole simulated cluster."
    package static let guarantees: Set<Guarantee> = []

    private let base: any Partitioner
    private let cache: PlacementCache

    package init(_ base: any Partitioner, cache: PlacementCache) {
        self.base = base
        self.cache = cache
    }

    /// - Precondition: never called; it is made from its base.
    package init(settings: NoSettings) {
        preconditionFailure("a cached partitioner is made from its base")
    }

    package var hash: HashFunction { base.hash }

    package func placement(
        members: [Member], replicas: Int, fallbacks: Int, previous: Placement?
    ) -> Placement {
        cache.placement(by: base, members, replicas, fallbacks, previous)
    }
}
