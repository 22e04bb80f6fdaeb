internal import StatorCore

/// What becomes of changes that no sync has made durable, at a crash.
package enum UnsyncedFate: Sendable {
    /// Each one is kept, dropped or (a write) torn at a random byte.
    case random
    /// All are kept: the machine wrote everything back just in time.
    case kept
    /// All are dropped.
    case lost
}

extension SimulatedDisk {
    /// Power cut: unsynced changes meet their fate, open files and locks are gone.
    package func crash(_ fate: UnsyncedFate = .random) {
        generation += 1
        locks.removeAll()
        faultCounters.crashes += 1
        for change in pendingChanges {
            let isKept = fate == .kept || (fate == .random && random.chance(0.5))
            if isKept { change.apply(to: &durableEntries) } else { faultCounters.entriesLostAtCrash += 1 }
        }
        pendingChanges.removeAll()
        entries = durableEntries
        for path in entries.keys.sorted() { entries[path]?.file.settle(fate, using: &random, &faultCounters) }
        recount()
    }

    /// Kills what uses the disk: open files and locks are gone, and what is unsynced stays readable and unsynced.
    package func endProcesses() {
        generation += 1
        faultCounters.processKills += 1
        locks.removeAll()
    }
}
