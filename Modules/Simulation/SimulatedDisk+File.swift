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

    package func origin() throws(DiskError) -> FileOrigin? { FileOrigin(inode: inode.number, birth: 0) }

    package func read(at offset: Int, count: Int) throws(DiskError) -> ByteBuffer {
        try expectOpen("read")
        try disk.fail(.read, path)
        let buffer = inode.file.bytes.withUnsafeBytes { bytes in
            let start = min(offset, bytes.count)
            let found = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + count, bytes.count)])
            var buffer = ByteBufferAllocator().buffer(capacity: found.count)
            buffer.writeBytes(found)
            return buffer
        }
        disk.books.noteRead(buffer.readableBytes)
        return buffer
    }

    package func write(_ bytes: ByteBuffer, at offset: Int) throws(DiskError) {
        try expectOpen("write")
        if disk.sparesWrites {
            put(bytes, at: offset)
        } else {
            try writeAmongFaults(bytes, at: offset)
        }
    }

    private func put(_ bytes: ByteBuffer, at offset: Int) {
        // As POSIX has it, even beyond the end.
        guard bytes.readableBytes > 0 else { return disk.books.noteWrite(0, growth: 0) }
        let growth = bytes.withUnsafeReadableBytes { inode.file.write($0, at: offset) }
        disk.books.noteWrite(bytes.readableBytes, growth: growth * inode.names)
    }

    private func writeAmongFaults(_ bytes: ByteBuffer, at offset: Int) throws(DiskError) {
        try disk.fail(.write, path)
        let growth = max(0, offset + bytes.readableBytes - inode.file.size)
        let room = disk.room()
        guard growth > room else { return putDamaged(bytes, at: offset) }
        // As a filesystem does: what fits is written before the call fails.
        let fitting = bytes.readableBytes - (growth - room)
        if fitting > 0, let part = bytes.getSlice(at: bytes.readerIndex, length: fitting) {
            putDamaged(part, at: offset)
        }
        disk.faultCounters.fullDisk += 1
        throw .simulated("write", path, ENOSPC)
    }

    private func putDamaged(_ bytes: ByteBuffer, at offset: Int) {
        guard disk.faults.canDamageWrites, disk.isFaultProne(path), bytes.readableBytes > 0 else {
            return put(bytes, at: offset)
        }
        let sizeBefore = inode.file.size
        bytes.withUnsafeReadableBytes { disk.writeDamaged($0, at: offset, inode) }
        disk.books.noteWrite(bytes.readableBytes, growth: (inode.file.size - sizeBefore) * inode.names)
    }

    package func size() throws(DiskError) -> Int {
        try expectOpen("look up")
        return inode.file.size
    }

    package func truncate(to size: Int) throws(DiskError) {
        try expectOpen("truncate")
        try disk.fail(.truncate, path)
        let growth = size - inode.file.size
        if growth > 0 {
            inode.file.extend(to: size)
            disk.books.noteWrite(growth, growth: growth * inode.names)
        } else if growth < 0 {
            inode.file.cutOff(at: size)
            disk.books.usedBytes += growth * inode.names
        }
    }

    package func sync() throws(DiskError) {
        try expectOpen("sync")
        do {
            try disk.fail(.sync, path)
        } catch {
            inode.file.failSync()
            throw error
        }
        disk.books.counters.syncs += 1
        inode.file.endSync()
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
