package import StatorCore

/// The in-memory index of engines: entries ordered by (token, key), without hashing.
///
/// Tokens are hashes, hence uniform over the space or over a shard's slice of it. So the top bits of a token choose a
/// bucket, and a bucket is a small sorted array. The number of buckets doubles when the occupied ones hold more than
/// ``splitThreshold`` entries on average; each later insert then splits one bucket, so that no insert pays for all.
///
/// The tokens of a bucket lie beside one another and apart from the entries, and where one would be is guessed from its
/// place between the bucket's ends: a look-up touches a line or two of memory before the entry itself.
///
/// Complexity: get O(1) for uniform tokens, O(log b) at worst; insert and remove O(b) moves in a bucket of b entries, b
/// about 24 to 48 for uniform tokens; a doubling moves two pointers per bucket (a 48th of the entries). Scan: O(log b +
/// limit + buckets passed over). Tokens that are not uniform cost time, never correctness. Memory: an entry and its key,
/// and at most sixteen bytes more. It does not shrink.
package struct TokenIndex<Value> {
    package struct Entry {
        package let token: Token
        package fileprivate(set) var key: Key
        package var value: Value
    }

    /// Doubling begins beyond this many entries per occupied bucket.
    static var splitThreshold: Int { 48 }

    /// Sorted by (token, key).
    fileprivate struct Bucket {
        var tokens: [UInt64] = []
        var entries: [Entry] = []

        var isEmpty: Bool { tokens.isEmpty }
        var count: Int { tokens.count }

        mutating func insert(_ entry: Entry, at position: Int) {
            tokens.insert(entry.token.value, at: position)
            entries.insert(entry, at: position)
        }

        mutating func remove(at position: Int) -> Entry {
            tokens.remove(at: position)
            return entries.remove(at: position)
        }
    }

    /// 2^bits of them, in token order. While pairs remain to be split, an unsplit pair lies whole in its even bucket.
    private var buckets: [Bucket] = [Bucket()]
    private var bits = 0
    private var splitPairs = 0
    private var occupied = 0
    package private(set) var count = 0

    package init() {}

    private func bucketIndex(of token: Token) -> Int {
        let index = Int(truncatingIfNeeded: token.value >> UInt64(64 - bits))
        return index >> 1 >= splitPairs ? index & ~1 : index
    }

    package func value(for key: Key, token: Token) -> Value? {
        let bucket = bucketIndex(of: token)
        let (position, isThere) = buckets[bucket].find(token, key)
        return isThere ? buckets[bucket].entries[position].value : nil
    }

    /// Inserts or replaces. A new entry keeps a copy of the key, never the buffer it arrived in.
    /// - Returns: the value that was replaced.
    @discardableResult
    package mutating func insert(_ value: Value, for key: Key, token: Token) -> Value? {
        let bucket = bucketIndex(of: token)
        let (position, isThere) = buckets[bucket].find(token, key)
        if isThere {
            let previous = buckets[bucket].entries[position].value
            buckets[bucket].entries[position].value = value
            return previous
        }
        add(Entry(token: token, key: key.compacted(), value: value), at: position, in: bucket)
        return nil
    }

    /// Inserts or replaces, and keeps this very key, whose buffer is the value's own.
    /// - Returns: the value that was replaced.
    package mutating func insert(_ value: Value, keeping key: Key, token: Token) -> Value? {
        let bucket = bucketIndex(of: token)
        let (position, isThere) = buckets[bucket].find(token, key)
        var entry = Entry(token: token, key: key, value: value)
        if isThere {
            swap(&entry, &buckets[bucket].entries[position])
            return entry.value
        }
        add(entry, at: position, in: bucket)
        return nil
    }

    private mutating func add(_ entry: Entry, at position: Int, in bucket: Int) {
        if buckets[bucket].isEmpty { occupied += 1 }
        buckets[bucket].insert(entry, at: position)
        count += 1
        grow()
    }

    @discardableResult
    package mutating func remove(_ key: Key, token: Token) -> Value? {
        let bucket = bucketIndex(of: token)
        let (position, isThere) = buckets[bucket].find(token, key)
        guard isThere else { return nil }
        let removed = buckets[bucket].remove(at: position).value
        if buckets[bucket].isEmpty {
            buckets[bucket] = Bucket()
            occupied -= 1
        }
        count -= 1
        return removed
    }

    /// Splits one pair where a doubling is under way, or begins one where the buckets have become too full.
    private mutating func grow() {
        if splitPairs < buckets.count / 2 {
            splitNextPair()
        } else if count > occupied * Self.splitThreshold, buckets.count < count, bits < 40 {
            var doubled = [Bucket](repeating: Bucket(), count: buckets.count * 2)
            for index in buckets.indices { swap(&doubled[index * 2], &buckets[index]) }
            buckets = doubled
            bits += 1
            splitPairs = 0
        }
    }

    private mutating func splitNextPair() {
        let even = splitPairs * 2
        splitPairs += 1
        guard !buckets[even].isEmpty else { return }
        let boundary = Token(UInt64(even + 1) << UInt64(64 - bits))
        let cut = buckets[even].firstPosition(notBefore: boundary)
        guard cut < buckets[even].count else { return }
        let whole = buckets[even]
        buckets[even + 1] = Bucket(tokens: Array(whole.tokens[cut...]), entries: Array(whole.entries[cut...]))
        if cut == 0 {
            buckets[even] = Bucket()
        } else {
            buckets[even] = Bucket(tokens: Array(whole.tokens[..<cut]), entries: Array(whole.entries[..<cut]))
            occupied += 1
        }
    }
}

