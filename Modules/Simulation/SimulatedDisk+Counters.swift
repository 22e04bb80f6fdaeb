/// How often what was called, and how much it moved.
package struct DiskCounters: Hashable, Sendable {
    package var reads = 0
    package var writes = 0
    package var syncs = 0
    package var folderSyncs = 0
    package var bytesRead = 0
    package var bytesWritten = 0
}

extension SimulatedDisk {
    struct Books: Sendable {
        var counters = DiskCounters()
        var usedBytes = 0

        mutating func noteRead(_ bytes: Int) {
            counters.reads += 1
            counters.bytesRead += bytes
        }

        mutating func noteWrite(_ bytes: Int, growth: Int) {
            counters.writes += 1
            counters.bytesWritten += bytes
            usedBytes += growth
        }
    }

    package var counters: DiskCounters { books.counters }

    /// What all files that programs find have together.
    package var usedBytes: Int { books.usedBytes }
}

/// The faults of a ``SimulatedDisk`` that happened, by class.
package struct DiskFaultCounters: Hashable, Sendable {
    /// Calls of each kind that failed because they were made to.
    package var failedReads = 0
    package var failedWrites = 0
    /// Of files and of folders.
    package var failedSyncs = 0
    /// Opening, truncating, and what concerns folders.
    package var failedOthers = 0
    /// Writes that found no room.
    package var fullDisk = 0
    /// Writes that succeeded and left nothing.
    package var lostWrites = 0
    /// Writes that succeeded and landed in a wrong place.
    package var misdirectedWrites = 0
    /// Writes that succeeded with one bit flipped.
    package var flippedWrites = 0
    /// Bits flipped at rest.
    package var rottenBits = 0
    /// Files lost, cut short or overwritten at rest.
    package var damagedFiles = 0
    /// Power cuts.
    package var crashes = 0
    /// Ends of processes that left the disk as it was.
    package var processKills = 0
    /// Unsynced writes and truncations that crashes took back.
    package var changesLostAtCrash = 0
    /// Unsynced writes of which crashes left a part.
    package var writesTornAtCrash = 0
    /// Unsynced creations, renames and removals that crashes took back.
    package var entriesLostAtCrash = 0

    package init() {}

    mutating func noteFailure(of call: DiskCall) {
        switch call {
        case .read: failedReads += 1
        case .write: failedWrites += 1
        case .sync, .folderSync: failedSyncs += 1
        case .open, .truncate, .folder: failedOthers += 1
        }
    }
}
