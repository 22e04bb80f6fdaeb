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
    var filesMade: UInt64 = 0
    /// Rises with every crash; files opened before fail.
    var generation = 0

    package var faults = DiskFaults() {
        didSet {
            canFailCalls = faults.canFailCalls
            sparesWrites = faults.spareWrites
        }
    }
    /// Whether any call may fail, and whether writes go through as they are: asked at every call.
    private(set) var canFailCalls = false
    private(set) var sparesWrites = true
    /// One property, so that a call is one access that the runtime checks for exclusivity.
    var books = Books()
    package internal(set) var faultCounters = DiskFaultCounters()

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
        let folder = SimulatedDisk.normal(path)
        let prefix = folder == "/" ? folder : folder + "/"
        var names: Set<Substring> = []
        for name in entries.keys where name.hasPrefix(prefix) {
            names.insert(name.dropFirst(prefix.count).prefix { $0 != "/" })
        }
        for name in folders where name.hasPrefix(prefix) && name != folder {
            names.insert(name.dropFirst(prefix.count).prefix { $0 != "/" })
        }
        return names.map(String.init).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    package func open(_ path: String, creating: Bool) throws(DiskError) -> any DiskFile {
        try openFile(path, creating: creating)
    }

    /// As ``open(_:creating:)``, for callers that know which disk they have.
    package func openFile(_ path: String, creating: Bool) throws(DiskError) -> SimulatedFile {
        try fail(.open, path)
        let path = SimulatedDisk.normal(path)
        if let inode = entries[path] { return SimulatedFile(disk: self, inode: inode, path: path) }
        let folder = SimulatedDisk.folder(of: path)
        guard creating, folders.contains(folder) else { throw .simulated("open", path, ENOENT) }
        let inode = Inode(number: newNumber())
        change(EntryChange(folder: folder, removed: nil, added: path, inode: inode))
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
        guard entries[path] == nil else { return removeFile(path) }
        for name in entries.keys.sorted() where SimulatedDisk.isInside(name, path) { removeFile(name) }
        folders = folders.filter { $0 == "/" || !SimulatedDisk.isInside($0, path) }
    }

    private func removeFile(_ path: String) {
        change(EntryChange(folder: SimulatedDisk.folder(of: path), removed: path, added: nil, inode: nil))
    }

    package func syncFolder(_ path: String) throws(DiskError) {
        try fail(.folderSync, path)
        books.counters.folderSyncs += 1
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

    func newNumber() -> UInt64 {
        filesMade += 1
        return filesMade
    }

    private func change(_ change: EntryChange) {
        if let removed = change.removed { forgetName(removed) }
        if let added = change.added, let inode = change.inode {
            forgetName(added)
            inode.names += 1
            books.usedBytes += inode.file.size
        }
        change.apply(to: &entries)
        pendingChanges.append(change)
    }

    /// A path that stands for no file any more, or soon for another.
    private func forgetName(_ path: String) {
        guard let inode = entries.removeValue(forKey: path) else { return }
        inode.names -= 1
        books.usedBytes -= inode.file.size
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
