internal import StatorCore

/// What touches every request under way: replicas lost, time passed, the view changed.
extension ShardMachine {
    mutating func passReplicaDeadline(_ id: RequestID) {
        passWriteReplicaDeadline(id)
        passReadReplicaDeadline(id)
    }

    mutating func failRequests(askedOf peer: NodeID) {
        for id in writes.sortedNames { noteWriteFailure(id, of: peer) }  // ordered: sorted
        for id in reads.sortedNames { noteReadFailure(id, of: peer) }  // ordered: sorted
        for id in explains.sortedNames { noteExplainFailure(id, of: peer) }  // ordered: sorted
    }

    mutating func replanOperations() {
        for id in writes.sortedNames { replanWrite(id) }  // ordered: sorted
        for id in reads.sortedNames { replanRead(id) }  // ordered: sorted
    }

    /// Nobody refers to an ended operation any more once its last event is handled.
    mutating func keepEnded() {
        while let operation = endedWrites.popLast() {
            operation.forget()
            if spareWrites.count < ReplicationLimits.spareOperations { spareWrites.append(operation) }
        }
        while let operation = endedReads.popLast() {
            operation.forget()
            if spareReads.count < ReplicationLimits.spareOperations { spareReads.append(operation) }
        }
    }
}
