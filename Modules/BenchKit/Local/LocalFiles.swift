#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The files and folders of a local cluster.
enum LocalFiles {
    /// What the last call of the system says went wrong.
    static var reason: String { String(cString: strerror(errno)) }

    /// Makes a folder and those above it, where they are not there.
    static func makeFolder(_ path: String) throws(LocalError) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += part + "/"
            guard mkdir(made, 0o755) == 0 || errno == EEXIST else { throw .notWritable(path: made, reason: reason) }
        }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw .notWritable(path: path, reason: "it is no folder")
        }
        guard access(path, W_OK | X_OK) == 0 else { throw .notWritable(path: path, reason: reason) }
    }

    static func write(_ text: String, to path: String) throws(LocalError) {
        guard let file = OwnedDescriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC), file.write(Array(text.utf8)) else {
            throw .notWritable(path: path, reason: reason)
        }
    }

    /// - Returns: at most `maximum` bytes of the file's beginning; `nil` where it cannot be read.
    static func read(_ path: String, maximum: Int) -> [UInt8]? {
        guard let file = OwnedDescriptor.open(path, O_RDONLY) else { return nil }
        var bytes: [UInt8] = []
        while bytes.count < maximum {
            guard let more = file.read(min(maximum - bytes.count, 1 << 14)) else { return nil }
            if more.isEmpty { break }
            bytes += more
        }
        return bytes
    }

    /// - Returns: the last lines of a file, at most `count` of them and 8 KiB; none where it cannot be read.
    static func lastLines(_ path: String, count: Int) -> [String] {
        let most = 8 << 10
        guard let file = OwnedDescriptor.open(path, O_RDONLY) else { return [] }
        let size = lseek(file.number, 0, SEEK_END)
        guard size >= 0, lseek(file.number, max(0, size - off_t(most)), SEEK_SET) >= 0 else { return [] }
        var lines = String(decoding: file.read(most) ?? [], as: UTF8.self).split(separator: "\n")
        // The first of them may begin in its middle.
        if size > most, lines.count > 1 { lines.removeFirst() }
        return lines.suffix(count).map(String.init)
    }

    /// - Returns: the names in a folder, sorted, without `.` and `..`; `nil` where it is none.
    static func names(in folder: String) -> [String]? {
        guard let open = opendir(folder) else { return nil }
        defer { closedir(open) }
        var names: [String] = []
        while let entry = readdir(open) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: field.pointee)) {
                    String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Removes a file, a link, or a folder with what is in it, following no link.
    /// - Throws: ``LocalError/notWritable(path:reason:)`` where something stays. Nothing being there is no error.
    static func removeAll(_ path: String) throws(LocalError) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return }
            throw .notWritable(path: path, reason: reason)
        }
        if status.st_mode & S_IFMT == S_IFDIR {
            for name in names(in: path) ?? [] { try removeAll("\(path)/\(name)") }
        }
        guard remove(path) == 0 || errno == ENOENT else { throw .notWritable(path: path, reason: reason) }
    }
}
