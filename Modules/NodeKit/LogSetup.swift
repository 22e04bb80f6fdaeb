internal import Composition
internal import Logging
internal import NIORuntime
internal import StatorCore
internal import Synchronization

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
        let repeats = SharedRepeats()
        logger = Logger(label: "stator") { _ in
            LineLogHandler(descriptor: descriptor, logLevel: level, repeats: repeats)
        }
    }
}

/// Of all loggers of a node.
final class SharedRepeats: Sendable {
    let lines = Mutex(RepeatedLines())
}

/// One line a message: time, level, node, text, other metadata. Each line is one `write`, so that lines of several
/// threads do not mix. Equal warnings and errors are counted, not repeated.
struct LineLogHandler: LogHandler {
    let descriptor: Int32
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    private let repeats: SharedRepeats

    init(descriptor: Int32, logLevel: Logger.Level, repeats: SharedRepeats) {
        self.descriptor = descriptor
        self.logLevel = logLevel
        self.repeats = repeats
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
        let text = "\(event.level) \(node)\(event.message)\(rest)"
        // What only informs is told each time: nothing of it comes by the thousand.
        let due =
            event.level < .warning
            ? [text] : repeats.lines.withLock { $0.take(text, at: LineLogHandler.monotonic()) }
        for text in due {
            var line = "\(LineLogHandler.timestamp()) \(text)\n"
            line.withUTF8 { bytes in _ = write(descriptor, bytes.baseAddress, bytes.count) }
        }
    }

    /// Nanoseconds of a clock that never steps.
    private static func monotonic() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
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
