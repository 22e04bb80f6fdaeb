internal import StatorCore

/// What becomes of changes that no sync has made durable, at a crash.
package enum UnsyncedFate: Sendable {
    /// Each one is kept, dropped or (a write) torn at a random byte.
    case random
    /// All are kept: the machine wrote everything back just in time.
    case kept
    /// All are dropped.
    case lost
}

extension SimulatedDisk {
    /// Power cut: unsynced changes meet their fate, open files and locks are gone.
    package func crash(_ fate: UnsyncedFate = .random) {
        generation += 1
        locks.removeAll()
        for change in pendingChanges {
            let isKept = fate == .kept || (fate == .random && random.chance(0.5))
            if isKept { change.apply(to: &durableEntries) }
        }
        pendingChanges.removeAll()
        entries = durableEntries
        for path in entries.keys.sorted() {
            guard let inode = entries[path], !inode.unsynced.isEmpty else { continue }
            settle(inode, fate)
        }
    }

    /// Kills what uses the disk: open files and locks are gone, and what is unsynced stays readable and unsynced.
    package func endProcesses() {
        generation += 1
        locks.removeAll()
    }

    /// Takes all unsynced changes back, then makes those again that the crash spares.
    private func settle(_ inode: Inode, _ fate: UnsyncedFate) {
        let changes = inode.unsynced
        inode.unsynced = []
        for change in changes.reversed() { inode.content.takeBack(change) }
        for change in changes {
            switch (change.fate, fate) {
            case (.kept, _), (.open, .kept), (.lost, .kept): redo(change, on: inode)
            case (.lost, _), (.open, .lost): continue
            case (.open, .random):
                switch random.below(3) {
                case 0: continue
                case 1: redo(change, on: inode)
                default: redo(torn(change), on: inode)
                }
            }
        }
    }

    private func torn(_ change: UnsyncedChange) -> UnsyncedChange {
        guard let written = change.written else { return change }
        let kept = Array(written.prefix(random.below(written.count + 1)))
        return UnsyncedChange(offset: change.offset, written: kept, replaced: [], sizeBefore: 0)
    }

    private func redo(_ change: UnsyncedChange, on inode: Inode) {
        if let written = change.written {
            if !written.isEmpty { _ = inode.content.overwrite(with: written, at: change.offset) }
        } else if change.offset < inode.content.count {
            _ = inode.content.cutOff(at: change.offset)
        }
    }

    /// A disk of its own with the same files as programs see them now, all durable; nothing is open on it.
    package func copy() -> SimulatedDisk {
        let copy = SimulatedDisk(random: random)
        for (path, inode) in entries {
            let twin = Inode()
            twin.content = inode.content
            copy.entries[path] = twin
        }
        copy.durableEntries = copy.entries
        copy.folders = folders
        return copy
    }

    /// The disk is gone and an empty one is in its place: everything in the folder, durable or not.
    package func wipe(_ folder: String) {
        let folder = SimulatedDisk.normal(folder)
        let isInside = { (path: String) in path == folder || path.hasPrefix(folder + "/") }
        entries = entries.filter { !isInside($0.key) }
        durableEntries = durableEntries.filter { !isInside($0.key) }
        pendingChanges.removeAll { isInside($0.folder) }
        folders = folders.filter { !isInside($0) }
        locks = locks.filter { !isInside($0) }
    }

    /// All files' paths, sorted.
    package var paths: [String] { entries.keys.sorted() }

    package func content(of path: String) -> [UInt8]? { entries[SimulatedDisk.normal(path)]?.content }

    /// Replaces a file's bytes behind every program's back, durably; creates it where there is none.
    package func setContent(of path: String, to bytes: [UInt8]) {
        let path = SimulatedDisk.normal(path)
        let inode = entries[path] ?? Inode()
        inode.content = bytes
        inode.unsynced = []
        entries[path] = inode
        durableEntries[path] = inode
    }
}

extension [UInt8] {
    /// Undoes a change; changes are undone from the last to the first.
    fileprivate mutating func takeBack(_ change: UnsyncedChange) {
        if change.written == nil {
            append(contentsOf: change.replaced)
            return
        }
        removeSubrange(Swift.min(change.sizeBefore, count)...)
        for (index, byte) in change.replaced.enumerated() { self[change.offset + index] = byte }
    }
}
