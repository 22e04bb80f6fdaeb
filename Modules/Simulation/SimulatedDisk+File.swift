package import NIOCore
package import Storage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A file's bytes as programs see them, and how to take back what no sync has made durable.
final class Inode {
    var content: [UInt8] = []
    /// In the order in which they were made.
    var unsynced: [UnsyncedChange] = []
}

/// One write or truncation since the last sync.
struct UnsyncedChange {
    let offset: Int
    /// What was written; `nil` where the file was cut off at `offset`.
    let written: [UInt8]?
    /// What lay at the offset before; for a truncation what was cut off.
    let replaced: [UInt8]
    let sizeBefore: Int
    var fate = Fate.open

    /// What later syncs made of it: drawn at a crash, kept after a sync, lost after a failed one.
    enum Fate { case open, kept, lost }
}

/// An open file of a ``SimulatedDisk``.
package final class SimulatedFile: DiskFile, @unchecked Sendable {
    private let disk: SimulatedDisk
    private let inode: Inode
    private let path: String
    private let generation: Int
    private var isClosed = false

    init(disk: SimulatedDisk, inode: Inode, path: String) {
        self.disk = disk
        self.inode = inode
        self.path = path
        generation = disk.generation
    }

    private func expectOpen(_ operation: String) throws(DiskError) {
        if isClosed || generation != disk.generation { throw .simulated(operation, path, EBADF) }
    }

    package func read(at offset: Int, count: Int) throws(DiskError) -> ByteBuffer {
        try expectOpen("read")
        try disk.fail(.read, path)
        let start = min(offset, inode.content.count)
        let end = min(offset + count, inode.content.count)
        disk.counters.reads += 1
        disk.counters.bytesRead += end - start
        return ByteBuffer(bytes: inode.content[start..<end])
    }

    package func write(_ bytes: ByteBuffer, at offset: Int) throws(DiskError) {
        try expectOpen("write")
        try disk.fail(.write, path)
        let growth = max(0, offset + bytes.readableBytes - inode.content.count)
        let room = disk.room()
        guard growth <= room else {
            // As a filesystem does: what fits is written before the call fails.
            let fitting = bytes.readableBytes - (growth - room)
            if fitting > 0, let part = bytes.getSlice(at: bytes.readerIndex, length: fitting) { put(part, at: offset) }
            throw .simulated("write", path, ENOSPC)
        }
        put(bytes, at: offset)
    }

    private func put(_ bytes: ByteBuffer, at offset: Int) {
        let written = Array(bytes.readableBytesView)
        disk.counters.writes += 1
        disk.counters.bytesWritten += written.count
        inode.unsynced.append(inode.content.overwrite(with: written, at: offset))
    }

    package func size() throws(DiskError) -> Int {
        try expectOpen("look up")
        return inode.content.count
    }

    package func truncate(to size: Int) throws(DiskError) {
        try expectOpen("truncate")
        try disk.fail(.truncate, path)
        if size > inode.content.count {
            put(ByteBuffer(repeating: 0, count: size - inode.content.count), at: inode.content.count)
        } else if size < inode.content.count {
            inode.unsynced.append(inode.content.cutOff(at: size))
        }
    }

    package func sync() throws(DiskError) {
        try expectOpen("sync")
        do {
            try disk.fail(.sync, path)
        } catch {
            for index in inode.unsynced.indices where inode.unsynced[index].fate == .open {
                inode.unsynced[index].fate = .lost
            }
            throw error
        }
        disk.counters.syncs += 1
        if inode.unsynced.allSatisfy({ $0.fate != .lost }) {
            inode.unsynced.removeAll()
        } else {
            for index in inode.unsynced.indices where inode.unsynced[index].fate == .open {
                inode.unsynced[index].fate = .kept
            }
        }
    }

    package func close() {
        isClosed = true
    }
}

/// A lock of a ``SimulatedDisk``; a crash releases it.
package final class SimulatedLock: DiskLock, @unchecked Sendable {
    private let disk: SimulatedDisk
    private let path: String
    private let generation: Int
    private var isReleased = false

    init(disk: SimulatedDisk, path: String, generation: Int) {
        self.disk = disk
        self.path = path
        self.generation = generation
    }

    package func release() {
        guard !isReleased else { return }
        isReleased = true
        if generation == disk.generation { disk.locks.remove(path) }
    }
}

extension [UInt8] {
    /// Overwrites and extends, with zeros up to the offset where the content ends before it.
    mutating func overwrite(with bytes: [UInt8], at offset: Int) -> UnsyncedChange {
        let sizeBefore = count
        if offset > count { append(contentsOf: repeatElement(0, count: offset - count)) }
        let end = Swift.min(offset + bytes.count, count)
        let replaced = Array(self[Swift.min(offset, sizeBefore)..<Swift.min(end, sizeBefore)])
        replaceSubrange(offset..<end, with: bytes)
        return UnsyncedChange(offset: offset, written: bytes, replaced: replaced, sizeBefore: sizeBefore)
    }

    mutating func cutOff(at size: Int) -> UnsyncedChange {
        let change = UnsyncedChange(offset: size, written: nil, replaced: Array(self[size...]), sizeBefore: count)
        removeSubrange(size...)
        return change
    }
}
