/// A set of events of one key, by number: one bit each.
package struct EventSet: Hashable, Sendable {
    private(set) var words: [UInt64]

    /// - Parameter capacity: the events are 0 ..< capacity.
    package init(capacity: Int) {
        words = [UInt64](repeating: 0, count: (capacity + 63) / 64)
    }

    package func contains(_ event: Int) -> Bool {
        words[event >> 6] & (1 << UInt64(event & 63)) != 0
    }

    package mutating func insert(_ event: Int) {
        words[event >> 6] |= 1 << UInt64(event & 63)
    }

    package mutating func remove(_ event: Int) {
        words[event >> 6] &= ~(1 << UInt64(event & 63))
    }

    package var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    /// In rising order. O(capacity / 64 + members).
    package func forEach(_ body: (Int) -> Void) {
        for index in words.indices where words[index] != 0 { EventSet.forEach(in: words[index], at: index, body) }
    }

    /// Adds these bits to word `index` and returns those that are new.
    mutating func add(_ bits: UInt64, at index: Int) -> UInt64 {
        let new = bits & ~words[index]
        words[index] |= bits
        return new
    }

    @inline(__always)
    static func forEach(in word: UInt64, at index: Int, _ body: (Int) -> Void) {
        var rest = word
        while rest != 0 {
            body(index << 6 | rest.trailingZeroBitCount)
            rest &= rest - 1
        }
    }
}
