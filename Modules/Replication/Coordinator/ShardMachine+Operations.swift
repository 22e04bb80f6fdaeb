internal import StatorCore

/// What touches every request under way: replicas lost, time passed, the view changed.
extension ShardMachine {
    func passReplicaDeadline(_ id: RequestID) {
        passWriteReplicaDeadline(id)
        passReadReplicaDeadline(id)
    }

    func failRequests(askedOf peer: NodeID) {
        for id in writes.keys.sorted() { noteWriteFailure(id, of: peer) }  // ordered: sorted
        for id in reads.keys.sorted() { noteReadFailure(id, of: peer) }  // ordered: sorted
        for id in explains.keys.sorted() { noteExplainFailure(id, of: peer) }  // ordered: sorted
    }

    func replanOperations() {
        for id in writes.keys.sorted() { replanWrite(id) }  // ordered: sorted
        for id in reads.keys.sorted() { replanRead(id) }  // ordered: sorted
    }
}
