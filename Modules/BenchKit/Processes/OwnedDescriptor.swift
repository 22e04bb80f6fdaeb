#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A file descriptor, closed when released. Programs that are started do not inherit it.
struct OwnedDescriptor: ~Copyable, Sendable {
    let number: Int32

    /// Takes over a descriptor.
    init(_ number: Int32) {
        self.number = number
    }

    deinit { close(number) }

    /// - Returns: `nil` where the file cannot be opened; `errno` says why.
    /// - Parameter flags: as `open` has them; a file that is created may be read by all and written by its owner.
    static func open(_ path: String, _ flags: Int32) -> OwnedDescriptor? {
        #if canImport(Glibc)
            let number = Glibc.open(path, flags | O_CLOEXEC, 0o644)
        #else
            let number = Darwin.open(path, flags | O_CLOEXEC, 0o644)
        #endif
        return number < 0 ? nil : OwnedDescriptor(number)
    }

    /// A file that has no name any more, holds these bytes and is read from its beginning.
    /// - Returns: `nil` where there is no place for it; `errno` says why.
    static func unnamedFile(holding bytes: [UInt8]) -> OwnedDescriptor? {
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(folder)/stator-input-XXXXXX".utf8CString)
        let number = mkstemp(&template)
        guard number >= 0 else { return nil }
        let file = OwnedDescriptor(number)
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        unlink(template)
        guard file.write(bytes), lseek(number, 0, SEEK_SET) == 0 else { return nil }
        return file
    }

    /// - Returns: the ends of a pipe to read from and to write to; `nil` where there are too many files open.
    static func pipe() -> DescriptorPair? {
        var ends: [Int32] = [-1, -1]
        #if canImport(Glibc)
            guard pipe2(&ends, O_CLOEXEC) == 0 else { return nil }
        #else
            guard Darwin.pipe(&ends) == 0 else { return nil }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        #endif
        return DescriptorPair(first: OwnedDescriptor(ends[0]), second: OwnedDescriptor(ends[1]))
    }

    /// Two connected sockets. Unlike a pipe, writing to one whose other end is gone can be had without SIGPIPE.
    static func socketPair() -> DescriptorPair? {
        var ends: [Int32] = [-1, -1]
        #if canImport(Glibc)
            let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { return nil }
        #else
            guard socketpair(AF_UNIX, SOCK_STREAM, 0, &ends) == 0 else { return nil }
            var one: Int32 = 1
            for end in ends {
                _ = fcntl(end, F_SETFD, FD_CLOEXEC)
                setsockopt(end, SOL_SOCKET, SO_NOSIGPIPE, &one, socklen_t(MemoryLayout<Int32>.size))
            }
        #endif
        return DescriptorPair(first: OwnedDescriptor(ends[0]), second: OwnedDescriptor(ends[1]))
    }

    /// Writes all, to a file.
    func write(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var start = 0
            while start < buffer.count {
                #if canImport(Glibc)
                    let count = Glibc.write(number, buffer.baseAddress.map { $0 + start }, buffer.count - start)
                #else
                    let count = Darwin.write(number, buffer.baseAddress.map { $0 + start }, buffer.count - start)
                #endif
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                start += count
            }
            return true
        }
    }

    /// - Returns: up to `count` bytes from where the last read ended; none at the end; `nil` where it cannot be read.
    func read(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        while true {
            #if canImport(Glibc)
                let found = Glibc.read(number, &bytes, count)
            #else
                let found = Darwin.read(number, &bytes, count)
            #endif
            if found < 0, errno == EINTR { continue }
            return found < 0 ? nil : Array(bytes.prefix(found))
        }
    }
}

/// The two ends of a pipe, or two connected sockets.
struct DescriptorPair: ~Copyable, Sendable {
    var first: OwnedDescriptor
    var second: OwnedDescriptor
}

extension DescriptorPair {
    /// Closes the second end.
    consuming func takeFirst() -> OwnedDescriptor { first }
}
