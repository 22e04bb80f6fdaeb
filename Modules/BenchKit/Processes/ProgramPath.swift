#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Finds programs as a shell does.
package enum ProgramPath {
    /// - Parameter name: a path where it has a slash; otherwise a name that is looked for in the folders of PATH.
    /// - Returns: an absolute path.
    /// - Throws: ``LocalError/programNotFound(_:)`` where no file stands there that may be run.
    package static func find(_ name: String) throws(LocalError) -> String {
        if name.contains("/") {
            guard isProgram(name), let path = absolute(name) else { throw .programNotFound(name) }
            return path
        }
        let folders = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
        for folder in folders.split(separator: ":", omittingEmptySubsequences: false) where !name.isEmpty {
            let path = (folder.isEmpty ? "." : String(folder)) + "/" + name
            if isProgram(path), let found = absolute(path) { return found }
        }
        throw .programNotFound(name)
    }

    private static func isProgram(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
    }

    /// - Returns: the path from the root; links stay, since programs go by the name that they are called by.
    static func absolute(_ path: String) -> String? {
        if path.hasPrefix("/") { return path }
        guard let buffer = getcwd(nil, 0) else { return nil }
        defer { free(buffer) }
        return String(cString: buffer) + "/" + path
    }
}
