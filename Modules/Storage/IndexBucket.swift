internal import StatorCore

/// A few entries of a ``TokenIndex``, sorted by (token, key): a growing block of memory. Its owner ends it, and keeps one
/// copy only.
struct IndexBucket<Entry: IndexEntry> {
    private var start: UnsafeMutablePointer<Entry>?
    private var filled: UInt32 = 0
    private var capacity: UInt32 = 0

    var count: Int { Int(filled) }
    var entries: [Entry] { Array(UnsafeBufferPointer(start: start, count: count)) }

    subscript(offset: Int) -> Entry {
        get { first[checked(offset)] }
        nonmutating set { first[checked(offset)] = newValue }
    }

    /// - Precondition: there are entries.
    private var first: UnsafeMutablePointer<Entry> {
        guard let start else { preconditionFailure("an empty bucket of an index was read") }
        return start
    }

    private func checked(_ offset: Int) -> Int {
        precondition(offset >= 0 && offset < count, "an index's bucket was read beyond its entries")
        return offset
    }

    func end() {
        start?.deinitialize(count: count)
        start?.deallocate()
    }

    mutating func insert(_ entry: Entry, at offset: Int) {
        precondition(offset >= 0 && offset <= count, "an entry goes among a bucket's entries or behind them")
        if filled == capacity { grow(to: count + max(4, count / 4)) }
        let place = first + offset
        (place + 1).moveInitialize(from: place, count: count - offset)
        place.initialize(to: entry)
        filled += 1
    }

    /// A bucket that becomes empty lets its memory go.
    mutating func remove(at offset: Int) -> Entry {
        let place = first + checked(offset)
        let removed = place.move()
        place.moveInitialize(from: place + 1, count: count - offset - 1)
        filled -= 1
        if filled == 0 {
            end()
            self = IndexBucket()
        }
        return removed
    }

    /// Takes out what `isKept` does not want to keep, which may change what it keeps.
    /// - Returns: how many.
    mutating func keepOnly(_ isKept: (inout Entry) -> Bool) -> Int {
        guard let start else { return 0 }
        var kept = 0
        for offset in 0..<count where isKept(&start[offset]) {
            if kept < offset { swap(&start[kept], &start[offset]) }
            kept += 1
        }
        let removed = count - kept
        (start + kept).deinitialize(count: removed)
        filled = UInt32(kept)
        if kept == 0 {
            start.deallocate()
            self = IndexBucket()
        }
        return removed
    }

    /// Moves the entries from an offset on to a bucket of their own; both get the room that they need.
    /// - Precondition: there are entries from that offset on.
    mutating func split(at offset: Int) -> IndexBucket {
        var later = IndexBucket()
        guard offset > 0 else {
            swap(&later, &self)
            return later
        }
        let moved = count - offset
        later.grow(to: moved + max(4, moved / 4))
        later.first.moveInitialize(from: first + offset, count: moved)
        later.filled = UInt32(moved)
        filled = UInt32(offset)
        grow(to: offset + max(4, offset / 4))
        return later
    }

    private mutating func grow(to size: Int) {
        let larger = UnsafeMutablePointer<Entry>.allocate(capacity: size)
        if let start {
            larger.moveInitialize(from: start, count: count)
            start.deallocate()
        }
        start = larger
        capacity = UInt32(size)
    }

    // MARK: Finding

    /// The first offset whose entry is not before (token, key), and whether that is the key's.
    func find(_ token: Token, _ key: Key, _ fraction: UInt64) -> (offset: Int, isThere: Bool) {
        // Tokens are hashes: where one is there it is the key's, nearly always, and no order of keys is asked for.
        var offset = firstOffset(notBefore: token, fraction)
        guard offset < count, first[offset].token == token else { return (offset, false) }
        if first[offset].holds(key) { return (offset, true) }
        while offset < count, first[offset].token == token, first[offset].key < key { offset += 1 }
        return (offset, offset < count && first[offset].token == token && first[offset].holds(key))
    }

    /// - Parameter fraction: how far into the bucket's tokens this one lies. Right within a few entries for uniform
    ///   tokens; the search goes on from there by growing steps, and then halves what remains.
    func firstOffset(notBefore token: Token, _ fraction: UInt64) -> Int {
        guard let start else { return 0 }
        var low = 0
        var high = count
        if high > 8 {
            let guess = Int(truncatingIfNeeded: fraction.multipliedFullWidth(by: UInt64(high)).high)
            var step = 2
            if start[guess].token < token {
                low = guess + 1
                while low + step < high, start[low + step].token < token {
                    low += step + 1
                    step *= 2
                }
                high = min(high, low + step + 1)
            } else {
                high = guess
                while high - step > low, start[high - step].token >= token {
                    high -= step
                    step *= 2
                }
                low = max(low, high - step)
            }
        }
        while low < high {
            let middle = (low + high) >> 1
            if start[middle].token < token { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
