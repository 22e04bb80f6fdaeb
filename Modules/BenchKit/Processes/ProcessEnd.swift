/// How a process ended.
package enum ProcessEnd: Hashable, Sendable, CustomStringConvertible {
    /// By itself, with this status: 0 ... 255.
    case exited(Int32)
    /// By a signal of this number.
    case killed(Int32)
    /// Somebody else took the status, as the system does where SIGCHLD is ignored.
    case unknown

    /// - Parameter status: what `waitpid` gives.
    init(waitStatus status: Int32) {
        let signal = status & 0x7F
        self = signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal)
    }

    /// Whether it ended by itself with status 0.
    package var isSuccess: Bool { self == .exited(0) }

    package var description: String {
        switch self {
        case .exited(let status): "ended with status \(status)"
        case .killed(let signal): "was ended by signal \(signal)"
        case .unknown: "ended, nobody knows how"
        }
    }
}

/// What a process had used when it ended, as the system counted it.
package struct ProcessUsage: Hashable, Sendable {
    /// User and system time of the process, in seconds.
    package var cpuSeconds = 0.0
    /// The most memory that was resident at once, in bytes.
    package var peakResidentBytes = 0

    package init(cpuSeconds: Double = 0, peakResidentBytes: Int = 0) {
        self.cpuSeconds = cpuSeconds
        self.peakResidentBytes = peakResidentBytes
    }
}
