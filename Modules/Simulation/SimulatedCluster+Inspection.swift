internal import NodeCore
package import Replication
package import StatorCore
package import Storage

/// Looking inside, past the machines.
extension SimulatedCluster {
    package func disk(of name: NodeID) -> SimulatedDisk { simulated(name).disk }

    package func isUp(_ name: NodeID) -> Bool { simulated(name).isUp }

    package var nodeCount: Int { nodes.count }

    /// Whether a node's last life ended with a power cut, and not only with its process.
    package func lostPower(_ name: NodeID) -> Bool { simulated(name).lostPower }

    /// Whether a node, by its index, runs and takes itself for a member.
    package func isMember(_ index: Int) -> Bool {
        guard nodes[index].isUp, let membership = nodes[index].membership else { return false }
        return membership.clusterState.view.contains(nodes[index].node)
    }

    /// The epoch that a node, by its index, holds, and the latest that any does.
    package func epoch(of index: Int) -> Epoch? { nodes[index].membership?.clusterState.epoch }
    package var latestEpoch: Epoch? { nodes.compactMap { $0.membership?.clusterState.epoch }.max() }

    /// Whether a node refuses new requests and waits for the others to end.
    package func isStopping(_ name: NodeID) -> Bool { simulated(name).drain != nil }

    package func isPaused(_ name: NodeID) -> Bool { simulated(name).isPaused }

    package func inspection(of name: NodeID) -> [ShardInspection] {
        let node = simulated(name)
        return node.shards.map {
            $0.machine.inspection(
                now: now(at: node), storage: $0.records.statistics, hintStorage: $0.hints.statistics)
        }
    }

    /// What a node's wall clock shows.
    package func wallTime(of index: Int) -> WallTime { now(at: nodes[index]).wall }

    package func counters(of name: NodeID) -> [ShardCounters] { simulated(name).shards.map { $0.machine.counters } }

    /// What a node's shards have begun and not ended, in their order.
    package func work(of name: NodeID) -> [ShardWork] { simulated(name).shards.map { $0.machine.work } }

    /// How often the nodes' machines reached each named branch, over all their lives.
    package var reached: ReachCounts {
        var sum = ReachCounts()
        for node in nodes { sum.add(node.reached) }
        return sum
    }

    package func actors(of name: NodeID) -> [Actor] { simulated(name).shards.map { $0.machine.issuingActor } }

    /// Why a node's storage is broken, or `nil`.
    package func storageFailure(of name: NodeID) -> String? {
        simulated(name).shards.lazy.compactMap { $0.machine.failure }.first
    }

    /// Whether one of a node's stores refuses all that follows.
    package func isStorageBroken(at name: NodeID) -> Bool {
        simulated(name).shards.contains { $0.machine.failure != nil || $0.machine.hintFailure != nil }
    }

    /// Whether the last that one of a node's stores did has failed: its machine may not have been told yet.
    package func hasStorageFailed(at name: NodeID) -> Bool {
        simulated(name).shards.contains { $0.queue.closingFailure != nil }
    }

    package func membership(of name: NodeID) -> MembershipInspection? {
        let node = simulated(name)
        return node.membership?.inspection(now: now(at: node))
    }

    package func clusterState(of name: NodeID) -> ClusterState? { simulated(name).membership?.clusterState }

    package func notReadyReason(of name: NodeID) -> String? {
        let node = simulated(name)
        guard node.isUp else { return "\(name) is down" }
        return membership(of: name)?.notReadyReason ?? node.shards.lazy.compactMap { $0.machine.notReadyReason }.first
    }

    /// What a node that runs over connections can tell of its place among the others.
    package func standing(of name: NodeID) -> Standing? {
        let node = simulated(name)
        guard let membership = membership(of: name), let links = node.links.first else { return nil }
        return Standing(
            node: name, view: membership.view, links: links.set.reports(now: now(at: node).monotonic),
            reports: membership.members)
    }

    /// Whether every node that runs serves, and, where asked, is back to full replication.
    package var areAllReady: Bool {
        nodes.allSatisfy { !$0.isUp || notReadyReason(of: $0.node) == nil }
    }

    /// What a node holds of its own, in (token, key) order, read past its machines.
    package func records(of name: NodeID) -> [RecordMetadata] {
        var entries: [RecordMetadata] = []
        for shard in simulated(name).shards { scan(shard.records, into: &entries) }
        return entries
    }

    /// What one store of one shard holds.
    package func records(of name: NodeID, shard: Int, _ store: StoreName) -> [RecordMetadata] {
        var entries: [RecordMetadata] = []
        let node = simulated(name)
        if node.shards.indices.contains(shard) { scan(node.shards[shard].queue.engine(store), into: &entries) }
        return entries
    }

    /// Nothing more where the engine has failed and refuses: it holds nothing that anyone could count on.
    private func scan(_ engine: any StorageEngine, into entries: inout [RecordMetadata]) {
        var cursor: ScanCursor?
        do throws(StorageError) {
            repeat { cursor = try engine.scan(.full, after: cursor, limit: 1024, into: &entries) } while cursor != nil
        } catch {
            return
        }
    }

    /// What one store of one shard counts of itself.
    package func statistics(of name: NodeID, shard: Int, _ store: StoreName) -> StorageStatistics {
        simulated(name).shards[shard].queue.engine(store).statistics
    }

    package func storedRecord(of key: Key, at name: NodeID) throws(StorageError) -> StoredRecord? {
        let token = token(of: key)
        for shard in simulated(name).shards {
            if let found = try shard.records.record(for: key, token: token) { return found }
        }
        return nil
    }
}
