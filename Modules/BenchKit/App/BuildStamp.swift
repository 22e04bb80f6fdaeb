#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Which sources this is, as far as the working folder tells.
enum BuildStamp {
    /// The commit that is checked out in the working folder or one above it; `unknown` where there is none.
    static func commit() -> String {
        var folder = "."
        for _ in 0..<8 {
            if let head = line("\(folder)/.git/HEAD") {
                guard head.hasPrefix("ref: ") else { return head }
                let name = String(head.dropFirst(5))
                return line("\(folder)/.git/\(name)") ?? packed(name, "\(folder)/.git/packed-refs") ?? "unknown"
            }
            folder += "/.."
        }
        return "unknown"
    }

    private static func line(_ path: String) -> String? {
        guard let bytes = try? TextFile.read(path, maximum: 1 << 12) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        return text.split(separator: "\n").first.map(String.init)
    }

    private static func packed(_ name: String, _ path: String) -> String? {
        guard let bytes = try? TextFile.read(path, maximum: 4 << 20) else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        return lines.first { $0.hasSuffix(" \(name)") }.map { String($0.prefix { $0 != " " }) }
    }
}
