#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Whole files, read and written at once.
enum TextFile {
    /// - Throws: ``BenchError`` where the file cannot be read or is larger than `maximum` bytes.
    static func read(_ path: String, maximum: Int) throws(BenchError) -> [UInt8] {
        guard let file = fopen(path, "rb") else { throw .configuration("cannot open \(path): \(reason)") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            bytes += chunk[..<count]
            if bytes.count > maximum {
                throw .configuration("\(path) has more than \(maximum) bytes, the most that are read")
            }
            if count < chunk.count { break }
        }
        if ferror(file) != 0 { throw .configuration("cannot read \(path): \(reason)") }
        return bytes
    }

    /// The file appears whole or not at all, in the place of one that was there; a device, a pipe or a link is written to.
    static func write(_ bytes: [UInt8], to path: String) throws(BenchError) {
        let place = partialPath(path)
        guard let file = fopen(place, "wb") else { throw .failure("cannot write \(place): \(reason)") }
        let isWhole = fwrite(bytes, 1, bytes.count, file) == bytes.count
        guard fclose(file) == 0, isWhole else { throw .failure("cannot write \(place): \(reason)") }
        if place != path, rename(place, path) != 0 { throw .failure("cannot write \(path): \(reason)") }
    }

    /// - Throws: where a file could not be written there now, before much work is done for it.
    static func checkWritable(_ path: String) throws(BenchError) {
        if kind(of: path) == S_IFDIR { throw .failure("cannot write \(path): it is a folder") }
        let place = partialPath(path)
        guard place != path else { return }
        guard let file = fopen(place, "wb") else { throw .failure("cannot write \(place): \(reason)") }
        fclose(file)
        remove(place)
    }

    /// Where a file is written before it is moved to its place: beside it, or in it where something stands there that
    /// is to stay what it is, such as a device, a pipe, or a link like /dev/stdout.
    private static func partialPath(_ path: String) -> String {
        switch kind(of: path) {
        case nil, S_IFREG: path + ".partial"
        default: path
        }
    }

    /// The type bits of what stands there, links not followed; `nil` where nothing does.
    private static func kind(of path: String) -> mode_t? {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
    }

    static func exists(_ path: String) -> Bool { kind(of: path) != nil }

    /// Makes a folder and those above it that are missing.
    static func makeFolders(_ path: String) throws(BenchError) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += made.isEmpty || made.hasSuffix("/") ? part : "/" + part
            guard mkdir(made, 0o755) == 0 || errno == EEXIST else {
                throw .failure("cannot make the folder \(made): \(reason)")
            }
        }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw .failure("\(path) is no folder")
        }
    }

    static var reason: String { String(cString: strerror(errno)) }
}

/// Standard output and error, unbuffered.
struct TextOutput {
    private let descriptor: Int32

    static let standard = TextOutput(descriptor: 1)
    static let error = TextOutput(descriptor: 2)

    /// Whether a person reads it, so that a line may be overwritten.
    var isTerminal: Bool { isatty(descriptor) == 1 }

    func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var start = 0
            while start < bytes.count {
                let count = Glibc.write(descriptor, bytes.baseAddress! + start, bytes.count - start)
                guard count > 0 else { return }
                start += count
            }
        }
    }
}

/// Processors that this process may use.
func processorCount() -> Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
