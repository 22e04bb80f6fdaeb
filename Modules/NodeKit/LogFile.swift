internal import NIORuntime
internal import Storage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// The file that a node's log is appended to. It can be opened anew under the same path, so that a log that was renamed
/// (as logrotate does) is left to who renamed it.
struct LogFile: Sendable {
    let path: String
    /// The same as long as the process lives, whichever file is open: loggers hold it.
    let descriptor: Int32

    /// Opens the file, and makes it and its folder where they are missing.
    init(_ path: String) throws(LogFileError) {
        self.path = path
        descriptor = try LogFile.open(path)
    }

    /// Opens the path anew. A line is written whole to the old file or to the new one.
    /// - Throws: where it cannot be opened; the log goes on into the old file then.
    func reopen() throws(LogFileError) {
        let fresh = try LogFile.open(path)
        defer { close(fresh) }
        guard dup2(fresh, descriptor) >= 0 else { throw LogFileError(path) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    private static func open(_ path: String) throws(LogFileError) -> Int32 {
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            do throws(DiskError) {
                try POSIXDisk().createFolder(String(path[..<slash]))
            } catch {
                throw LogFileError(description: "\(error)")
            }
        }
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw LogFileError(path) }
        return descriptor
    }
}

struct LogFileError: Error, CustomStringConvertible {
    let description: String
}

extension LogFileError {
    /// What the system says of its last failed call.
    fileprivate init(_ path: String) {
        description = "cannot write the log \(path): \(String(cString: strerror(errno)))"
    }
}