extension TokenIndex {
    /// Appends what `metadata` makes of the next entries in (token, key) order.
    /// - Returns: where to go on, or `nil` when the range is exhausted.
    package func scan(_ range: TokenRange, after cursor: ScanCursor?, limit: Int, into entries: inout [RecordMetadata])
        -> ScanCursor? where Value: IndexedValue
    {
        precondition(limit >= 1, "a scan returns at least one entry")
        var taken = 0
        var (bucket, position) = start(of: range, after: cursor)
        let last = bucketIndex(of: range.last)
        while bucket <= last {
            let entriesHere = buckets[bucket].entries
            while position < entriesHere.count {
                let entry = entriesHere[position]
                if entry.token > range.last { return nil }
                if taken == limit, let end = entries.last { return ScanCursor(token: end.token, key: end.key) }
                entries.append(
                    RecordMetadata(
                        token: entry.token, key: entry.key, digest: entry.value.digest,
                        isTombstone: entry.value.isTombstone))
                taken += 1
                position += 1
            }
            bucket += 1
            position = 0
        }
        return nil
    }

    /// The bucket and the position in it of the first entry in the range and after the cursor.
    private func start(of range: TokenRange, after cursor: ScanCursor?) -> (bucket: Int, position: Int) {
        guard let cursor, cursor.token >= range.first else {
            let bucket = bucketIndex(of: range.first)
            return (bucket, buckets[bucket].firstPosition(notBefore: range.first))
        }
        let bucket = bucketIndex(of: cursor.token)
        let (position, isThere) = buckets[bucket].find(cursor.token, cursor.key)
        return (bucket, isThere ? position + 1 : position)
    }

    /// The number of buckets, for those who visit all entries piece by piece.
    package var bucketCount: Int { buckets.count }

    /// The entries of one bucket, in order. Buckets in ascending order give all entries in order.
    package func entries(inBucket index: Int) -> [Entry] { buckets[index].entries }
}

/// What a scan tells of an indexed value.
package protocol IndexedValue {
    var digest: Digest { get }
    var isTombstone: Bool { get }
}

extension TokenIndex.Bucket {
    /// The first position whose entry is not before (token, key), and whether that is the key's.
    fileprivate func find(_ token: Token, _ key: Key) -> (position: Int, isThere: Bool) {
        // Tokens are hashes: where one is there it is the key's, nearly always, and no order of keys is asked for.
        var position = firstPosition(notBefore: token)
        guard position < tokens.count, tokens[position] == token.value else { return (position, false) }
        if entries[position].key == key { return (position, true) }
        while position < tokens.count, tokens[position] == token.value, entries[position].key < key { position += 1 }
        return (
            position, position < tokens.count && tokens[position] == token.value && entries[position].key == key
        )
    }

    fileprivate func firstPosition(notBefore token: Token) -> Int {
        tokens.withUnsafeBufferPointer { tokens in
            var low = 0
            var high = tokens.count
            // A guess from the place between the ends, which is right within a few for uniform tokens, and only halves
            // what remains otherwise.
            if high > 8, tokens[0] < token.value, token.value <= tokens[high - 1] {
                let width = tokens[high - 1] &- tokens[0]
                let (quotient, _) = width.dividingFullWidth(
                    (token.value &- tokens[0]).multipliedFullWidth(by: UInt64(high - 1)))
                let guess = Int(truncatingIfNeeded: quotient)
                if tokens[guess] < token.value {
                    low = guess + 1
                    var step = 2
                    while low + step < high, tokens[low + step] < token.value {
                        low += step + 1
                        step *= 2
                    }
                    high = Swift.min(high, low + step + 1)
                } else {
                    high = guess
                    var step = 2
                    while high - step > low, tokens[high - step] >= token.value {
                        high -= step
                        step *= 2
                    }
                    low = Swift.max(low, high - step)
                }
            }
            while low < high {
                let middle = (low + high) >> 1
                if tokens[middle] < token.value { low = middle + 1 } else { high = middle }
            }
            return low
        }
    }
}
