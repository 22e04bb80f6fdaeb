internal import Composition
internal import Logging
internal import StatorCore

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// Where a node's log goes: to the file that the configuration names, otherwise to standard error; never to both.
struct LogSetup {
    let logger: Logger
    /// `nil` where the log goes to standard error.
    let file: LogFile?

    /// - Throws: where the file cannot be written.
    init(for configuration: NodeConfiguration) throws(LogFileError) {
        let path = configuration.node.logFile
        file = path.isEmpty ? nil : try LogFile(path)
        let descriptor = file?.descriptor ?? STDERR_FILENO
        let level = Logger.Level(rawValue: configuration.node.logLevel.rawValue) ?? .info
        logger = Logger(label: "stator") { _ in LineLogHandler(descriptor: descriptor, logLevel: level) }
    }
}

/// One line a message: time, level, node, text, other metadata. Each line is one `write`, so that lines of several
/// threads do not mix.
struct LineLogHandler: LogHandler {
    let descriptor: Int32
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    init(descriptor: Int32, logLevel: Logger.Level) {
        self.descriptor = descriptor
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
        line.withUTF8 { bytes in _ = write(descriptor, bytes.baseAddress, bytes.count) }
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
