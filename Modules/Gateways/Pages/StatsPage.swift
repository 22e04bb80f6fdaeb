import NIOHTTP1
import Replication
import StatorCore
import Storage

/// `/stats`: what the node has done and holds.
enum StatsPage {
    static func reply(_ source: PageSource) -> HTTPReply {
        let inspection = source.inspection
        let totals = source.totals
        return HTTPReply { json in
            json.object { json in
                json.member("node", inspection.node.name)
                json.member("version", source.version)
                json.member("uptime_seconds", (source.traffic.uptime.milliseconds / 1000).rounded())
                json.member("epoch", inspection.view.epoch.number)
                json.member("ready", inspection.notReadyReason == nil && inspection.failure == nil)
                json.member("failure", inspection.failure)
                json.member("recovering_fraction", totals.recoveringFraction)
                operations(source, totals, &json)
                latencies(source.traffic.latencies, &json)
                errors(source, totals, &json)
                hints(totals, &json)
                repairs(totals, &json)
                storage(totals, &json)
                transport(inspection.transport, &json)
                LinkPage.links(inspection.links, &json)
                LinkPage.refusedCallers(inspection.refusedCallers, &json)
                json.array("shards") { json in
                    for shard in inspection.shards { write(shard, &json) }
                }
            }
        }
    }

    static func operations(_ source: PageSource, _ totals: PageTotals, _ json: inout JSONWriter) {
        json.object("operations") { json in
            json.member("gets", totals.sum(\.gets))
            json.member("puts", totals.sum(\.puts))
            json.member("deletes", totals.sum(\.deletes))
            json.member("forwarded", totals.sum(\.forwarded))
            json.member("in_flight", totals.requestsInFlight)
            json.member("replica_reads", totals.sum(\.replicaReads))
            json.member("replica_writes", totals.sum(\.replicaWrites))
            json.member("siblings_read", totals.sum(\.siblingsRead))
            json.member("hedged_reads", totals.sum(\.hedgedReads))
        }
        json.object("http") { json in
            json.member("requests", source.traffic.requests)
            json.member("connections", source.traffic.connections)
        }
        json.object("resp") { json in json.member("commands", source.traffic.commands) }
    }

    static func latencies(_ latencies: LatencyRecorder, _ json: inout JSONWriter) {
        json.object("latency_microseconds") { json in
            for kind in KeyAnswer.Kind.allCases {
                guard let summary = latencies.summary(kind) else { continue }
                json.object(named: kind.name) { json in
                    json.member("count", summary.count)
                    json.member("min", summary.minimum)
                    json.member("mean", summary.mean)
                    for (percentile, value) in zip(LatencyRecorder.percentiles, summary.percentiles) {
                        json.member(percentile.name, value)
                    }
                    json.member("max", summary.maximum)
                }
            }
        }
    }

    private static func errors(_ source: PageSource, _ totals: PageTotals, _ json: inout JSONWriter) {
        json.object("errors") { json in
            json.object("http") { json in
                for (code, count) in source.traffic.sortedErrors { json.member(named: code, count) }
            }
            json.member("quorum_unmet", totals.sum(\.quorumsUnmet))
            json.member("timeouts", totals.sum(\.timeouts))
            json.member("outcomes_unknown", totals.sum(\.outcomesUnknown))
            json.member("shed", totals.sum(\.shed))
            json.member("stale_epochs", totals.sum(\.staleEpochs))
            json.member("storage_failures", totals.sum(\.storageFailures))
            json.member("corrupt_records", totals.sum(\.corruptRecords))
        }
    }

    static func hints(_ totals: PageTotals, _ json: inout JSONWriter) {
        json.object("hints") { json in
            json.member("created", totals.sum(\.hintsCreated))
            json.member("carried_over", totals.sum(\.hintsCarriedOver))
            json.member("pending", totals.hintsPending)
            json.member("pending_bytes", totals.hintBytesPending)
            json.member("delivered", totals.sum(\.hintsDelivered))
            json.member("covered", totals.sum(\.hintsCovered))
            json.member("superseded", totals.sum(\.hintsSuperseded))
            json.member("cancelled", totals.sum(\.hintsCancelled))
            json.member("refused", totals.sum(\.hintsRefused))
            json.member("full", totals.areHintsFull)
            json.array("waiting") { json in
                for backlog in totals.hintsWaiting {
                    json.object { json in
                        json.member("target", backlog.target.name)
                        json.member("count", backlog.count)
                        json.member("bytes", backlog.bytes)
                        json.member("age_seconds", Int(backlog.age.nanoseconds / 1_000_000_000))
                    }
                }
            }
        }
    }

    static func repairs(_ totals: PageTotals, _ json: inout JSONWriter) {
        json.object("repairs") { json in
            json.member("read_repairs", totals.sum(\.readRepairs))
            json.member("records_streamed_in", totals.sum(\.recordsStreamedIn))
            json.member("records_streamed_out", totals.sum(\.recordsStreamedOut))
            json.member("records_handed_over", totals.sum(\.recordsHandedOver))
            json.member("records_dropped", totals.sum(\.recordsDropped))
            json.member("records_not_handed_over", totals.recordsNotHandedOver)
            json.member("bytes_read", totals.sum(\.repairBytesRead))
            json.member("bytes_sent", totals.sum(\.repairBytesSent))
            json.member("bytes_held", totals.repairBytesHeld)
            json.member("refused", totals.sum(\.repairRefused))
        }
        json.object("sync") { json in SyncPage.totals(totals, &json) }
    }

    static func storage(_ totals: PageTotals, _ json: inout JSONWriter) {
        json.object("keys") { json in
            json.member("records", totals.records)
            json.member("live", totals.records - totals.tombstones)
            json.member("tombstones", totals.tombstones)
        }
        json.object("storage") { json in
            json.member("live_bytes", totals.liveBytes)
            json.member("disk_bytes", totals.diskBytes)
            json.member("dead_bytes", totals.deadBytes)
        }
    }

    static func transport(_ counters: TransportCounters, _ json: inout JSONWriter) {
        json.object("transport") { json in
            json.member("links_up", counters.linksUp)
            json.member("frames_sent", counters.framesSent)
            json.member("frames_received", counters.framesReceived)
            json.member("bytes_sent", counters.bytesSent)
            json.member("bytes_received", counters.bytesReceived)
            json.member("frames_dropped", counters.framesDropped)
            json.member("connections_refused", counters.connectionsRefused)
            json.member("malformed_frames", counters.malformedFrames)
        }
    }

    private static func write(_ shard: ShardInspection, _ json: inout JSONWriter) {
        json.object { json in
            json.member("shard", shard.shard)
            json.member("actor", shard.actor.description)
            json.member("in_flight", shard.requestsInFlight)
            json.member("recovering_fraction", shard.recoveringFraction)
            json.member("doubt", shard.doubt?.description)
            json.object("storage") { json in write(shard.storage, &json) }
            json.object("hint_storage") { json in write(shard.hintStorage, &json) }
        }
    }

    private static func write(_ storage: StorageStatistics, _ json: inout JSONWriter) {
        json.member("records", storage.records)
        json.member("tombstones", storage.tombstones)
        json.member("live_bytes", storage.liveBytes)
        json.member("disk_bytes", storage.diskBytes)
        json.member("dead_bytes", storage.deadBytes)
        json.member("segments", storage.segments)
        json.member("merges", storage.merges)
        json.member("torn_bytes", storage.tornBytes)
        json.member("corrupt_records", storage.corruptRecords)
    }
}
