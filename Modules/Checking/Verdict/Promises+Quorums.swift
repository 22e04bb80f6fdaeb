/// What is promised of single operations, by the quorums that they asked for.
extension Promises {
    /// Whether more disks acknowledged a write than may forget it.
    func outlastsDisks(_ write: HistoryOperation) -> Bool {
        forgettingDisks == 0 || write.writeQuorum.map { $0 > forgettingDisks } ?? true
    }

    /// Whether losing an acknowledged write breaks no promise, though that of others would.
    func excusesLoss(of write: HistoryOperation) -> Bool { keepsAcknowledged && !outlastsDisks(write) }

    /// The least R with which a strict read must meet the replicas that acknowledged a write: 0 where any must, as the
    /// history says nothing of quorums, and `nil` where none need to.
    func meetingQuorum(of write: HistoryOperation) -> Int? {
        if write.isSloppy == true { return nil }
        guard let quorum = write.writeQuorum, replicas > 0 else { return 0 }
        return replicas - quorum + 1
    }

    /// The highest of those least quorums that a read reaches; `nil` for one that meets nothing.
    func reach(of read: HistoryOperation) -> Int? {
        read.isSloppy == true ? nil : read.readQuorum ?? .max
    }

    /// Whether the read is asked of one replica at least that acknowledged the write.
    func meet(_ write: HistoryOperation, _ read: HistoryOperation) -> Bool {
        guard let least = meetingQuorum(of: write), let reach = reach(of: read) else { return false }
        return least <= reach
    }
}
