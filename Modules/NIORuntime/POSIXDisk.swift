package import Storage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The filesystem of the machine.
///
/// Every call is retried when a signal interrupts it, short reads and writes are gone on with, and failures carry the
/// system's number and text. Calls block: they belong on a storage thread.
package struct POSIXDisk: Disk {
    package init() {}

    /// Creates a folder and the folders above it, each made durable by syncing the one above.
    package func createFolder(_ path: String) throws(DiskError) {
        var prefix = path.hasPrefix("/") ? "/" : ""
        var above: String?
        for part in path.split(separator: "/") {
            let parent = prefix.isEmpty ? "." : prefix
            above = parent
            prefix += prefix.isEmpty || prefix == "/" ? String(part) : "/" + part
            if mkdir(prefix, 0o750) == 0 {
                try syncFolder(parent)
                continue
            }
            let problem = errno
            guard problem == EEXIST || isFolder(prefix) else {
                throw DiskError(operation: "create folder", path: prefix, number: problem)
            }
        }
        guard isFolder(path) else { throw DiskError(operation: "create folder", path: path, number: ENOTDIR) }
        // It may have been made by somebody who did not sync its name, or died before: without it all that is in it is lost.
        guard let above else { return }
        do throws(DiskError) {
            try syncFolder(above)
        } catch {
            // Whoever may not open the parent cannot have made the folder.
            guard error.errorNumber == EACCES else { throw error }
        }
    }

    package func list(_ path: String) throws(DiskError) -> [String] {
        guard let folder = opendir(path) else {
            if errno == ENOENT { return [] }
            throw DiskError(operation: "list", path: path, number: errno)
        }
        defer { closedir(folder) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(folder) else {
                if errno != 0 { throw DiskError(operation: "list", path: path, number: errno) }
                return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            }
            let name = entryName(entry)
            if name != ".", name != ".." { names.append(name) }
        }
    }

    package func open(_ path: String, creating: Bool) throws(DiskError) -> any DiskFile {
        let flags = O_RDWR | O_CLOEXEC | (creating ? O_CREAT : 0)
        let descriptor = try checked("open", path) { openFile(path, flags) }
        return POSIXFile(descriptor: descriptor, path: path)
    }

    package func exists(_ path: String) throws(DiskError) -> Bool {
        var status = stat()
        if stat(path, &status) == 0 { return true }
        if errno == ENOENT || errno == ENOTDIR { return false }
        throw DiskError(operation: "look up", path: path, number: errno)
    }

    package func rename(_ path: String, to newPath: String) throws(DiskError) {
        try checked("rename", path) { renameFile(path, newPath) }
    }

    package func remove(_ path: String) throws(DiskError) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return }
            throw DiskError(operation: "remove", path: path, number: errno)
        }
        let isFolder = status.st_mode & S_IFMT == S_IFDIR
        if isFolder {
            for name in try list(path) { try remove(path + "/" + name) }
        }
        guard (isFolder ? rmdir(path) : unlink(path)) == 0 || errno == ENOENT else {
            throw DiskError(operation: "remove", path: path, number: errno)
        }
    }

    package func syncFolder(_ path: String) throws(DiskError) {
        let descriptor = try checked("open folder", path) { openFile(path, O_RDONLY | O_CLOEXEC) }
        defer { closeFile(descriptor) }
        try checked("sync folder", path) { fsync(descriptor) }
    }

    package func lock(_ path: String) throws(DiskError) -> any DiskLock {
        try POSIXLock(path: path)
    }

    private func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private func entryName(_ entry: UnsafeMutablePointer<dirent>) -> String {
        withUnsafePointer(to: &entry.pointee.d_name) { name in
            String(cString: UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self))
        }
    }
}
