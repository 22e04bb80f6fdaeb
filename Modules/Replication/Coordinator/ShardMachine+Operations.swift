internal import StatorCore

/// What touches every request under way: replicas lost, time passed, the view changed.
extension ShardMachine {
    func passReplicaDeadline(_ id: RequestID) {
        passWriteReplicaDeadline(id)
        passReadReplicaDeadline(id)
    }

    func failRequests(askedOf peer: NodeID) {
        for id in writes.sortedNames { noteWriteFailure(id, of: peer) }  // ordered: sorted
        for id in reads.sortedNames { noteReadFailure(id, of: peer) }  // ordered: sorted
        for id in explains.sortedNames { noteExplainFailure(id, of: peer) }  // ordered: sorted
    }

    func replanOperations() {
        for id in writes.sortedNames { replanWrite(id) }  // ordered: sorted
        for id in reads.sortedNames { replanRead(id) }  // ordered: sorted
    }
}
