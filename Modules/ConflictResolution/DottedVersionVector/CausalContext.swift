import StatorCore

/// Which events of one key are known: per actor, the counters about which nothing is left to learn.
///
/// A counter in a range either belongs to an event of this key that is known, or to a write of another key. In the
/// common case there is one range per actor, and the context is the version vector of the paper with a lower end; see
/// ``DottedVersionVectorResolver`` for what makes the claim sound.
struct CausalContext: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        /// The fewest bytes of an entry's encoding: a name of one byte, shard, incarnation, one range.
        static let minimumLength = 2 + 1 + 8 + 1 + CounterRange.minimumLength

        let actor: Actor
        var ranges: CounterRanges

        var highest: UInt64 { ranges.highest }
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
        return entries[index].ranges.contains(dot.counter)
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
            entries[position].ranges = entries[position].ranges.union(CounterRanges(range))
        } else {
            entries.insert(Entry(actor: actor, ranges: CounterRanges(range)), at: position)
        }
    }

    /// Whether all that the other knows is known here. O(actors + ranges).
    func includes(_ other: CausalContext) -> Bool {
        var mine = 0
        for entry in other.entries {
            while mine < entries.count, entries[mine].actor < entry.actor { mine += 1 }
            guard mine < entries.count, entries[mine].actor == entry.actor,
                entries[mine].ranges.includes(entry.ranges)
            else { return false }
        }
        return true
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
                merged.append(Entry(actor: one.actor, ranges: one.ranges.union(two.ranges)))
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
}
