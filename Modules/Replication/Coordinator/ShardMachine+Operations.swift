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
        for operation in endedWrites where spareWrites.count < ReplicationLimits.spareOperations {
            operation.forget()
            spareWrites.append(operation)
        }
        endedWrites.removeAll(keepingCapacity: true)
        for operation in endedReads where spareReads.count < ReplicationLimits.spareOperations {
            operation.forget()
            spareReads.append(operation)
        }
        endedReads.removeAll(keepingCapacity: true)
    }
}
