import NIOCore
import Replication
import StatorCore
import Storage

/// A node's folder: lock, identity, view, and one folder for each shard's engines.
///
/// Blocks: used on the node's file thread, one call at a time. Whatever it changes is durable when the call returns.
final class DataFolder: Sendable {
    static let lockName = "lock"
    static let identityName = "identity"
    static let viewName = "view"
    static let viewKind = "STVW"
    static let viewFormat: UInt8 = 2

    let path: String
    /// The last agreed view that was stored, if any.
    let view: View?
    private let disk: any Disk
    private let lock: any DiskLock
    private let stored: Locked<StoredIdentity>

    private init(path: String, disk: any Disk, lock: any DiskLock, stored: StoredIdentity, view: View?) {
        self.path = path
        self.disk = disk
        self.lock = lock
        self.stored = Locked(stored)
        self.view = view
    }

    var identity: NodeIdentity { stored.withLock { $0.identity } }

    static func recordsFolder(_ path: String, shard: Int) -> String { "\(path)/shard-\(shard)/records" }
    static func hintsFolder(_ path: String, shard: Int) -> String { "\(path)/shard-\(shard)/hints" }

    /// Locks the folder, checks whose it is, and makes this start's identity durable.
    static func open(
        _ path: String, for blueprint: NodeBlueprint, disk: any Disk, incarnation: UInt64, wallSeconds: UInt64
    ) throws(StartError) -> DataFolder {
        let lock = try take(path, disk: disk)
        do {
            let previous = try readIdentity(path, disk: disk)
            if let previous { try previous.check(against: blueprint, path: path) }
            if previous == nil { try refuseUnknownData(path, disk: disk) }
            let lost = try lostShards(path, shards: blueprint.shards, previous: previous, disk: disk)
            let next = StoredIdentity.next(
                after: previous, for: blueprint, lost: lost, incarnation: incarnation, wallSeconds: wallSeconds)
            let view = try readView(path, disk: disk)
            let folder = DataFolder(path: path, disk: disk, lock: lock, stored: next, view: view)
            try usable(path) { () throws(DiskError) in
                try SealedFile.write(next.encoded(), to: identityName, in: path, disk: disk)
                for shard in 0..<blueprint.shards {
                    try disk.createFolder(recordsFolder(path, shard: shard))
                    try disk.createFolder(hintsFolder(path, shard: shard))
                    try disk.syncFolder("\(path)/shard-\(shard)")
                }
                try disk.syncFolder(path)
            }
            return folder
        } catch {
            lock.release()
            throw error
        }
    }

    /// Changes the identity.
    func update(_ change: (inout StoredIdentity) -> Void) throws(DiskError) {
        let changed = stored.withLock { stored in
            change(&stored)
            return stored
        }
        try SealedFile.write(changed.encoded(), to: DataFolder.identityName, in: path, disk: disk)
    }

    func write(_ view: View) throws(DiskError) {
        var content = ByteBuffer()
        content.writeView(view)
        let bytes = SealedFile.seal(content, kind: DataFolder.viewKind, format: DataFolder.viewFormat)
        try SealedFile.write(bytes, to: DataFolder.viewName, in: path, disk: disk)
    }

    func release() {
        lock.release()
    }
}
