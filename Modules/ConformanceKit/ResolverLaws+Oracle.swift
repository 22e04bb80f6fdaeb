import StatorCore

/// A set of write events, by number.
struct EventSet: Equatable {
    private var words: [UInt64] = []

    func contains(_ event: Int) -> Bool {
        event / 64 < words.count && words[event / 64] & (1 << UInt64(event % 64)) != 0
    }

    mutating func insert(_ event: Int) {
        while words.count <= event / 64 { words.append(0) }
        words[event / 64] |= 1 << UInt64(event % 64)
    }

    mutating func formUnion(_ other: EventSet) {
        while words.count < other.words.count { words.append(0) }
        for index in other.words.indices { words[index] |= other.words[index] }
    }

    /// Ascending.
    var events: [Int] {
        var found: [Int] = []
        for (index, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                found.append(index * 64 + rest.trailingZeroBitCount)
                rest &= rest - 1
            }
        }
        return found
    }
}

/// What truly happened: for every write, the writes that it saw.
///
/// One write dominates another iff its history contains it. A replica that was given some set of writes ought to show
/// the maxima of that set.
struct ResolverOracle {
    struct Event {
        let dot: Dot
        let isDelete: Bool
        /// Everything that the write's client or coordinator had seen, without the write itself.
        let history: EventSet
    }

    private(set) var events: [Event] = []

    /// - Returns: the new event's number.
    mutating func record(_ event: Event) -> Int {
        events.append(event)
        return events.count - 1
    }

    func number(of dot: Dot) -> Int? {
        events.firstIndex { $0.dot == dot }
    }

    /// What a reader of these versions has seen: them and their histories.
    func closure(of versions: [Int]) -> EventSet {
        var seen = EventSet()
        for version in versions {
            seen.formUnion(events[version].history)
            seen.insert(version)
        }
        return seen
    }

    func isConcurrent(_ one: Int, _ other: Int) -> Bool {
        !events[one].history.contains(other) && !events[other].history.contains(one)
    }

    /// The members of `given` that no other member saw, ascending.
    func maxima(of given: EventSet) -> [Int] {
        let members = given.events
        var superseded = EventSet()
        for member in members { superseded.formUnion(events[member].history) }
        return members.filter { !superseded.contains($0) }
    }
}
