/// What names one thing under way by a number that is its own.
protocol Numbered {
    var number: UInt64 { get }
}

/// Things under way, by their numbers.
///
/// Open addressing with linear probing. The numbers are handed out one after the other or are hashes; multiplied by an
/// odd constant both spread over the table, and what crowds costs time only. A removal moves up what it parted from its
/// place, so that there are no graves. Names lie apart from values, so that probing copies no value. O(1) expected; the
/// table is at most half full, and does not shrink.
struct NumberTable<Name: Numbered, Value> {
    private var names: [Name?] = []
    /// At the same places.
    private var values: [Value?] = []
    private(set) var count = 0
    /// 64 less the logarithm of the number of places.
    private var shift: UInt64 = 64

    var isEmpty: Bool { count == 0 }

    subscript(name: Name) -> Value? {
        get { place(of: name.number).flatMap { values[$0] } }
        set {
            guard let newValue else {
                _ = removeValue(forKey: name)
                return
            }
            if let place = place(of: name.number) {
                values[place] = newValue
            } else {
                insert(name, newValue)
            }
        }
    }

    func contains(_ name: Name) -> Bool { place(of: name.number) != nil }

    /// - Precondition: the name is not in the table.
    mutating func insert(_ name: Name, _ value: consuming Value) {
        if 2 * (count + 1) > names.count { grow() }
        var place = home(of: name.number)
        while names[place] != nil { place = (place + 1) & (names.count - 1) }
        names[place] = name
        values[place] = value
        count += 1
    }

    mutating func removeValue(forKey name: Name) -> Value? {
        guard let place = place(of: name.number) else { return nil }
        let removed = values[place].take()
        names[place] = nil
        count -= 1
        close(place)
        return removed
    }

    /// In no order that means anything.
    func forEach(_ body: (Name, Value) -> Void) {
        for place in names.indices {
            if let name = names[place], let value = values[place] { body(name, value) }
        }
    }

    /// All names, by rising number. O(places + count x log count).
    var sortedNames: [Name] {
        names.compactMap(\.self).sorted { $0.number < $1.number }
    }

    private func home(of number: UInt64) -> Int {
        Int(truncatingIfNeeded: (number &* 0x9E37_79B9_7F4A_7C15) >> shift)
    }

    private func place(of number: UInt64) -> Int? {
        guard count > 0 else { return nil }
        var place = home(of: number)
        while let name = names[place] {
            if name.number == number { return place }
            place = (place + 1) & (names.count - 1)
        }
        return nil
    }

    private mutating func grow() {
        var oldNames: [Name?] = []
        var oldValues: [Value?] = []
        swap(&oldNames, &names)
        swap(&oldValues, &values)
        let places = max(8, 2 * oldNames.count)
        names = [Name?](repeating: nil, count: places)
        values = [Value?](repeating: nil, count: places)
        shift = UInt64(64 - places.trailingZeroBitCount)
        count = 0
        for place in oldNames.indices {
            if let name = oldNames[place], let value = oldValues[place].take() { insert(name, value) }
        }
    }

    /// Moves up what probing would no longer find beyond an emptied place.
    private mutating func close(_ emptied: Int) {
        let mask = names.count - 1
        var hole = emptied
        var next = (hole + 1) & mask
        while let name = names[next] {
            let distance = (next - home(of: name.number)) & mask
            if distance >= (next - hole) & mask {
                names.swapAt(hole, next)
                values.swapAt(hole, next)
                hole = next
            }
            next = (next + 1) & mask
        }
    }
}
