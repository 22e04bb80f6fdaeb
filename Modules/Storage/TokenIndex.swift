package import StatorCore

/// The in-memory index of engines: entries ordered by (token, key), without hashing.
///
/// Tokens are hashes, hence uniform over the space or over a shard's slice of it. So the top bits of a token choose a
/// bucket, and a bucket is a small sorted array. The number of buckets doubles when the occupied ones hold more than
/// ``splitThreshold`` entries on average; each later insert then splits one bucket, so that no insert pays for all.
///
/// Where in its bucket a token would be is guessed from the bits that follow, which takes no look at the bucket: a
/// look-up touches a line or two of memory before whatever the entry points to.
///
/// Complexity: get O(1) for uniform tokens, O(log b) at worst; insert and remove O(b) moves in a bucket of b entries, b
/// about 24 to 48 for uniform tokens; a doubling moves two words per bucket (a 48th of the entries). Scan: O(log b +
/// limit + buckets passed over). Tokens that are not uniform cost time, never correctness. Memory: an entry, and a
/// quarter more at most for what a bucket may still take. It does not shrink.
///
/// Buckets and entries lie in memory that the index manages itself: an array in each bucket would add a line of memory,
/// and a count of references in it, to every look-up. All of that is in this file, and an index is not copied.
package final class TokenIndex<Entry: IndexEntry> {
    /// Doubling begins beyond this many entries per occupied bucket.
    static var splitThreshold: Int { 48 }

    /// Where an entry is, or would be; good until the next insert or removal.
    package struct Position {
        fileprivate let bucket: Int
        fileprivate let offset: Int
        package let isThere: Bool
    }

    /// 2^bits of them, in token order. While pairs remain to be split, an unsplit pair lies whole in its even bucket.
    private var buckets: UnsafeMutablePointer<IndexBucket<Entry>>
    package private(set) var bucketCount = 1
    private var bits = 0
    private var splitPairs = 0
    private var occupied = 0
    package private(set) var count = 0

    package init() {
        buckets = .allocate(capacity: 1)
        buckets.initialize(to: IndexBucket())
    }

    deinit {
        for bucket in 0..<bucketCount { buckets[bucket].end() }
        buckets.deallocate()
    }

    /// The bucket of a token, and how far into the bucket's tokens it lies: a fraction of 2^64.
    private func home(of token: Token) -> (bucket: Int, fraction: UInt64) {
        let index = Int(truncatingIfNeeded: token.value >> UInt64(64 - bits))
        if index >> 1 < splitPairs { return (index, token.value << UInt64(bits)) }
        return (index & ~1, token.value << UInt64(max(bits - 1, 0)))
    }

    private func bucketIndex(of token: Token) -> Int { home(of: token).bucket }

    package func find(_ key: Key, token: Token) -> Position {
        let (bucket, fraction) = home(of: token)
        let (offset, isThere) = buckets[bucket].find(token, key, fraction)
        return Position(bucket: bucket, offset: offset, isThere: isThere)
    }

    /// - Precondition: an entry is there.
    package subscript(position: Position) -> Entry {
        get { buckets[position.bucket][position.offset] }
        set { buckets[position.bucket][position.offset] = newValue }
    }

    /// - Precondition: the position was found for the entry's token and key, and nothing is there.
    package func insert(_ entry: Entry, at position: Position) {
        let bucket = position.bucket
        if buckets[bucket].count == 0 { occupied += 1 }
        buckets[bucket].insert(entry, at: position.offset)
        count += 1
        grow()
    }

    /// - Precondition: an entry is there.
    @discardableResult
    package func remove(at position: Position) -> Entry {
        let bucket = position.bucket
        let removed = buckets[bucket].remove(at: position.offset)
        if buckets[bucket].count == 0 { occupied -= 1 }
        count -= 1
        return removed
    }

    /// Goes through one of the ``bucketCount`` buckets and takes out what `isKept` does not want to keep. O(its entries).
    package func sweep(bucket: Int, _ isKept: (inout Entry) -> Bool) {
        let wasEmpty = buckets[bucket].count == 0
        count -= buckets[bucket].keepOnly(isKept)
        if !wasEmpty, buckets[bucket].count == 0 { occupied -= 1 }
    }

    /// Splits one pair where a doubling is under way, or begins one where the buckets have become too full.
    private func grow() {
        if splitPairs < bucketCount / 2 {
            splitNextPair()
        } else if count > occupied * Self.splitThreshold, bucketCount < count, bits < 40 {
            let doubled = UnsafeMutablePointer<IndexBucket<Entry>>.allocate(capacity: bucketCount * 2)
            for index in 0..<bucketCount {
                (doubled + 2 * index).initialize(to: buckets[index])
                (doubled + 2 * index + 1).initialize(to: IndexBucket())
            }
            buckets.deallocate()
            buckets = doubled
            bucketCount *= 2
            bits += 1
            splitPairs = 0
        }
    }

    private func splitNextPair() {
        let even = splitPairs * 2
        splitPairs += 1
        guard buckets[even].count > 0 else { return }
        let boundary = Token(UInt64(even + 1) << UInt64(64 - bits))
        let cut = buckets[even].firstOffset(notBefore: boundary, .max / 2)
        guard cut < buckets[even].count else { return }
        buckets[even + 1] = buckets[even].split(at: cut)
        if cut > 0 { occupied += 1 }
    }
}

extension TokenIndex {
    /// Appends the metadata of the next entries in (token, key) order.
    /// - Returns: where to go on, or `nil` when the range is exhausted.
    package func scan(_ range: TokenRange, after cursor: ScanCursor?, limit: Int, into entries: inout [RecordMetadata])
        -> ScanCursor?
    {
        precondition(limit >= 1, "a scan returns at least one entry")
        var taken = 0
        var (bucket, offset) = start(of: range, after: cursor)
        let last = bucketIndex(of: range.last)
        while bucket <= last {
            while offset < buckets[bucket].count {
                let entry = buckets[bucket][offset]
                if entry.token > range.last { return nil }
                if taken == limit, let end = entries.last { return ScanCursor(token: end.token, key: end.key) }
                entries.append(
                    RecordMetadata(
                        token: entry.token, key: entry.key, digest: entry.digest, isTombstone: entry.isTombstone,
                        bytes: entry.bytes))
                taken += 1
                offset += 1
            }
            bucket += 1
            offset = 0
        }
        return nil
    }

    /// The bucket and the offset in it of the first entry in the range and after the cursor.
    private func start(of range: TokenRange, after cursor: ScanCursor?) -> (bucket: Int, offset: Int) {
        guard let cursor, cursor.token >= range.first else {
            let (bucket, fraction) = home(of: range.first)
            return (bucket, buckets[bucket].firstOffset(notBefore: range.first, fraction))
        }
        let position = find(cursor.key, token: cursor.token)
        return (position.bucket, position.isThere ? position.offset + 1 : position.offset)
    }

    /// The entries of one of the ``bucketCount`` buckets, in order. Buckets in ascending order give all entries in order.
    package func entries(inBucket index: Int) -> [Entry] { buckets[index].entries }
}

/// What an index keeps of one key, and what a scan tells of it.
package protocol IndexEntry {
    var token: Token { get }
    /// Not on the way of a look-up, which asks ``holds(_:)``.
    var key: Key { get }
    var digest: Digest { get }
    var isTombstone: Bool { get }
    /// Of the record's key and body together.
    var bytes: Int { get }

    /// Whether this is the key's entry.
    func holds(_ key: Key) -> Bool
}
