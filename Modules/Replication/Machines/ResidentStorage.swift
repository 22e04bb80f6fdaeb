package import NIOCore
package import StatorCore
package import Storage

/// A shard's two stores where both are in memory: nothing there ever waits, so the machine calls them in the middle of
/// an event, as it calls its resolver, instead of sending a command and handling its completion as an event of its own.
///
/// One key's work is then never interleaved with another's on it: nothing has to queue. What a call shows and changes
/// depends on nothing but the calls before it, so the machine stays deterministic. See ADR 9.
package protocol ResidentStorage: AnyObject {
    func record(for key: Key, token: Token, in store: StoreName) throws(StorageError) -> StoredRecord?

    /// The body alone.
    func body(for key: Key, token: Token, in store: StoreName) throws(StorageError) -> ByteBuffer?

    /// The digest alone.
    func digest(for key: Key, token: Token, in store: StoreName) throws(StorageError) -> Digest?

    /// Visible to the next call, and as durable as it will be.
    func apply(_ write: StorageWrite, to store: StoreName) throws(StorageError)

    /// What the index knows of a key whose record is corrupt.
    func metadata(of key: Key, token: Token, in store: StoreName) -> RecordMetadata?
}

extension ResidentStorage {
    package func body(for key: Key, token: Token, in store: StoreName) throws(StorageError) -> ByteBuffer? {
        try record(for: key, token: token, in: store)?.body
    }

    package func digest(for key: Key, token: Token, in store: StoreName) throws(StorageError) -> Digest? {
        try record(for: key, token: token, in: store)?.digest
    }
}

extension StorageEngine {
    /// The index's entry of one key.
    package func metadata(of key: Key, token: Token) -> RecordMetadata? {
        var entries: [RecordMetadata] = []
        let only = TokenRange(first: token, last: token)
        do throws(StorageError) {
            _ = try scan(only, after: nil, limit: ReplicationLimits.scanPage, into: &entries)
        } catch {
            return nil
        }
        return entries.first { $0.key == key }
    }
}
