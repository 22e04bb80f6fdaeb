internal import CStatx
internal import NIOCore
internal import Storage
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// An open file of a ``POSIXDisk``. Positional reads and writes, so that threads share no offset.
final class POSIXFile: DiskFile {
    /// -1 once closed.
    private let descriptor: Atomic<Int32>
    private let path: String

    init(descriptor: Int32, path: String) {
        self.descriptor = Atomic(descriptor)
        self.path = path
    }

    deinit { close() }

    func read(at offset: Int, count: Int) throws(DiskError) -> ByteBuffer {
        let file = descriptor.load(ordering: .acquiring)
        var bytes = ByteBufferAllocator().buffer(capacity: count)
        while bytes.readableBytes < count {
            let position = off_t(offset + bytes.readableBytes)
            let missing = count - bytes.readableBytes
            var problem: Int32 = 0
            let got = bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: missing) { target in
                let result = pread(file, target.baseAddress, missing, position)
                if result < 0 { problem = errno }
                return max(result, 0)
            }
            if problem == EINTR { continue }
            if problem != 0 { throw DiskError(operation: "read", path: path, number: problem) }
            if got == 0 { return bytes }
        }
        return bytes
    }

    func write(_ bytes: ByteBuffer, at offset: Int) throws(DiskError) {
        let file = descriptor.load(ordering: .acquiring)
        let problem = bytes.withUnsafeReadableBytes { source -> Int32 in
            var written = 0
            while written < source.count {
                let rest = UnsafeRawBufferPointer(rebasing: source[written...])
                let result = pwrite(file, rest.baseAddress, rest.count, off_t(offset + written))
                if result < 0 {
                    if errno == EINTR { continue }
                    return errno
                }
                if result == 0 { return EIO }
                written += result
            }
            return 0
        }
        if problem != 0 { throw DiskError(operation: "write", path: path, number: problem) }
    }

    func size() throws(DiskError) -> Int {
        var status = stat()
        let file = descriptor.load(ordering: .acquiring)
        guard fstat(file, &status) == 0 else { throw DiskError(operation: "look up", path: path, number: errno) }
        return Int(status.st_size)
    }

    func origin() throws(DiskError) -> FileOrigin? {
        let file = descriptor.load(ordering: .acquiring)
        #if canImport(Glibc)
            var (inode, birth): (UInt64, Int64) = (0, 0)
            guard stator_file_origin(file, &inode, &birth) == 0 else { return nil }
            return FileOrigin(inode: inode, birth: birth)
        #else
            var status = stat()
            guard fstat(file, &status) == 0 else { return nil }
            let birth = status.st_birthtimespec
            return FileOrigin(
                inode: UInt64(status.st_ino), birth: Int64(birth.tv_sec) * 1_000_000_000 + Int64(birth.tv_nsec))
        #endif
    }

    func truncate(to size: Int) throws(DiskError) {
        let file = descriptor.load(ordering: .acquiring)
        try checked("truncate", path) { truncateFile(file, size) }
    }

    func sync() throws(DiskError) {
        let file = descriptor.load(ordering: .acquiring)
        try checked("sync", path) { syncFile(file) }
    }

    func close() {
        let file = descriptor.exchange(-1, ordering: .acquiringAndReleasing)
        if file >= 0 { closeFile(file) }
    }
}
