#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What the system says of a process: `/proc/PID/stat` and `/proc/PID/status`.
struct ProcessFigures: Hashable, Sendable {
    var processorSeconds = 0.0
    var residentBytes = 0

    /// - Returns: `nil` where there is no such process.
    static func of(_ pid: Int32) -> ProcessFigures? {
        guard let stat = try? TextFile.read("/proc/\(pid)/stat", maximum: 1 << 16),
            let status = try? TextFile.read("/proc/\(pid)/status", maximum: 1 << 16)
        else { return nil }
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        return ProcessFigures(
            stat: String(decoding: stat, as: UTF8.self), status: String(decoding: status, as: UTF8.self),
            ticksPerSecond: ticks)
    }

    init(processorSeconds: Double = 0, residentBytes: Int = 0) {
        self.processorSeconds = processorSeconds
        self.residentBytes = residentBytes
    }

    /// - Returns: `nil` where the texts are not what Linux writes.
    init?(stat: String, status: String, ticksPerSecond: Double) {
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
