#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What a process has used so far, as Linux shows it under `/proc`.
package struct ProcessFigures: Hashable, Sendable {
    /// User and system time, in seconds; counted in ticks, mostly of 10 ms.
    package var cpuSeconds: Double
    /// Memory that is resident now, in bytes.
    package var residentBytes: Int
    /// The most memory that was resident at once, in bytes.
    package var peakResidentBytes: Int

    package init(cpuSeconds: Double, residentBytes: Int, peakResidentBytes: Int) {
        self.cpuSeconds = cpuSeconds
        self.residentBytes = residentBytes
        self.peakResidentBytes = peakResidentBytes
    }

    /// Reads the two texts (proc(5)).
    /// - Parameters:
    ///   - stat: of `/proc/PID/stat`.
    ///   - status: of `/proc/PID/status`.
    ///   - ticksPerSecond: `sysconf(_SC_CLK_TCK)`, positive.
    /// - Returns: `nil` where a figure is missing or is none, as of a process that has ended and was not reaped.
    package init?(stat: String, status: String, ticksPerSecond: Int) {
        guard ticksPerSecond > 0, let ticks = Self.cpuTicks(stat), let resident = Self.bytes("VmRSS", status),
            let peak = Self.bytes("VmHWM", status)
        else { return nil }
        cpuSeconds = Double(ticks) / Double(ticksPerSecond)
        residentBytes = resident
        peakResidentBytes = peak
    }

    /// - Returns: `nil` where there is no such process, or no `/proc`.
    static func current(of pid: Int32) -> ProcessFigures? {
        guard let stat = LocalFiles.read("/proc/\(pid)/stat", maximum: 1 << 14),
            let status = LocalFiles.read("/proc/\(pid)/status", maximum: 1 << 16)
        else { return nil }
        return ProcessFigures(
            stat: String(decoding: stat, as: UTF8.self), status: String(decoding: status, as: UTF8.self),
            ticksPerSecond: sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Fields 14 and 15. The second, the program's name in parentheses, may hold spaces and parentheses itself; behind
    /// its last one there are none.
    private static func cpuTicks(_ stat: String) -> UInt64? {
        let bytes = Array(stat.utf8)
        guard let end = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = bytes[(end + 1)...].split { $0 == 0x20 || $0 == 0x0A }
        guard fields.count > 12, let user = number(fields[11]), let system = number(fields[12]) else { return nil }
        let (sum, overflow) = user.addingReportingOverflow(system)
        return overflow ? nil : sum
    }

    /// A line such as `VmRSS:	    1234 kB`.
    private static func bytes(_ name: String, _ status: String) -> Int? {
        let start = Array("\(name):".utf8)
        guard let line = Array(status.utf8).split(separator: 0x0A).first(where: { $0.starts(with: start) }) else {
            return nil
        }
        let words = line.dropFirst(start.count).split { $0 == 0x20 || $0 == 0x09 }
        guard words.count == 2, words[1].elementsEqual("kB".utf8), let kibibytes = number(words[0]) else { return nil }
        let (bytes, overflow) = kibibytes.multipliedReportingOverflow(by: 1024)
        return overflow ? nil : Int(exactly: bytes)
    }

    /// Digits only: no sign, nothing else that `UInt64.init` would take.
    private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return UInt64(String(decoding: digits, as: UTF8.self))
    }
}
