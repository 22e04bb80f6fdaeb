internal import Crypto
internal import Processes

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What somebody has to know who wants to see the same: the program, and the machine it ran on.
enum Provenance {
    static let version = "0.1.0"

    /// - Parameter folder: where the results are, for its filesystem.
    static func facts(folder: String) -> [(name: String, value: String)] {
        [
            ("stator", version),
            ("commit", BuildStamp.commit()),
            ("working tree", workingTree()),
            ("swift", compiler),
            ("processor", field("model name", in: "/proc/cpuinfo") ?? "unknown"),
            ("processors in use", "\(processorCount())"),
            ("memory", field("MemTotal", in: "/proc/meminfo") ?? "unknown"),
            ("kernel", line("/proc/sys/kernel/osrelease") ?? "unknown"),
            ("system", osRelease ?? "unknown"),
            ("filesystem", filesystem(of: folder) ?? "unknown"),
        ]
    }

    static func sha256(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { byte in
            let digits = String(byte, radix: 16)
            return digits.utf8.count == 1 ? "0" + digits : digits
        }.joined()
    }

    /// Of this program, so that results of two builds are never taken for those of one.
    static func programHash() -> String {
        guard let bytes = try? TextFile.read("/proc/self/exe", maximum: 1 << 30) else { return "unknown" }
        return sha256(bytes)
    }

    private static var compiler: String {
        #if compiler(>=6.4)
            "6.4 or later"
        #elseif compiler(>=6.3)
            "6.3"
        #else
            "6.2"
        #endif
    }

    private static func workingTree() -> String {
        guard let status = try? CommandOutput.run(["git", "status", "--porcelain"], within: .seconds(20)),
            status.status == 0
        else { return "unknown" }
        return status.output.isEmpty ? "clean" : "dirty"
    }

    private static func line(_ path: String) -> String? {
        guard let bytes = try? TextFile.read(path, maximum: 1 << 16) else { return nil }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").first.map(String.init)
    }

    /// The value of the first `name : value` of a file of such lines.
    private static func field(_ name: String, in path: String) -> String? {
        guard let bytes = try? TextFile.read(path, maximum: 4 << 20) else { return nil }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where line.hasPrefix(name) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            return String(line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" })
        }
        return nil
    }

    private static var osRelease: String? {
        guard let bytes = try? TextFile.read("/etc/os-release", maximum: 1 << 16) else { return nil }
        let prefix = "PRETTY_NAME="
        let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix(prefix) }
        return line.map { String($0.dropFirst(prefix.count).filter { $0 != "\"" }) }
    }

    /// The type of the mount that a folder lies in: the longest one that is a part of its path.
    private static func filesystem(of folder: String) -> String? {
        guard let resolved = realpath(folder, nil) else { return nil }
        defer { free(resolved) }
        let path = String(cString: resolved)
        guard let bytes = try? TextFile.read("/proc/self/mounts", maximum: 4 << 20) else { return nil }
        var best: (length: Int, type: String)?
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: " ")
            guard parts.count > 2 else { continue }
            let place = String(parts[1])
            let isAbove = place == "/" || path == place || path.hasPrefix(place + "/")
            if isAbove, place.utf8.count >= best?.length ?? 0 { best = (place.utf8.count, String(parts[2])) }
        }
        return best?.type
    }
}
