internal import Processes

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What is wrong with a local cluster, for people, and the status that a program ends with.
package struct ClusterError: Error, CustomStringConvertible {
    package let description: String
    package let status: Int32

    private init(_ description: String, status: Int32) {
        self.description = description
        self.status = status
    }

    package static func failure(_ text: String) -> ClusterError { ClusterError(text, status: 1) }
    package static func usage(_ text: String) -> ClusterError { ClusterError(text, status: 64) }
    package static func configuration(_ text: String) -> ClusterError { ClusterError(text, status: 78) }
    package static var interrupted: ClusterError { ClusterError("interrupted", status: 130) }

    /// What another program of ours said before it ended with that status.
    static func said(_ text: String, status: Int32) -> ClusterError { ClusterError(text, status: status) }

    static func of<Outcome>(_ body: () throws(ProcessError) -> Outcome) throws(ClusterError) -> Outcome {
        do throws(ProcessError) {
            return try body()
        } catch {
            throw .failure(error.description)
        }
    }
}

/// What this module does with files; every failure in one sentence.
enum Files {
    static func text(_ path: String, maximum: Int = 4 << 20) -> String? {
        guard let file = fopen(path, "rb") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: maximum)
        let count = fread(&bytes, 1, maximum, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    /// The last lines of a file that may be long.
    static func tail(_ path: String, bytes wanted: Int = 1 << 18, after start: Int = 0) -> [Substring] {
        guard let file = fopen(path, "rb") else { return [] }
        defer { fclose(file) }
        fseek(file, max(start, size(path) - wanted), SEEK_SET)
        var bytes = [UInt8](repeating: 0, count: wanted)
        let count = fread(&bytes, 1, wanted, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: "\n")
    }

    static func isLink(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    /// The file appears whole or not at all.
    static func write(_ text: String, to path: String) throws(ClusterError) {
        let partial = path + ".partial"
        guard let file = fopen(partial, "wb") else { throw .failure("cannot write \(partial): \(reason)") }
        let bytes = Array(text.utf8)
        let isWhole = fwrite(bytes, 1, bytes.count, file) == bytes.count
        guard fclose(file) == 0, isWhole, rename(partial, path) == 0 else {
            throw .failure("cannot write \(path): \(reason)")
        }
    }

    static func makeFolder(_ path: String) throws(ClusterError) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += made.isEmpty || made.hasSuffix("/") ? part : "/" + part
            guard mkdir(made, 0o755) == 0 || errno == EEXIST else {
                throw .failure("cannot make the folder \(made): \(reason)")
            }
        }
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
    static func isProgram(_ path: String) -> Bool { access(path, X_OK) == 0 }
    static func remove(_ path: String) { unlink(path) }
    static func size(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    static var reason: String { String(cString: strerror(errno)) }
}
