internal import StatorCore
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

/// What a ``SimulatedDisk`` does wrong. All off at first.
package struct DiskFaults: Sendable {
    /// Each call of a kind fails with EIO with this probability.
    package var probability: [DiskCall: Double] = [:]
    /// The most bytes that all files may have together; beyond it, writes fail with ENOSPC.
    package var capacity: Int?
    /// Every sync of a file fails with EIO while this is set.
    package var failsSyncs = false

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
}

extension SimulatedDisk {
    /// Throws where a fault is due for this call.
    func fail(_ call: DiskCall, _ path: String) throws(DiskError) {
        if call == .sync, faults.failsSyncs { throw .simulated("sync", path, EIO) }
        for index in faults.once.indices where faults.once[index].call == call {
            if faults.once[index].after > 0 {
                faults.once[index].after -= 1
                continue
            }
            let fault = faults.once.remove(at: index)
            throw .simulated("\(call)", path, fault.errorNumber)
        }
        if let probability = faults.probability[call], random.chance(probability) {
            throw .simulated("\(call)", path, EIO)
        }
    }

    /// How many bytes files may still grow by.
    func room() -> Int {
        guard let capacity = faults.capacity else { return .max }
        return max(0, capacity - usedBytes)
    }

    package var usedBytes: Int { entries.values.reduce(0) { $0 + $1.content.count } }

    /// Bit rot: flips one bit of a file, durably. Nothing happens beyond its end.
    package func flipBit(_ path: String, offset: Int, bit: Int = 0) {
        guard let inode = entries[SimulatedDisk.normal(path)], inode.content.indices.contains(offset) else { return }
        inode.content[offset] ^= 1 << UInt8(bit & 7)
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
