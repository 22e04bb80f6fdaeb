/// What names one thing under way by a number that is its own.
protocol Numbered {
    var number: UInt64 { get }
}

/// Things under way, by their numbers.
///
/// Open addressing with linear probing. The numbers are handed out one after the other or are hashes; multiplied by an
/// odd constant both spread over the table, and no peer chooses what is put in. A removal moves up what it parted from
/// its place, so that there are no graves. O(1) expected; the table is at most half full, and does not shrink.
struct NumberTable<Name: Numbered, Value> {
    private struct Entry {
        let name: Name
        var value: Value
    }

    private var places: [Entry?] = []
    private(set) var count = 0
    /// 64 less the logarithm of the number of places.
    private var shift: UInt64 = 64

    var isEmpty: Bool { count == 0 }

    subscript(name: Name) -> Value? {
        get { place(of: name.number).flatMap { places[$0]?.value } }
        set {
            guard let newValue else {
                _ = removeValue(forKey: name)
                return
            }
            if let place = place(of: name.number) {
                places[place]?.value = newValue
            } else {
                insert(Entry(name: name, value: newValue))
            }
        }
    }

    mutating func removeValue(forKey name: Name) -> Value? {
        guard let place = place(of: name.number), let removed = places[place].take() else { return nil }
        count -= 1
        close(place)
        return removed.value
    }

    /// All names, by rising number. O(places + count x log count).
    var sortedNames: [Name] {
        places.compactMap { $0?.name }.sorted { $0.number < $1.number }
    }

    private func home(of number: UInt64) -> Int {
        Int(truncatingIfNeeded: (number &* 0x9E37_79B9_7F4A_7C15) >> shift)
    }

    private func place(of number: UInt64) -> Int? {
        guard count > 0 else { return nil }
        var place = home(of: number)
        while let entry = places[place] {
            if entry.name.number == number { return place }
            place = (place + 1) & (places.count - 1)
        }
        return nil
    }

    private mutating func insert(_ entry: Entry) {
        if 2 * (count + 1) > places.count { grow() }
        var place = home(of: entry.name.number)
        while places[place] != nil { place = (place + 1) & (places.count - 1) }
        places[place] = entry
        count += 1
    }

    private mutating func grow() {
        let old = places
        places = [Entry?](repeating: nil, count: max(8, 2 * old.count))
        shift = UInt64(64 - places.count.trailingZeroBitCount)
        count = 0
        for case let entry? in old { insert(entry) }
    }

    /// Moves up what probing would no longer find beyond an emptied place.
    private mutating func close(_ emptied: Int) {
        let mask = places.count - 1
        var hole = emptied
        var next = (hole + 1) & mask
        while let entry = places[next] {
            let distance = (next - home(of: entry.name.number)) & mask
            if distance >= (next - hole) & mask {
                places.swapAt(hole, next)
                hole = next
            }
            next = (next + 1) & mask
        }
    }
}
