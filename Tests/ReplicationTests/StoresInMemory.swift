import Replication
import StatorCore
import Storage

/// A shard's stores as the machine calls them itself.
final class StoresInMemory: ResidentStorage {
    private let engines: [MemoryEngine]

    init() throws {
        let environment = StorageEnvironment(disk: NoDisk(), folder: "/", owner: "test", newStoreID: 7)
        engines = [
            try MemoryEngine(settings: NoSettings(), environment: environment),
            try MemoryEngine(settings: NoSettings(), environment: environment),
        ]
    }

    private func engine(_ store: StoreName) -> MemoryEngine { engines[store == .records ? 0 : 1] }

    func record(for key: Key, token: Token, in store: StoreName) throws(StorageError) -> StoredRecord? {
        try engine(store).record(for: key, token: token)
    }

    func apply(_ write: StorageWrite, to store: StoreName) throws(StorageError) { try engine(store).apply(write) }

    func metadata(of key: Key, token: Token, in store: StoreName) -> RecordMetadata? {
        engine(store).metadata(of: key, token: token)
    }
}

/// Where nothing is stored.
struct NoDisk: Disk {
    private static let nothing = DiskError(operation: "use", path: "", errorNumber: 0, reason: "there is no disk")
    func createFolder(_ path: String) throws(DiskError) { throw NoDisk.nothing }
    func list(_ path: String) throws(DiskError) -> [String] { throw NoDisk.nothing }
    func open(_ path: String, creating: Bool) throws(DiskError) -> any DiskFile { throw NoDisk.nothing }
    func exists(_ path: String) throws(DiskError) -> Bool { throw NoDisk.nothing }
    func rename(_ path: String, to newPath: String) throws(DiskError) { throw NoDisk.nothing }
    func remove(_ path: String) throws(DiskError) { throw NoDisk.nothing }
    func syncFolder(_ path: String) throws(DiskError) { throw NoDisk.nothing }
    func lock(_ path: String) throws(DiskError) -> any DiskLock { throw NoDisk.nothing }
}
