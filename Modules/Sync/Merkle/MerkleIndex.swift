import StatorCore

/// A Merkle tree over fixed slices of the token space, kept current write by write.
///
/// R. Merkle, "A Digital Signature Based on a Conventional Encryption Function", CRYPTO '87; its use between replicas:
/// DeCandia et al., "Dynamo: Amazon's Highly Available Key-value Store", SOSP 2007, section 4.7. Terms: the paper's key
/// range is a session's token range, its leaf (hash of one key) is a slice here.
///
/// Deviations: 1. A leaf covers a fixed slice of the token space rather than a key of one virtual node's range, so a
/// ring change rebuilds nothing. 2. A node holds the *sum* modulo 2^64 of its records' hashes, not a hash of its
/// children's. A write then changes one number in each level, without reading siblings, and any union of slices has a
/// sum without a node of its own.
///
/// Why a sum and not an exclusive or: incremental set hashes of both kinds are in Bellare and Micciancio, "A New
/// Paradigm for Collision-Free Hashing: Incrementality at Reduced Cost" (EUROCRYPT '97), and Clarke et al.,
/// "Incremental Multiset Hash Functions and Their Application to Memory Integrity Checking" (ASIACRYPT 2003). Under
/// exclusive or a record counted twice vanishes, and 65 records suffice for a subset that cancels, found by Gaussian
/// elimination; under addition a record counted twice shows, and finding a cancelling set is a generalised-birthday
/// problem. Between honest replicas either misses a difference with probability 2^-64. Neither this nor XXH3 resists
/// someone who forges records.
///
/// An update costs O(depth / log2 fanOut) additions and two or three XXH3. Memory: 12 bytes for every slice of a level
/// in a page of 256 that holds a key.
final class MerkleIndex {
    /// The part of the token space that is covered.
    let range: TokenRange
    let depth: Int
    /// log2 of the fan-out.
    let step: Int
    private(set) var keys = 0
    /// From the root to the leaves.
    private var levels: [MerkleLevel]

    init(range: TokenRange, depth: Int, fanOut: Int) {
        self.range = range
        self.depth = depth
        step = fanOut.trailingZeroBitCount
        levels = MerkleIndex.levelBits(depth: depth, step: step).map { MerkleLevel(bits: $0, range: range) }
    }

    /// The levels of a tree: 0, step, 2 step, ..., depth, the last one perhaps narrower.
    static func levelBits(depth: Int, step: Int) -> [Int] {
        Array(stride(from: 0, to: depth, by: step)) + [depth]
    }

    /// Ignores tokens outside the range.
    func apply(_ change: RecordChange) {
        guard change.old != change.new, range.contains(change.token) else { return }
        let record = RecordSum(token: change.token, key: change.key)
        let added = change.new.map(record.value) ?? 0
        let removed = change.old.map(record.value) ?? 0
        let count = (change.new == nil ? 0 : 1) - (change.old == nil ? 0 : 1)
        keys += count
        for index in levels.indices {
            let slice = MerkleLevel.slice(change.token, bits: levels[index].bits)
            levels[index].add(sum: added &- removed, keys: count, to: slice)
        }
    }

    /// The sum of a slice of any level down to the leaves, of this tree's levels or between them.
    /// - Complexity: O(fanOut).
    func sum(bits: Int, slice: Int) -> UInt64 {
        guard let (level, slices) = stored(bits: bits, slice: slice) else { return 0 }
        var total: UInt64 = 0
        for slice in slices { total &+= levels[level].sum(slice) }
        return total
    }

    /// How many keys a slice holds.
    func count(bits: Int, slice: Int) -> Int {
        guard let (level, slices) = stored(bits: bits, slice: slice) else { return 0 }
        var total = 0
        for slice in slices { total += levels[level].count(slice) }
        return total
    }

    /// The slices of the next level down that make up a slice.
    private func stored(bits: Int, slice: Int) -> (level: Int, slices: Range<Int>)? {
        guard let level = levels.firstIndex(where: { $0.bits >= bits }) else { return nil }
        let shift = levels[level].bits - bits
        return (level, slice << shift..<(slice + 1) << shift)
    }

    var leaves: Int { levels[levels.count - 1].slices.count }
    var occupiedLeaves: Int { levels[levels.count - 1].occupied }
    var memoryBytes: Int { levels.reduce(0) { $0 + $1.memoryBytes } }
}
