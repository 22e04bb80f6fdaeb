internal import Composition
internal import Logging
internal import NIORuntime
internal import StatorCore
internal import Storage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// Logs to the terminal, and to the node's log file where one is configured.
enum LogSetup {
    static func logger(for configuration: NodeConfiguration) throws -> Logger {
        var descriptors = [STDERR_FILENO]
        if !configuration.node.logFile.isEmpty { descriptors.append(try open(configuration.node.logFile)) }
        let level = Logger.Level(rawValue: configuration.node.logLevel.rawValue) ?? .info
        let lines = descriptors
        return Logger(label: "stator") { _ in LineLogHandler(descriptors: lines, logLevel: level) }
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
        guard descriptor >= 0 else {
            throw LogFileError(description: "cannot write the log \(path): \(String(cString: strerror(errno)))")
        }
        return descriptor
    }
}

struct LogFileError: Error, CustomStringConvertible {
    let description: String
}

/// One line a message: time, level, node, text, other metadata. Each line is one `write`, so that lines of several
/// threads do not mix.
struct LineLogHandler: LogHandler {
    let descriptors: [Int32]
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    init(descriptors: [Int32], logLevel: Logger.Level) {
        self.descriptors = descriptors
        self.logLevel = logLevel
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata
        if let own = event.metadata { all.merge(own) { $1 } }
        let node = all.removeValue(forKey: "node").map { "\($0) " } ?? ""
        let rest = all.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        var line = "\(LineLogHandler.timestamp()) \(event.level) \(node)\(event.message)\(rest)\n"
        line.withUTF8 { bytes in
            for descriptor in descriptors { _ = write(descriptor, bytes.baseAddress, bytes.count) }
        }
    }

    /// UTC with milliseconds, as in `2026-01-31T12:00:00.123Z`.
    private static func timestamp() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var seconds = now.tv_sec
        var parts = tm()
        gmtime_r(&seconds, &parts)
        var text = [CChar](repeating: 0, count: 32)
        strftime(&text, text.count, "%Y-%m-%dT%H:%M:%S", &parts)
        let milliseconds = String(now.tv_nsec / 1_000_000)
        let padding = String(repeating: "0", count: 3 - milliseconds.count)
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            + ".\(padding)\(milliseconds)Z"
    }
}
