package import StatorCore

/// What a shard has lately read from or written to a store on disk, so that most loads need no other thread and no disk.
///
/// Whoever holds it sees to it that it shows what a load at that moment would: it is told of every load and write when
/// they have ended, and not asked for a key that is being written. Room is made by the clock algorithm: a hand goes round,
/// and takes what was not used since it came by. Every operation O(1) expected; memory about the limit at most. A record
/// beyond an eighth of that is not kept.
package final class RecordCache {
    private let limit: Int
    private let index = TokenIndex<MemoryRecord>()
    package private(set) var bytes = 0
    /// The bucket that is looked at next.
    private var hand = 0

    /// - Parameter limit: zero keeps nothing.
    package init(limit: ByteCount) {
        self.limit = limit.bytes
    }

    deinit {
        for bucket in 0..<index.bucketCount {
            for record in index.entries(inBucket: bucket) { record.free() }
        }
    }

    package var count: Int { index.count }

    /// - Returns: `nil` where the store has to be asked.
    package func record(for key: Key, token: Token) -> StoredRecord? {
        let position = index.find(key, token: token)
        guard position.isThere else { return nil }
        index[position].isRecent = true
        return index[position].record(of: key)
    }

    /// The store holds this.
    package func keep(_ record: StoredRecord) {
        // A large one would drive out all others.
        guard MemoryRecord.memory(of: record) <= limit / 8 else { return forget(record.key, token: record.token) }
        let position = index.find(record.key, token: record.token)
        if position.isThere {
            bytes -= index[position].memory
            index[position].replace(with: record)
            bytes += index[position].memory
        } else {
            let kept = MemoryRecord(record)
            bytes += kept.memory
            index.insert(kept, at: position)
        }
        if bytes > limit { makeRoom() }
    }

    /// The store holds nothing of the key any more, or nobody knows.
    package func forget(_ key: Key, token: Token) {
        let position = index.find(key, token: token)
        if position.isThere { release(index.remove(at: position)) }
    }

    private func makeRoom() {
        while bytes > limit, index.count > 0 {
            hand = (hand + 1) % index.bucketCount
            index.sweep(bucket: hand) { record in
                if record.isRecent {
                    record.isRecent = false
                    return true
                }
                release(record)
                return false
            }
        }
    }

    private func release(_ record: MemoryRecord) {
        bytes -= record.memory
        record.free()
    }
}
