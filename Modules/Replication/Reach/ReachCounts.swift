/// How often each named branch was reached. Fixed in size, so that noting one costs an addition.
package struct ReachCounts: Sendable {
    /// Room for this many probes.
    package static let capacity = 144

    private var counts = InlineArray<144, UInt32>(repeating: 0)

    package init() {}

    mutating func note(_ probe: ReachProbe) {
        counts[Int(probe.rawValue)] &+= 1
    }

    package subscript(probe: ReachProbe) -> Int { Int(counts[Int(probe.rawValue)]) }

    package mutating func add(_ other: ReachCounts) {
        for place in counts.indices { counts[place] &+= other.counts[place] }
    }
}
