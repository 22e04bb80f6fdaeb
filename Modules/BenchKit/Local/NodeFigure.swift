/// A figure that a node's `/stats` page shows.
package enum NodeFigure: String, CaseIterable, Hashable, Sendable {
    // Operations of clients and of other nodes for them.
    case gets = "operations.gets"
    case puts = "operations.puts"
    case deletes = "operations.deletes"
    case forwarded = "operations.forwarded"
    case replicaReads = "operations.replica_reads"
    case replicaWrites = "operations.replica_writes"
    case siblingsRead = "operations.siblings_read"
    case requests = "http.requests"

    case quorumsUnmet = "errors.quorum_unmet"
    case timeouts = "errors.timeouts"
    case outcomesUnknown = "errors.outcomes_unknown"
    case shed = "errors.shed"
    case staleEpochs = "errors.stale_epochs"
    case storageFailures = "errors.storage_failures"
    case corruptRecords = "errors.corrupt_records"

    case hintsCreated = "hints.created"
    case hintsDelivered = "hints.delivered"
    case hintsExpired = "hints.expired"
    case hintsSuperseded = "hints.superseded"
    case hintsCancelled = "hints.cancelled"
    case hintsRefused = "hints.refused"
    case hintsPending = "hints.pending"
    case hintBytesPending = "hints.pending_bytes"

    case syncSessions = "sync.sessions"
    case syncSessionsFailed = "sync.sessions_failed"
    case syncComparisons = "sync.comparisons"
    case syncDirtyLeaves = "sync.dirty_leaves"
    case syncKeysListed = "sync.keys_listed"
    case syncRecordsSent = "sync.records_sent"
    case syncRecordsReceived = "sync.records_received"
    case syncBytesSent = "sync.bytes_sent"

    case readRepairs = "repairs.read_repairs"
    case recordsStreamedIn = "repairs.records_streamed_in"
    case recordsStreamedOut = "repairs.records_streamed_out"
    case recordsDropped = "repairs.records_dropped"

    case linksUp = "transport.links_up"
    case framesSent = "transport.frames_sent"
    case framesReceived = "transport.frames_received"
    case bytesSent = "transport.bytes_sent"
    case bytesReceived = "transport.bytes_received"
    case framesDropped = "transport.frames_dropped"

    case records = "keys.records"
    case liveKeys = "keys.live"
    case tombstones = "keys.tombstones"

    case liveBytes = "storage.live_bytes"
    case diskBytes = "storage.disk_bytes"
    case deadBytes = "storage.dead_bytes"

    /// Whether it goes up and down with what there is. The others count what has happened since the process started.
    package var isLevel: Bool {
        switch self {
        case .hintsPending, .hintBytesPending, .linksUp, .records, .liveKeys, .tombstones, .liveBytes, .diskBytes,
            .deadBytes:
            true
        default: false
        }
    }
}
