import Hashing
import NIOCore
import StatorCore
import Sync

/// A replica's records in the laws of sync: a number for each key, merged to the larger one.
struct SyncLawStore: Equatable {
    /// Rising by (token, key).
    private(set) var entries: [Entry] = []

    struct Entry: Equatable {
        let reference: KeyReference
        var version: UInt64

        var cursor: ScanCursor { ScanCursor(token: reference.token, key: reference.key) }
        var metadata: RecordMetadata {
            RecordMetadata(
                token: reference.token, key: reference.key, digest: SyncLawStore.digest(version), isTombstone: false,
                bytes: reference.key.bytes.readableBytes)
        }
    }

    static func digest(_ version: UInt64) -> Digest {
        Digest(version &* 0x9E37_79B9_7F4A_7C15)
    }

    /// The key of a number, placed like a real one.
    static func reference(_ number: Int) -> KeyReference {
        let key = Key(unchecked: ByteBuffer(string: "key-\(number)"))
        return KeyReference(token: HashFunction.xxh3.token(of: key), key: key)
    }

    subscript(_ reference: KeyReference) -> UInt64? {
        let position = position(ScanCursor(token: reference.token, key: reference.key))
        return position < entries.count && entries[position].reference == reference ? entries[position].version : nil
    }

    /// The first entry at or after a cursor.
    private func position(_ cursor: ScanCursor) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].cursor < cursor { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Fills an empty store at once.
    mutating func fill(_ contents: [Entry]) -> [RecordChange] {
        entries = contents.sorted { $0.cursor < $1.cursor }
        return entries.map { entry in
            let metadata = entry.metadata
            return RecordChange(token: metadata.token, key: metadata.key, old: nil, new: metadata.digest)
        }
    }

    /// - Returns: the change, where there is one.
    mutating func merge(_ reference: KeyReference, _ version: UInt64) -> RecordChange? {
        let entry = Entry(reference: reference, version: version)
        let position = position(entry.cursor)
        var old: UInt64?
        if position < entries.count, entries[position].reference == reference {
            old = entries[position].version
            guard let old, old < version else { return nil }
            entries[position].version = version
        } else {
            entries.insert(entry, at: position)
        }
        return RecordChange(
            token: reference.token, key: reference.key, old: old.map(SyncLawStore.digest),
            new: SyncLawStore.digest(version))
    }

    mutating func drop(_ reference: KeyReference) -> RecordChange? {
        let position = position(ScanCursor(token: reference.token, key: reference.key))
        guard position < entries.count, entries[position].reference == reference else { return nil }
        let old = entries.remove(at: position)
        return RecordChange(
            token: reference.token, key: reference.key, old: SyncLawStore.digest(old.version), new: nil)
    }

    func list(_ range: TokenRange, after cursor: ScanCursor?, limit: Int) -> ([RecordMetadata], next: ScanCursor?) {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            let entry = entries[middle].cursor
            let isBefore = entry.token < range.first || cursor.map { entry <= $0 } ?? false
            if isBefore { low = middle + 1 } else { high = middle }
        }
        var found: [RecordMetadata] = []
        while low < entries.count, entries[low].reference.token <= range.last {
            if found.count == limit { return (found, entries[low - 1].cursor) }
            found.append(entries[low].metadata)
            low += 1
        }
        return (found, nil)
    }

    func within(_ range: TokenRange) -> [Entry] { entries.filter { range.contains($0.reference.token) } }
    func outside(_ range: TokenRange) -> [Entry] { entries.filter { !range.contains($0.reference.token) } }
}
