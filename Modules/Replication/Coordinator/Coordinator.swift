internal import StatorCore

/// Coordinates client requests: who takes one, writes, reads, forwards, preconditions, `explain`, hedging, time-outs.
///
/// It owns the operations under way, the forwarded requests, and the set of corrupt keys that it reads from the other
/// owners. Stores and hints it reaches by calls only; what they bring later comes back to it by the operation's number.
///
/// Rules (DESIGN, section 5): the coordinator applies first, replicates the whole merged record, and answers after W; a
/// forward that may have been delivered is never sent again; an owner that still recovers a range reads the others before
/// it writes; answers that do not count to R are merged all the same; a dot is issued once.
struct Coordinator {
    var writes = NumberTable<RequestID, WriteOperation>()
    var reads = NumberTable<RequestID, ReadOperation>()
    /// Ended operations, whose storage the next ones use; those that ended during this event become so at its end.
    var spareWrites: [WriteOperation] = []
    var spareReads: [ReadOperation] = []
    var endedWrites: [WriteOperation] = []
    var endedReads: [ReadOperation] = []
    /// Reads that may still ask one owner more than they need.
    var hedgeBudget = 0.0
    var forwards = NumberTable<RequestID, ForwardedRequest>()
    var explains = NumberTable<RequestID, ExplainOperation>()
    /// Keys whose corrupt records are being replaced by what the other owners hold.
    var healing: Set<StoreKey> = []
    /// Writes that wait until dots may be issued, in the order in which they came.
    var held: [(request: ClientRequest, origin: RequestOrigin, due: Instant)] = []
    /// When the reads and writes under way are checked for time-outs.
    var sweepDue: Instant?

    /// Reads and writes that are answered, and wait for slow replicas only: no client waits for them.
    var lagging = 0

    /// Requests of clients and of other nodes' clients under way here, those left out that are answered.
    var underWay: Int { writes.count + reads.count + forwards.count + explains.count + held.count - lagging }

    var isIdle: Bool { writes.isEmpty && reads.isEmpty && forwards.isEmpty && explains.isEmpty && held.isEmpty }

    /// A replica cannot be reached any more.
    mutating func lose(_ peer: NodeID, _ base: inout ShardBase) {
        for id in writes.sortedNames { noteWriteFailure(id, of: peer, &base) }  // ordered: sorted
        for id in reads.sortedNames { noteReadFailure(id, of: peer, &base) }  // ordered: sorted
        for id in explains.sortedNames { noteExplainFailure(id, of: peer, &base) }  // ordered: sorted
        failForwards(to: peer, &base)
    }

    /// The view changed.
    mutating func replan(_ base: inout ShardBase) {
        for id in writes.sortedNames { replanWrite(id, &base) }  // ordered: sorted
        for id in reads.sortedNames { replanRead(id, &base) }  // ordered: sorted
    }

    /// An event was handled: nobody refers to operations that ended meanwhile any more.
    mutating func keepEnded() {
        guard !endedWrites.isEmpty || !endedReads.isEmpty else { return }
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
