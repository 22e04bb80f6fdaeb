#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What the system says of a process: `/proc/PID/stat` and `/proc/PID/status`.
package struct ProcessFigures: Hashable, Sendable {
    package var processorSeconds = 0.0
    /// 0 where it has ended.
    package var residentBytes = 0

    /// - Returns: `nil` where there is no such process.
    package static func of(_ pid: Int32) -> ProcessFigures? {
        guard let stat = text("/proc/\(pid)/stat"),
            let status = text("/proc/\(pid)/status")
        else { return nil }
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        return ProcessFigures(stat: stat, status: status, ticksPerSecond: ticks)
    }

    private static func text(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 14)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    package init(processorSeconds: Double = 0, residentBytes: Int = 0) {
        self.processorSeconds = processorSeconds
        self.residentBytes = residentBytes
    }

    /// - Returns: `nil` where the texts are not what Linux writes.
    package init?(stat: String, status: String, ticksPerSecond: Double) {
        // The name in parentheses may hold anything, parentheses too.
        guard let close = stat.lastIndex(of: ")"), ticksPerSecond > 0 else { return nil }
        let fields = stat[stat.index(after: close)...].split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return nil }
        processorSeconds = (user + system) / ticksPerSecond
        for line in status.split(separator: "\n") where line.hasPrefix("VmRSS:") {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            if words.count > 1, let kibibytes = Int(words[1]), kibibytes < 1 << 50 { residentBytes = kibibytes << 10 }
        }
    }
}
