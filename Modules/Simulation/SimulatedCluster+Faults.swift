package import Replication
package import StatorCore
package import Storage

/// Starting and stopping nodes, cutting and healing the network, and looking inside.
extension SimulatedCluster {
    package func startAll() {
        for node in nodes where !node.isUp { start(node.node) }
    }

    package func start(_ name: NodeID) {
        let node = simulated(name)
        precondition(!node.isUp, "\(name) runs already")
        do {
            try node.start(random: &random)
        } catch {
            note("\(name) cannot start: \(error)")
            node.crash()
            return
        }
        note("\(name) starts")
        begin(node)
        for other in nodes where other.node != name {
            schedule(.link(name, peer: other.node), after: .milliseconds(1))
            schedule(.link(other.node, peer: name), after: .milliseconds(1))
        }
    }

    package func crash(_ name: NodeID) {
        note("\(name) crashes")
        simulated(name).crash()
        for other in nodes where other.node != name {
            schedule(.link(other.node, peer: name), after: network.detection)
        }
    }

    package func restart(_ name: NodeID) {
        if simulated(name).isUp { crash(name) }
        start(name)
    }

    /// Stops a node in order: its dots are remembered, so it goes on in the same incarnation.
    package func stop(_ name: NodeID) {
        let node = simulated(name)
        node.identity?.dotsIssued = node.shards.map(\.machine.dotsIssued)
        for shard in node.shards {
            try? shard.records.close()
            try? shard.hints.close()
        }
        node.isCleanlyStopped = true
        crash(name)
    }

    package func wipe(_ name: NodeID) {
        note("\(name)'s disk is replaced by an empty one")
        simulated(name).wipe()
    }

    /// Cuts every message between the groups, both ways.
    package func partition(_ groups: [[NodeID]]) {
        note("partition \(groups.map { $0.map(\.name).joined(separator: ",") }.joined(separator: " | "))")
        for (index, group) in groups.enumerated() {
            for (otherIndex, other) in groups.enumerated() where index != otherIndex {
                for from in group {
                    for to in other { network.cut(from: from, to: to) }
                }
            }
        }
        checkLinks(after: network.detection)
    }

    package func heal() {
        note("the network heals")
        network.heal()
        checkLinks(after: .milliseconds(10))
    }

    private func checkLinks(after delay: Duration) {
        for node in nodes {
            for peer in nodes where peer.node != node.node { schedule(.link(node.node, peer: peer.node), after: delay) }
        }
    }

    package func setWallOffset(_ offset: Duration, of name: NodeID) {
        simulated(name).wallOffset = offset
    }

    package func disk(of name: NodeID) -> SimulatedDisk { simulated(name).disk }

    package func isUp(_ name: NodeID) -> Bool { simulated(name).isUp }

    package var names: [NodeID] { nodes.map(\.node) }

    package func inspection(of name: NodeID) -> [ShardInspection] {
        let node = simulated(name)
        return node.shards.map {
            $0.machine.inspection(
                now: now(at: node), storage: $0.records.statistics, hintStorage: $0.hints.statistics)
        }
    }

    package func counters(of name: NodeID) -> [ShardCounters] { simulated(name).shards.map(\.machine.counters) }

    package func membership(of name: NodeID) -> MembershipInspection? {
        let node = simulated(name)
        return node.membership?.inspection(now: now(at: node))
    }

    package func notReadyReason(of name: NodeID) -> String? {
        let node = simulated(name)
        guard node.isUp else { return "\(name) is down" }
        return membership(of: name)?.notReadyReason ?? node.shards.lazy.compactMap(\.machine.notReadyReason).first
    }

    /// Whether every node that runs serves, and, where asked, is back to full replication.
    package var areAllReady: Bool {
        nodes.allSatisfy { !$0.isUp || notReadyReason(of: $0.node) == nil }
    }

    /// What a node holds of its own, in (token, key) order, read past its machines.
    package func records(of name: NodeID) -> [RecordMetadata] {
        var entries: [RecordMetadata] = []
        for shard in simulated(name).shards {
            var cursor: ScanCursor?
            repeat {
                cursor = shard.records.scan(.full, after: cursor, limit: 1024, into: &entries)
            } while cursor != nil
        }
        return entries
    }

    package func storedRecord(of key: Key, at name: NodeID) throws(StorageError) -> StoredRecord? {
        let token = token(of: key)
        for shard in simulated(name).shards {
            if let found = try shard.records.record(for: key, token: token) { return found }
        }
        return nil
    }
}
