internal import NIOCore
package import StatorCore

/// An index entry that keeps its key in a buffer, beside a small value.
package struct KeyedEntry<Value: IndexedValue>: IndexEntry {
    package let token: Token
    package let key: Key
    package var value: Value

    package var digest: Digest { value.digest }
    package var isTombstone: Bool { value.isTombstone }
    package var bytes: Int { key.bytes.readableBytes + value.bodyBytes }

    package func holds(_ key: Key) -> Bool { self.key == key }
}

/// What a scan tells of an indexed value.
package protocol IndexedValue {
    var digest: Digest { get }
    var isTombstone: Bool { get }
    /// Of the record's body.
    var bodyBytes: Int { get }
}

extension TokenIndex {
    package func value<Value>(for key: Key, token: Token) -> Value? where Entry == KeyedEntry<Value> {
        let position = find(key, token: token)
        return position.isThere ? self[position].value : nil
    }

    /// Inserts or replaces. A new entry keeps a copy of the key, never the buffer it arrived in.
    /// - Returns: the value that was replaced.
    @discardableResult
    package func insert<Value>(_ value: Value, for key: Key, token: Token) -> Value?
    where Entry == KeyedEntry<Value> {
        let position = find(key, token: token)
        guard position.isThere else {
            insert(KeyedEntry(token: token, key: key.compacted(), value: value), at: position)
            return nil
        }
        let previous = self[position].value
        self[position].value = value
        return previous
    }

    @discardableResult
    package func remove<Value>(_ key: Key, token: Token) -> Value? where Entry == KeyedEntry<Value> {
        let position = find(key, token: token)
        return position.isThere ? remove(at: position).value : nil
    }
}
