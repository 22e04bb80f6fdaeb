internal import Storage
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A file under `flock`, holding its owner's process number for people. The kernel drops the lock with the process, so
/// a file left behind by a crash locks nothing.
final class POSIXLock: DiskLock {
    /// -1 once released.
    private let descriptor: Atomic<Int32>
    private let path: String

    init(path: String) throws(DiskError) {
        var file = try POSIXLock.acquire(path)
        // A holder that releases removes the file: a lock on a file that is gone from the folder guards nothing.
        while !POSIXLock.isStillThere(file, path) {
            closeFile(file)
            file = try POSIXLock.acquire(path)
        }
        self.path = path
        descriptor = Atomic(file)
        do {
            let holder = POSIXLock.text("\(getpid())\n")
            try checked("write lock", path) { truncateFile(file, 0) }
            try checked("write lock", path) { pwrite(file, holder, holder.count, 0) }
        } catch {
            // A full disk keeps people from reading who holds it, and nobody from holding it.
            guard error.errorNumber != DiskError.noSpace else { return }
            release()
            throw error
        }
    }

    deinit { release() }

    func release() {
        let file = descriptor.exchange(-1, ordering: .acquiringAndReleasing)
        guard file >= 0 else { return }
        // Removed while still locked, so that no one else's file is removed.
        unlink(path)
        closeFile(file)
    }

    private static func acquire(_ path: String) throws(DiskError) -> Int32 {
        let file = try checked("open lock", path) { openFile(path, O_RDWR | O_CREAT | O_CLOEXEC) }
        do {
            try checked("lock", path) { flock(file, LOCK_EX | LOCK_NB) }
            return file
        } catch {
            let holder = holder(file)
            closeFile(file)
            guard error.errorNumber == EWOULDBLOCK, !holder.isEmpty else { throw error }
            throw DiskError(
                operation: "lock", path: path, errorNumber: EWOULDBLOCK, reason: "process \(holder) holds it")
        }
    }

    private static func isStillThere(_ file: Int32, _ path: String) -> Bool {
        var held = stat()
        var named = stat()
        return fstat(file, &held) == 0 && stat(path, &named) == 0 && held.st_ino == named.st_ino
            && held.st_dev == named.st_dev
    }

    private static func holder(_ file: Int32) -> String {
        var digits = [UInt8](repeating: 0, count: 20)
        let count = pread(file, &digits, digits.count, 0)
        let isDigit = { (byte: UInt8) in byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
        return String(decoding: digits.prefix(max(count, 0)).prefix(while: isDigit), as: UTF8.self)
    }

    private static func text(_ text: String) -> [UInt8] { Array(text.utf8) }
}
