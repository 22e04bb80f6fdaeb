internal import Simulation
internal import StatorCore

/// Faults of one node's disk.
extension SimulationRun {
    /// - Returns: whether the fault could happen.
    func harmDisk(_ fault: PlannedFault) -> Bool {
        switch fault.kind {
        case .diskErrors(let node, let probability):
            return harm(node, "fails now and then") { faults, _ in
                faults.probability = [.read: probability / 4, .write: probability, .open: probability]
            }
        case .failingSyncs(let node):
            return harm(node, "fails to sync") { faults, _ in faults.failsSyncs = true }
        case .fullDisk(let node):
            // Some have room left in the files that are there, and none for another file.
            if fault.begin & 1 == 1 {
                return harm(node, "takes no more files") { faults, _ in faults.probability = [.open: 1] }
            }
            return harm(node, "is full") { faults, disk in faults.capacity = disk.usedBytes + 256 }
        case .slowDisk(let node, let factor):
            // Faults end with their phase, if not before.
            let length = min(fault.length, max(0, file.phases.faults.nanoseconds - fault.begin))
            let end = cluster.time.nanoseconds + length
            return harm(node, "is slow, \(Int(factor)) times") { faults, _ in
                faults.slowness = factor
                faults.slowUntil = Instant(nanoseconds: end)
            }
        case .lostWrites(let node, let probability):
            return harm(node, "drops writes", forgets: true) { faults, _ in faults.lostWrites = probability }
        case .misdirectedWrites(let node, let probability):
            return harm(node, "writes to wrong places", forgets: true) { faults, _ in
                faults.misdirectedWrites = probability
            }
        case .bitFlips(let node, let bits):
            let name = cluster.names[node]
            cluster.note("\(bits) bits of \(name)'s files rot")
            forget(node)
            ledgers?.doubted(node)
            _ = cluster.disk(of: name).rot(bits: bits, under: "/", using: &random)
            return true
        default: return false
        }
    }

    /// The node is down after a stop in order, so that all that its stores hold is known to have been durable.
    func damageFiles(of node: Int, count: Int) {
        let name = cluster.names[node]
        forget(node)
        ledgers?.wiped(node)
        let disk = cluster.disk(of: name)
        for _ in 0..<count {
            guard let what = disk.damageFile(under: "/data/shard-", using: &random) else { return }
            cluster.note("of the files of \(name), \(what)")
        }
    }

    /// Saves a node's files, to be put back when the fault ends.
    /// - Returns: whether it could be.
    func save(_ node: Int, _ kind: BackupKind, _ fault: Int) -> Bool {
        let name = cluster.names[node]
        guard cluster.isUp(name), !cluster.isPaused(name), !cluster.isStopping(name), !areDiskFaultsOn(node)
        else { return false }
        switch kind {
        case .running: savedDisks[fault] = cluster.save(name)
        case .cleanStop, .crash:
            if kind == .crash { cluster.crash(name) } else { cluster.stop(name) }
            loseConnections(to: node)
            meter?.suspicions.gone(node, at: cluster.time.nanoseconds)
            savedDisks[fault] = cluster.save(name)
            startAgain(node)
        }
        return true
    }

    /// The node gets back its files as they were: what it was given since is gone.
    /// - Parameter isTold: its next start has to know that by itself.
    func putBack(_ node: Int, _ fault: Int, _ part: BackupPart, asCopies: Bool, isTold: Bool) {
        guard let saved = savedDisks.removeValue(forKey: fault) else { return }
        let name = cluster.names[node]
        if cluster.isUp(name) {
            cluster.crash(name)
            loseConnections(to: node)
            meter?.suspicions.gone(node, at: cluster.time.nanoseconds)
        }
        forget(node)
        if isTold { ledgers?.wiped(node) } else { ledgers?.doubted(node) }
        cluster.restore(name, saved, under: part.prefix, asCopies: asCopies)
        wake(.start(node), after: 50_000_000)
    }

    private func harm(
        _ node: Int, _ what: String, forgets: Bool = false, _ change: (inout DiskFaults, SimulatedDisk) -> Void
    ) -> Bool {
        let name = cluster.names[node]
        guard cluster.isUp(name) else { return false }
        cluster.note("the disk of \(name) \(what)")
        if forgets {
            forget(node)
            ledgers?.doubted(node)
        }
        let disk = cluster.disk(of: name)
        change(&disk.faults, disk)
        return true
    }
}
