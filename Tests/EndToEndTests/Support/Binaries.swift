import Foundation

/// Where the programs under test are: named by the environment, otherwise beside the test bundle.
enum Binaries {
    static func node() throws -> String {
        try found("stator-node", variable: "STATOR_NODE_BINARY")
    }

    static func control() throws -> String {
        try found("statorctl", variable: "STATOR_CTL_BINARY")
    }

    static func bench() throws -> String {
        try found("stator-bench", variable: "STATOR_BENCH_BINARY")
    }

    /// - Returns: the path of a program of the system, if it is installed.
    static func system(_ name: String) -> String? {
        ["/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/", "/usr/local/bin/"].map { $0 + name }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    private static func found(_ name: String, variable: String) throws -> String {
        if let path = ProcessInfo.processInfo.environment[variable], !path.isEmpty {
            guard FileManager.default.isExecutableFile(atPath: path) else {
                throw HarnessError("\(variable) is \(path), where no program is")
            }
            return path
        }
        var tried: [String] = []
        let starts: [String?] = [CommandLine.arguments.first, Bundle.main.executablePath, Bundle.main.bundlePath]
        for start in starts.compactMap(\.self) {
            let path = URL(fileURLWithPath: start).deletingLastPathComponent().appendingPathComponent(name).path
            if FileManager.default.isExecutableFile(atPath: path) { return path }
            tried.append(path)
        }
        throw HarnessError("no \(name) at \(tried.joined(separator: ", ")): build it, or set \(variable)")
    }
}
