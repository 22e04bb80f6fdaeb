import StatorCore

/// Consecutive counters of one actor, both ends included.
struct CounterRange: Hashable, Sendable {
    /// The fewest bytes that a range takes in an encoding. It bounds the ranges of a body by its length: there is no
    /// other limit on them, as repair must never meet one.
    static let minimumLength = 2

    var first: UInt64
    var last: UInt64
}

/// Which events of one key are known: per actor, the counters about which nothing is left to learn.
///
/// A counter in a range either belongs to an event of this key that is known, or to a write of another key. In the
/// common case there is one range per actor, and the context is the version vector of the paper with a lower end; see
/// ``DottedVersionVectorResolver`` for what makes the claim sound.
struct CausalContext: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        let actor: Actor
        /// Ascending, disjoint and not adjacent; at least one.
        var ranges: [CounterRange]

        var highest: UInt64 { ranges[ranges.count - 1].last }
    }

    /// Sorted by actor.
    private(set) var entries: [Entry] = []

    /// - Precondition: sorted and in the form that ``Entry`` describes.
    init(entries: [Entry] = []) {
        self.entries = entries
    }

    /// O(log actors + log ranges).
    func covers(_ dot: Dot) -> Bool {
        guard let index = index(of: dot.actor) else { return false }
        let ranges = entries[index].ranges
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].last < dot.counter { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].first <= dot.counter
    }

    /// The highest counter known of an actor. O(log actors).
    func highest(of actor: Actor) -> UInt64? {
        index(of: actor).map { entries[$0].highest }
    }

    /// Where an actor's entry is. O(log actors).
    func index(of actor: Actor) -> Int? {
        let position = insertionIndex(of: actor)
        return position < entries.count && entries[position].actor == actor ? position : nil
    }

    /// O(actors).
    mutating func insert(_ range: CounterRange, of actor: Actor) {
        let position = insertionIndex(of: actor)
        if position < entries.count, entries[position].actor == actor {
            entries[position].ranges = CausalContext.union(entries[position].ranges, [range])
        } else {
            entries.insert(Entry(actor: actor, ranges: [range]), at: position)
        }
    }

    /// All that either knows. O(actors + ranges).
    func union(_ other: CausalContext) -> CausalContext {
        if other.entries.isEmpty || self == other { return self }
        var merged: [Entry] = []
        merged.reserveCapacity(max(entries.count, other.entries.count))
        var mine = 0
        var theirs = 0
        while mine < entries.count, theirs < other.entries.count {
            let one = entries[mine]
            let two = other.entries[theirs]
            if one.actor == two.actor {
                merged.append(Entry(actor: one.actor, ranges: CausalContext.union(one.ranges, two.ranges)))
                mine += 1
                theirs += 1
            } else if one.actor < two.actor {
                merged.append(one)
                mine += 1
            } else {
                merged.append(two)
                theirs += 1
            }
        }
        merged.append(contentsOf: entries[mine...])
        merged.append(contentsOf: other.entries[theirs...])
        return CausalContext(entries: merged)
    }

    private func insertionIndex(of actor: Actor) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].actor < actor { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The union of two sets of counters as maximal ranges.
    private static func union(_ one: [CounterRange], _ two: [CounterRange]) -> [CounterRange] {
        if one == two { return one }
        var merged: [CounterRange] = []
        var mine = 0
        var theirs = 0
        while mine < one.count || theirs < two.count {
            let takesMine = theirs >= two.count || (mine < one.count && one[mine].first <= two[theirs].first)
            let next = takesMine ? one[mine] : two[theirs]
            if takesMine { mine += 1 } else { theirs += 1 }
            // Not `last + 1 >= first`, which could overflow: `next` starts no earlier than the last one did.
            if let last = merged.last, next.first <= last.last || next.first - last.last == 1 {
                merged[merged.count - 1].last = max(last.last, next.last)
            } else {
                merged.append(next)
            }
        }
        return merged
    }
}
