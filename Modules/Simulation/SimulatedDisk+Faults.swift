package import StatorCore
internal import Storage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The calls that can be made to fail.
package enum DiskCall: Hashable, Sendable, CaseIterable {
    case open, read, write, truncate, sync, folderSync
    /// Creating, listing, looking up, renaming, removing.
    case folder
}

/// What a ``SimulatedDisk`` does wrong. All off at first, and free while it is off.
package struct DiskFaults: Sendable {
    /// Each call of a kind fails with EIO with this probability.
    package var probability: [DiskCall: Double] = [:]
    /// The probability that a write succeeds and leaves the old bytes in place, zeros beyond the old end.
    package var lostWrites = 0.0
    /// The probability that a write succeeds and its bytes land elsewhere: at another offset of the file, or in another
    /// file, as far as that reaches. The right place keeps its old bytes, zeros beyond the old end. Where there is no
    /// other place the write is lost.
    package var misdirectedWrites = 0.0
    /// The probability that a write succeeds with one of its bits flipped.
    package var flippedWrites = 0.0
    /// What all of the probabilities are restricted to: paths that start with one of these texts. Empty is no
    /// restriction.
    package var pathPrefixes: [String] = []
    /// The most bytes that all files may have together; beyond it, writes fail with ENOSPC.
    package var capacity: Int?
    /// Every sync of a file fails with EIO while this is set.
    package var failsSyncs = false
    /// How many times as long loads and syncs take.
    package var slowness = 1.0
    /// When it is as fast as before: what is under way then ends soon.
    package var slowUntil: Instant?

    /// The calls that fail once each, in any order, and with what.
    var once: [(call: DiskCall, errorNumber: Int32, after: Int)] = []

    package init() {}

    /// Makes one later call fail.
    /// - Parameters:
    ///   - after: how many calls of this kind succeed before.
    ///   - errorNumber: EIO where none is given.
    package mutating func failNext(_ call: DiskCall, after: Int = 0, errorNumber: Int32 = EIO) {
        once.append((call, errorNumber, after))
    }

    /// Whether writes go through as they are.
    var spareWrites: Bool { !canFailCalls && capacity == nil && !canDamageWrites }

    var canFailCalls: Bool { failsSyncs || !once.isEmpty || !probability.isEmpty }

    var canDamageWrites: Bool { lostWrites > 0 || misdirectedWrites > 0 || flippedWrites > 0 }
}

extension SimulatedDisk {
    /// Throws where a fault is due for this call.
    func fail(_ call: DiskCall, _ path: String) throws(DiskError) {
        guard canFailCalls, let errorNumber = errorDue(call, path) else { return }
        faultCounters.noteFailure(of: call)
        throw .simulated("\(call)", path, errorNumber)
    }

    private func errorDue(_ call: DiskCall, _ path: String) -> Int32? {
        if call == .sync, faults.failsSyncs { return EIO }
        for index in faults.once.indices where faults.once[index].call == call {
            if faults.once[index].after > 0 {
                faults.once[index].after -= 1
                continue
            }
            return faults.once.remove(at: index).errorNumber
        }
        guard let probability = faults.probability[call], isFaultProne(SimulatedDisk.normal(path)) else { return nil }
        return random.chance(probability) ? EIO : nil
    }

    /// Whether the faults with a probability concern a path, given in its normal form.
    func isFaultProne(_ path: String) -> Bool {
        faults.pathPrefixes.isEmpty || faults.pathPrefixes.contains { path.utf8.starts(with: $0.utf8) }
    }

    /// How many bytes files may still grow by.
    func room() -> Int {
        guard let capacity = faults.capacity else { return .max }
        return max(0, capacity - usedBytes)
    }
}

extension DiskError {
    static func simulated(_ operation: String, _ path: String, _ errorNumber: Int32) -> DiskError {
        let reason =
            switch errorNumber {
            case EIO: "Input/output error"
            case ENOSPC: "No space left on device"
            case ENOENT: "No such file or directory"
            case EBADF: "Bad file descriptor"
            case EWOULDBLOCK: "Resource temporarily unavailable"
            default: "error \(errorNumber)"
            }
        return DiskError(operation: operation, path: path, errorNumber: errorNumber, reason: "\(reason) (simulated)")
    }
}
