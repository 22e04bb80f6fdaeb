package import NIOCore
package import Replication
package import StatorCore
package import Storage

/// Stores in memory, called by the machine in the middle of its events.
extension StoreQueue: ResidentStorage {
    package func record(for key: Key, token: Token, in store: StoreName) throws(StorageError) -> StoredRecord? {
        try engine(store).record(for: key, token: token)
    }

    package func body(for key: Key, token: Token, in store: StoreName) throws(StorageError) -> ByteBuffer? {
        try engine(store).body(for: key, token: token)
    }

    package func digest(for key: Key, token: Token, in store: StoreName) throws(StorageError) -> Digest? {
        try engine(store).digest(for: key, token: token)
    }

    package func apply(_ write: StorageWrite, to store: StoreName) throws(StorageError) {
        onResidentWrite?(write, store)
        do throws(StorageError) {
            try engine(store).apply(write)
        } catch {
            fail("write", store, error)
            throw error
        }
    }

    package func metadata(of key: Key, token: Token, in store: StoreName) -> RecordMetadata? {
        engine(store).metadata(of: key, token: token)
    }
}
