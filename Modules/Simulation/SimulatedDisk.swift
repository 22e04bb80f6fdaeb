package import StatorCore
package import Storage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A filesystem in memory that knows what is durable and what is not, loses what is not when it crashes, and fails on
/// request: what machines and engines are tested against.
///
/// Deterministic for a seed. Each write since a file's last sync, and each creation, rename and removal since its
/// folder's last sync, survives a crash or not, independently of the others, which is more than most filesystems dare.
/// Folders themselves are durable once created. A write that a failed sync covered stays readable and is lost in a
/// crash, whatever syncs follow, as on Linux.
///
/// Unchecked: everything that uses one disk runs on one thread, the simulator's or the test's.
package final class SimulatedDisk: Disk, @unchecked Sendable {
    var random: RandomGenerator
    /// What programs see.
    var entries: [String: Inode] = [:]
    /// What a crash leaves, before the pending changes are drawn.
    var durableEntries: [String: Inode] = [:]
    var pendingChanges: [EntryChange] = []
    var folders: Set<String> = ["/"]
    var locks: Set<String> = []
    /// Rises with every crash; files opened before fail.
    var generation = 0

    package var faults = DiskFaults()
    package internal(set) var counters = DiskCounters()

    package init(random: RandomGenerator) {
        self.random = random
    }

    package convenience init(seed: UInt64) {
        self.init(random: RandomGenerator(seed: seed))
    }

    package func createFolder(_ path: String) throws(DiskError) {
        try fail(.folder, path)
        var prefix = ""
        for part in path.split(separator: "/") {
            prefix += "/" + part
            folders.insert(prefix)
        }
    }

    package func list(_ path: String) throws(DiskError) -> [String] {
        try fail(.folder, path)
        let prefix = SimulatedDisk.normal(path) + "/"
        var names: Set<Substring> = []
        for name in entries.keys where name.hasPrefix(prefix) {
            names.insert(name.dropFirst(prefix.count).prefix { $0 != "/" })
        }
        for name in folders where name.hasPrefix(prefix) {
            names.insert(name.dropFirst(prefix.count).prefix { $0 != "/" })
        }
        return names.map(String.init).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    package func open(_ path: String, creating: Bool) throws(DiskError) -> any DiskFile {
        try fail(.open, path)
        let path = SimulatedDisk.normal(path)
        if let inode = entries[path] { return SimulatedFile(disk: self, inode: inode, path: path) }
        guard creating else { throw .simulated("open", path, ENOENT) }
        guard folders.contains(SimulatedDisk.folder(of: path)) else { throw .simulated("open", path, ENOENT) }
        let inode = Inode()
        change(EntryChange(folder: SimulatedDisk.folder(of: path), removed: nil, added: path, inode: inode))
        return SimulatedFile(disk: self, inode: inode, path: path)
    }

    package func exists(_ path: String) throws(DiskError) -> Bool {
        try fail(.folder, path)
        let path = SimulatedDisk.normal(path)
        return entries[path] != nil || folders.contains(path)
    }

    package func rename(_ path: String, to newPath: String) throws(DiskError) {
        try fail(.folder, path)
        let path = SimulatedDisk.normal(path)
        let newPath = SimulatedDisk.normal(newPath)
        guard let inode = entries[path] else { throw .simulated("rename", path, ENOENT) }
        change(EntryChange(folder: SimulatedDisk.folder(of: newPath), removed: path, added: newPath, inode: inode))
    }

    package func remove(_ path: String) throws(DiskError) {
        try fail(.folder, path)
        let path = SimulatedDisk.normal(path)
        for name in entries.keys.sorted() where name == path || name.hasPrefix(path + "/") {
            change(EntryChange(folder: SimulatedDisk.folder(of: name), removed: name, added: nil, inode: nil))
        }
        folders = folders.filter { $0 != path && !$0.hasPrefix(path + "/") }
    }

    package func syncFolder(_ path: String) throws(DiskError) {
        try fail(.folderSync, path)
        counters.folderSyncs += 1
        let path = SimulatedDisk.normal(path)
        for change in pendingChanges where change.folder == path { change.apply(to: &durableEntries) }
        pendingChanges.removeAll { $0.folder == path }
    }

    package func lock(_ path: String) throws(DiskError) -> any DiskLock {
        try fail(.open, path)
        let path = SimulatedDisk.normal(path)
        guard locks.insert(path).inserted else { throw .simulated("lock", path, EWOULDBLOCK) }
        return SimulatedLock(disk: self, path: path, generation: generation)
    }

    private func change(_ change: EntryChange) {
        change.apply(to: &entries)
        pendingChanges.append(change)
    }

    static func normal(_ path: String) -> String {
        "/" + path.split(separator: "/").joined(separator: "/")
    }

    static func folder(of path: String) -> String {
        let parts = path.split(separator: "/").dropLast()
        return "/" + parts.joined(separator: "/")
    }
}

/// A creation (only `added`), removal (only `removed`) or rename (both).
struct EntryChange {
    let folder: String
    let removed: String?
    let added: String?
    let inode: Inode?

    func apply(to entries: inout [String: Inode]) {
        if let removed { entries[removed] = nil }
        if let added, let inode { entries[added] = inode }
    }
}

/// How often what was called, and how much it moved.
package struct DiskCounters: Hashable, Sendable {
    package var reads = 0
    package var writes = 0
    package var syncs = 0
    package var folderSyncs = 0
    package var bytesRead = 0
    package var bytesWritten = 0
}
