internal import StatorCore

/// What repair reads and what it sends, side by side: a page that is planned by sizes reads what it sends.
extension ShardContext {
    /// Records were loaded for another node.
    mutating func noteRead(_ records: [StoredRecord]) {
        counters.repairBytesRead += records.reduce(0) { $0 + $1.bytes }
    }

    /// They were sent to it.
    mutating func noteRepairSent(_ records: [StoredRecord]) {
        counters.repairBytesSent += records.reduce(0) { $0 + $1.bytes }
    }
}
