internal import Checking
internal import ConflictResolution
internal import Partitioning
internal import Replication
internal import Simulation
internal import StatorCore

/// What a node drops because it owns it no more must be held by those who do.
extension SimulationRun {
    func noteSubmitted(_ write: StorageWriteNotice) {
        watch.submitted(write)
        defer { ledgers?.submitted(write) }
        if write.record == nil, write.store == .records { noteDrop(write) }
    }

    private func noteDrop(_ write: StorageWriteNotice) {
        let name = cluster.names[write.node]
        guard let placement = cluster.clusterState(of: name)?.placement,
            let dropped = try? cluster.storedRecord(of: write.key, at: name),
            let meaning = try? cluster.blueprint(of: name).resolver.read(dropped.body)
        else { return }
        let owners = Array(placement.preferenceList(for: write.token).replicas)
        for event in tap.events(behind: meaning) {
            guard let operation = tap.events[event].operation else { continue }
            let isAcknowledged =
                operation < operations.count && operations[operation].operation.outcome == .ok
            guard isAcknowledged else { continue }
            watch.ring.dropped(
                DroppedVersion(
                    node: name, key: write.key, event: operation, isAcknowledged: true, owners: owners,
                    coveredBy: owners.filter { covers(event, of: write.key, at: $0) },
                    needed: neededHolders(of: operation),
                    time: cluster.time.nanoseconds))
        }
    }

    /// W owners acknowledged; those whose disks may forget do not count.
    private func neededHolders(of operation: Int) -> Int {
        let lost = file.losesDisks ? plan.victims.count : 0
        let quorum = min(
            operations[operation].operation.writeQuorum ?? file.replication.writeQuorum, file.replication.writeQuorum)
        return max(1, quorum - lost)
    }

    /// Whether a node holds a version or one that had seen it. A node that is down cannot be asked and is believed.
    private func covers(_ event: Int, of key: Key, at name: NodeID) -> Bool {
        guard cluster.isUp(name) else { return true }
        guard let record = try? cluster.storedRecord(of: key, at: name),
            let meaning = try? cluster.blueprint(of: name).resolver.read(record.body)
        else { return false }
        return tap.isCovered(event, by: tap.events(behind: meaning))
    }
}

extension ResolverTap {
    /// Whether an event is one of these or in the past of one. O(events of the key).
    func isCovered(_ event: Int, by heads: [Int]) -> Bool {
        var pending = heads
        var visited = Set(heads)
        while let next = pending.popLast() {
            if next == event { return true }
            // An event has seen earlier ones only.
            guard next > event else { continue }
            for seen in events[next].seen where visited.insert(seen).inserted { pending.append(seen) }
        }
        return false
    }
}
