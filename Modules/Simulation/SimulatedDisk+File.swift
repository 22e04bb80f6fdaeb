package import NIOCore
package import Storage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// An open file of a ``SimulatedDisk``.
package final class SimulatedFile: DiskFile, @unchecked Sendable {
    private let disk: SimulatedDisk
    private let inode: Inode
    /// The normal form of the path under which it was opened.
    private let path: String
    private let generation: Int
    private var isClosed = false

    init(disk: SimulatedDisk, inode: Inode, path: String) {
        self.disk = disk
        self.inode = inode
        self.path = path
        generation = disk.generation
    }

    private func expectOpen(_ operation: StaticString) throws(DiskError) {
        if isClosed || generation != disk.generation { throw .simulated("\(operation)", path, EBADF) }
    }

    package func read(at offset: Int, count: Int) throws(DiskError) -> ByteBuffer {
        try expectOpen("read")
        try disk.fail(.read, path)
        let start = min(offset, inode.size)
        let end = min(offset + count, inode.size)
        disk.counters.noteRead(end - start)
        return inode.content.withUnsafeBytes { ByteBuffer(bytes: UnsafeRawBufferPointer(rebasing: $0[start..<end])) }
    }

    package func write(_ bytes: ByteBuffer, at offset: Int) throws(DiskError) {
        try expectOpen("write")
        try disk.fail(.write, path)
        guard bytes.readableBytes > 0 else { return disk.counters.noteWrite(0) }
        let growth = max(0, offset + bytes.readableBytes - inode.size)
        let room = disk.room()
        guard growth <= room else {
            // As a filesystem does: what fits is written before the call fails.
            let fitting = bytes.readableBytes - (growth - room)
            if fitting > 0, let part = bytes.getSlice(at: bytes.readerIndex, length: fitting) { put(part, at: offset) }
            disk.faultCounters.fullDisk += 1
            throw .simulated("write", path, ENOSPC)
        }
        put(bytes, at: offset)
    }

    private func put(_ bytes: ByteBuffer, at offset: Int) {
        disk.counters.noteWrite(bytes.readableBytes)
        changeSize {
            if disk.faults.canDamageWrites, disk.isFaultProne(path) {
                bytes.withUnsafeReadableBytes { disk.writeDamaged($0, at: offset, inode) }
            } else {
                bytes.withUnsafeReadableBytes { inode.write($0, at: offset) }
            }
        }
    }

    /// Keeps the disk's sum of sizes.
    @inline(__always)
    private func changeSize(_ change: () -> Void) {
        let sizeBefore = inode.size
        change()
        disk.usedBytes += (inode.size - sizeBefore) * inode.names
    }

    package func size() throws(DiskError) -> Int {
        try expectOpen("look up")
        return inode.size
    }

    package func truncate(to size: Int) throws(DiskError) {
        try expectOpen("truncate")
        try disk.fail(.truncate, path)
        if size > inode.size {
            disk.counters.noteWrite(size - inode.size)
            changeSize { inode.extend(to: size) }
        } else if size < inode.size {
            changeSize { inode.cutOff(at: size) }
        }
    }

    package func sync() throws(DiskError) {
        try expectOpen("sync")
        do {
            try disk.fail(.sync, path)
        } catch {
            inode.failSync()
            throw error
        }
        disk.counters.syncs += 1
        inode.endSync()
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
