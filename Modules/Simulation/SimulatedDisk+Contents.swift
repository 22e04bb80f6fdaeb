/// What tests and drivers see and do behind every program's back.
extension SimulatedDisk {
    /// All files' paths, sorted.
    package var paths: [String] { entries.keys.sorted() }

    package func content(of path: String) -> [UInt8]? { entries[SimulatedDisk.normal(path)]?.file.bytes }

    /// Replaces a file's bytes, durably; creates it where there is none.
    package func setContent(of path: String, to bytes: [UInt8]) {
        let path = SimulatedDisk.normal(path)
        let inode = entries[path] ?? Inode(number: newNumber())
        inode.file.replaceAll(with: bytes)
        entries[path] = inode
        durableEntries[path] = inode
        recount()
    }

    /// A disk of its own with the same files as programs see them now, all durable; nothing is open on it, and it has no
    /// faults.
    package func copy() -> SimulatedDisk {
        let copy = SimulatedDisk(random: random)
        copy.take(self, under: "/", asCopies: false)
        return copy
    }

    /// The files of another disk take the place of this one's, all durable: those of a backup. Nothing is open on this one.
    /// - Parameters:
    ///   - prefix: only files whose paths begin with it; the others stay as they are.
    ///   - asCopies: each is another file than the one that was saved, as with a copy of files; a snapshot of a volume, or
    ///     files that are moved away and moved back, are the same ones.
    package func restore(_ saved: SimulatedDisk, under prefix: String = "/", asCopies: Bool) {
        if prefix == "/" { wipe("/") }
        for path in entries.keys.sorted() where path.hasPrefix(prefix) {
            entries.removeValue(forKey: path)?.names = 0
        }
        take(saved, under: prefix, asCopies: asCopies)
    }

    private func take(_ other: SimulatedDisk, under prefix: String, asCopies: Bool) {
        for (path, inode) in other.entries.sorted(by: { $0.key < $1.key }) where path.hasPrefix(prefix) {
            entries[path] = Inode(inode.file.bytes, number: asCopies ? newNumber() : inode.number)
        }
        filesMade = max(filesMade, other.filesMade)
        durableEntries = entries
        pendingChanges.removeAll()
        folders = prefix == "/" ? other.folders : folders.union(other.folders)
        recount()
    }

    /// The disk is gone and an empty one is in its place: everything in the folder, durable or not.
    package func wipe(_ folder: String) {
        let folder = SimulatedDisk.normal(folder)
        for path in entries.keys.sorted() where SimulatedDisk.isInside(path, folder) {
            entries.removeValue(forKey: path)?.names = 0
        }
        durableEntries = durableEntries.filter { !SimulatedDisk.isInside($0.key, folder) }
        pendingChanges.removeAll { SimulatedDisk.isInside($0.folder, folder) }
        folders = folders.filter { $0 == "/" || !SimulatedDisk.isInside($0, folder) }
        locks = locks.filter { !SimulatedDisk.isInside($0, folder) }
        recount()
    }

    /// Sums the sizes up anew after files were exchanged; sums do not depend on an order.
    func recount() {
        for inode in entries.values { inode.names = 0 }
        books.usedBytes = 0
        for inode in entries.values {
            inode.names += 1
            books.usedBytes += inode.file.size
        }
    }
}
