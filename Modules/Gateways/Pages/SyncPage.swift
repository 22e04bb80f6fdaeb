import NIOHTTP1
import Replication
import StatorCore
import Sync

/// `/merkle` and `/sync`: the sync strategy's index, and what its sessions did.
enum SyncPage {
    static func reply(_ inspection: NodeInspection) -> HTTPReply {
        HTTPReply { json in
            json.object { json in
                json.member("node", inspection.node.name)
                json.object("totals") { json in totals(PageTotals(inspection.shards), &json) }
                json.array("shards") { json in
                    for shard in inspection.shards {
                        json.object { json in
                            json.member("shard", shard.shard)
                            json.object("index") { json in
                                for statistic in shard.syncIndex { json.member(named: statistic.name, statistic.value) }
                            }
                            json.array("sessions") { json in
                                for session in shard.sessions { write(session, &json) }
                            }
                        }
                    }
                }
            }
        }
    }

    static func totals(_ totals: PageTotals, _ json: inout JSONWriter) {
        json.member("sessions", totals.sum(\.syncSessions))
        json.member("sessions_failed", totals.sum(\.syncSessionsFailed))
        json.member("comparisons", totals.sum(\.syncComparisons))
        json.member("dirty_leaves", totals.sum(\.syncDirtyLeaves))
        json.member("keys_listed", totals.sum(\.syncKeysListed))
        json.member("records_sent", totals.sum(\.syncRecordsSent))
        json.member("records_received", totals.sum(\.syncRecordsReceived))
        json.member("bytes_sent", totals.sum(\.syncBytesSent))
    }

    private static func write(_ session: SessionSummary, _ json: inout JSONWriter) {
        json.object { json in
            json.member("session", session.session.description)
            json.member("peer", session.peer.name)
            json.object("range") { json in
                json.member("first", session.range.first.description)
                json.member("last", session.range.last.description)
            }
            json.member("comparisons", session.report.comparisons)
            json.member("dirty_leaves", session.report.dirtyLeaves)
            json.member("keys_listed", session.report.keysListed)
            json.member("keys_differing", session.report.keysDiffering)
            json.member("records_sent", session.recordsSent)
            json.member("records_received", session.recordsReceived)
            json.member("bytes_sent", session.bytesSent)
            json.member("duration_milliseconds", session.duration.milliseconds)
            json.member("failure", session.failure)
        }
    }
}
