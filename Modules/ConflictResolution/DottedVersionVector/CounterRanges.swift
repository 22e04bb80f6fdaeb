/// Consecutive counters of one actor, both ends included.
struct CounterRange: Hashable, Sendable {
    /// The fewest bytes that a range takes in an encoding. It bounds the ranges of a body by its length: there is no
    /// other limit on them, as repair must never meet one.
    static let minimumLength = 2

    var first: UInt64
    var last: UInt64
}

/// A set of counters of one actor: ascending ranges, disjoint and not adjacent; at least one.
///
/// Nearly always there is one, which lies here rather than in an array of its own.
struct CounterRanges: Hashable, Sendable {
    private var lowest: CounterRange
    private var others: [CounterRange] = []

    init(_ range: CounterRange) {
        lowest = range
    }

    var count: Int { 1 + others.count }

    subscript(index: Int) -> CounterRange { index == 0 ? lowest : others[index - 1] }

    var highest: UInt64 { (others.last ?? lowest).last }

    /// - Precondition: the range lies above all others, and touches none.
    mutating func append(_ range: CounterRange) {
        others.append(range)
    }

    /// O(log ranges).
    func contains(_ counter: UInt64) -> Bool {
        if counter <= lowest.last { return lowest.first <= counter }
        var low = 0
        var high = others.count
        while low < high {
            let middle = (low + high) / 2
            if others[middle].last < counter { low = middle + 1 } else { high = middle }
        }
        return low < others.count && others[low].first <= counter
    }

    /// O(ranges).
    func includes(_ other: CounterRanges) -> Bool {
        var mine = 0
        for index in 0..<other.count {
            while mine < count, self[mine].last < other[index].last { mine += 1 }
            guard mine < count, self[mine].first <= other[index].first else { return false }
        }
        return true
    }

    /// As maximal ranges. O(ranges).
    func union(_ other: CounterRanges) -> CounterRanges {
        if self == other { return self }
        var merged: CounterRanges?
        var mine = 0
        var theirs = 0
        while mine < count || theirs < other.count {
            let takesMine = theirs >= other.count || (mine < count && self[mine].first <= other[theirs].first)
            let next = takesMine ? self[mine] : other[theirs]
            if takesMine { mine += 1 } else { theirs += 1 }
            if merged == nil { merged = CounterRanges(next) } else { merged?.unite(next) }
        }
        return merged ?? self
    }

    /// - Precondition: the range starts no earlier than the last one.
    private mutating func unite(_ next: CounterRange) {
        let last = others.last ?? lowest
        // Not `last + 1 >= first`, which could overflow: `next` starts no earlier than the last one did.
        guard next.first <= last.last || next.first - last.last == 1 else {
            others.append(next)
            return
        }
        let united = CounterRange(first: last.first, last: max(last.last, next.last))
        if others.isEmpty { lowest = united } else { others[others.count - 1] = united }
    }
}
