import Membership
import NIOCore
import NIOHTTP1
import Partitioning
import Replication
import StatorCore
import Storage

/// `/metrics`: everything that `/stats` shows, and members, for Prometheus.
enum MetricsPage {
    static func reply(_ source: PageSource) -> HTTPReply {
        var metrics = MetricsText()
        node(source, &metrics)
        counters(source.inspection.shards, &metrics)
        shards(source.inspection.shards, &metrics)
        hints(source.totals, &metrics)
        members(source.inspection, &metrics)
        LinkPage.metrics(source.inspection, &metrics)
        transport(source.inspection.transport, &metrics)
        http(source.traffic, &metrics)
        return HTTPReply(status: .ok, contentType: MetricsText.contentType, body: metrics.buffer)
    }

    private static func node(_ source: PageSource, _ metrics: inout MetricsText) {
        let inspection = source.inspection
        metrics.family("stator_info", .gauge, "Always 1; the labels name the node and its version.")
        metrics.sample("stator_info", [("node", inspection.node.name), ("version", source.version)], 1)
        metrics.single("stator_healthy", .gauge, "Whether the node works.", inspection.failure == nil ? 1 : 0)
        metrics.single(
            "stator_ready", .gauge, "Whether the node serves.",
            inspection.failure == nil && inspection.notReadyReason == nil ? 1 : 0)
        metrics.single("stator_epoch", .gauge, "The view's number.", Double(inspection.view.epoch.number))
        metrics.single(
            "stator_ring_changing", .gauge, "Whether a change of the ring is under way.",
            inspection.view.isChanging ? 1 : 0)
        metrics.single(
            "stator_partitions", .gauge, "Partitions of the ring.", Double(inspection.placement?.rangeCount ?? 0))
    }

    private struct Counter {
        var name: String
        var help: String
        var value: @Sendable (ShardCounters) -> Int

        init(_ name: String, _ help: String, _ value: @escaping @Sendable (ShardCounters) -> Int) {
            self.name = name
            self.help = help
            self.value = value
        }
    }

    private static let shardCounters: [Counter] = [
        Counter("gets", "Reads coordinated.") { $0.gets },
        Counter("puts", "Writes coordinated.") { $0.puts },
        Counter("deletes", "Deletes coordinated.") { $0.deletes },
        Counter("forwarded", "Requests forwarded to another coordinator.") { $0.forwarded },
        Counter("quorums_unmet", "Requests that met no quorum.") { $0.quorumsUnmet },
        Counter("timeouts", "Requests that ran out of time.") { $0.timeouts },
        Counter("outcomes_unknown", "Writes whose outcome is unknown.") { $0.outcomesUnknown },
        Counter("shed", "Requests refused for overload.") { $0.shed },
        Counter("siblings_read", "Reads that found several versions.") { $0.siblingsRead },
        Counter("timestamps_bounded", "Writes stamped otherwise than by the wall clock, which is off.") {
            $0.timestampsBounded
        },
        Counter("replica_writes", "Writes carried out as a replica.") { $0.replicaWrites },
        Counter("replica_reads", "Reads carried out as a replica.") { $0.replicaReads },
        Counter("stale_epochs", "Requests refused because the ring has changed.") { $0.staleEpochs },
        Counter("read_repairs", "Replicas repaired after a read.") { $0.readRepairs },
        Counter("hedged_reads", "Reads that asked one replica more because others were slow.") { $0.hedgedReads },
        Counter("hints_created", "Hints kept for unreachable replicas.") { $0.hintsCreated },
        Counter("hints_carried_over", "Hints found at the start.") { $0.hintsCarriedOver },
        Counter("hints_delivered", "Hints delivered.") { $0.hintsDelivered },
        Counter("hints_covered", "Hints of former owners that all present owners hold.") { $0.hintsCovered },
        Counter("hints_superseded", "Hints replaced by a later one of the same key.") { $0.hintsSuperseded },
        Counter("hints_cancelled", "Hints that could not be read.") { $0.hintsCancelled },
        Counter("hints_refused", "Hints refused for want of room.") { $0.hintsRefused },
        Counter("sync_sessions", "Anti-entropy sessions ended.") { $0.syncSessions },
        Counter("sync_sessions_failed", "Anti-entropy sessions ended early.") { $0.syncSessionsFailed },
        Counter("sync_keys_listed", "Keys listed by sessions.") { $0.syncKeysListed },
        Counter("sync_dirty_leaves", "Index leaves found different.") { $0.syncDirtyLeaves },
        Counter("sync_comparisons", "Index entries compared.") { $0.syncComparisons },
        Counter("sync_records_sent", "Records sent by sessions.") { $0.syncRecordsSent },
        Counter("sync_records_received", "Records received by sessions.") { $0.syncRecordsReceived },
        Counter("sync_sent_bytes", "Bytes sent by sessions.") { $0.syncBytesSent },
        Counter("sync_records_withheld", "Records not sent once more, since the peer did not merge them.") {
            $0.syncRecordsWithheld
        },
        Counter("records_streamed_in", "Records received because ranges moved.") { $0.recordsStreamedIn },
        Counter("records_streamed_out", "Records sent because ranges moved.") { $0.recordsStreamedOut },
        Counter("records_handed_over", "Records given to an owner that lacked them, before they were dropped here.") {
            $0.recordsHandedOver
        },
        Counter("records_dropped", "Records dropped after their range moved away.") { $0.recordsDropped },
        Counter("repair_refused", "Sessions, exchanges and pages of peers that were refused for want of room.") {
            $0.repairRefused
        },
        Counter("repair_read_bytes", "Bytes of records loaded to be given to other nodes by repair.") {
            $0.repairBytesRead
        },
        Counter("repair_sent_bytes", "Bytes of records given to other nodes by repair.") { $0.repairBytesSent },
        Counter("merges_refused", "Merges refused, since no store takes a record that large.") { $0.mergesRefused },
        Counter("corrupt_records", "Records that failed their checksum.") { $0.corruptRecords },
        Counter("storage_failures", "Storage operations that failed.") { $0.storageFailures },
    ]

    private static func counters(_ shards: [ShardInspection], _ metrics: inout MetricsText) {
        for counter in shardCounters {
            let name = "stator_\(counter.name)_total"
            metrics.family(name, .counter, counter.help)
            for shard in shards { metrics.sample(name, label(shard), Double(counter.value(shard.counters))) }
        }
    }

    private struct Gauge {
        var name: String
        var help: String
        var value: @Sendable (ShardInspection) -> Double
    }

    private static let shardGauges: [Gauge] = [
        Gauge(name: "records", help: "Records held, tombstones included.") { Double($0.storage.records) },
        Gauge(name: "tombstones", help: "Tombstones held.") { Double($0.storage.tombstones) },
        Gauge(name: "live_bytes", help: "Bytes of live records.") { Double($0.storage.liveBytes) },
        Gauge(name: "disk_bytes", help: "Bytes on disk.") { Double($0.storage.diskBytes) },
        Gauge(name: "dead_bytes", help: "Bytes on disk that a merge would free.") { Double($0.storage.deadBytes) },
        Gauge(name: "storage_segments", help: "Segments on disk.") { Double($0.storage.segments) },
        Gauge(name: "hints_full", help: "1 where no room is left for hints.") { $0.areHintsFull ? 1 : 0 },
        Gauge(name: "clock_skew_seconds", help: "How far the wall clock is ahead of the other nodes'.") {
            ($0.clockSkew?.milliseconds ?? 0) / 1000
        },
        Gauge(name: "requests_in_flight", help: "Requests being coordinated.") { Double($0.requestsInFlight) },
        Gauge(name: "repair_held_bytes", help: "Bytes of records that repair holds in memory.") {
            Double($0.repairBytesHeld)
        },
        Gauge(name: "records_not_handed_over", help: "Records not owned here that not every owner was shown to hold.") {
            Double($0.recordsNotHandedOver)
        },
        Gauge(name: "recovering_fraction", help: "The part of owned ranges still being recovered.") {
            $0.recoveringFraction
        },
        Gauge(name: "in_doubt", help: "Whether the shard may hold less than it has acknowledged.") {
            $0.doubt == nil ? 0 : 1
        },
    ]

    private static func shards(_ shards: [ShardInspection], _ metrics: inout MetricsText) {
        for gauge in shardGauges {
            let name = "stator_\(gauge.name)"
            metrics.family(name, .gauge, gauge.help)
            for shard in shards { metrics.sample(name, label(shard), gauge.value(shard)) }
        }
    }

    private static func label(_ shard: ShardInspection) -> [(name: String, value: String)] {
        [("shard", String(shard.shard))]
    }

    private static func hints(_ totals: PageTotals, _ metrics: inout MetricsText) {
        let waiting = totals.hintsWaiting
        metrics.family("stator_hints_pending", .gauge, "Hints waiting, by the node that they are for.")
        for backlog in waiting {
            metrics.sample("stator_hints_pending", [("target", backlog.target.name)], Double(backlog.count))
        }
        metrics.family("stator_hints_pending_bytes", .gauge, "Bytes of hints waiting.")
        for backlog in waiting {
            metrics.sample("stator_hints_pending_bytes", [("target", backlog.target.name)], Double(backlog.bytes))
        }
        metrics.family("stator_hints_oldest_seconds", .gauge, "How long the oldest hint has waited, about.")
        for backlog in waiting {
            metrics.sample(
                "stator_hints_oldest_seconds", [("target", backlog.target.name)], backlog.age.milliseconds / 1000)
        }
    }

    private static func members(_ inspection: NodeInspection, _ metrics: inout MetricsText) {
        metrics.family("stator_member_alive", .gauge, "1 for a member that answers, 0.5 suspected, 0 dead.")
        for report in inspection.members {
            let alive = report.liveness == .alive ? 1 : report.liveness == .suspected ? 0.5 : 0
            metrics.sample("stator_member_alive", [("member", report.member.node.name)], alive)
        }
        metrics.family("stator_member_phi", .gauge, "The suspicion level of each member.")
        for report in inspection.members {
            guard let phi = report.phi else { continue }
            metrics.sample("stator_member_phi", [("member", report.member.node.name)], phi)
        }
        metrics.single(
            "stator_membership_messages_refused_total", .counter, "Membership messages that did not decode.",
            Double(inspection.refusedMembershipMessages))
    }

    private static func transport(_ counters: TransportCounters, _ metrics: inout MetricsText) {
        let values: [(String, String, Int)] = [
            ("frames_sent", "Frames sent to other nodes.", counters.framesSent),
            ("frames_received", "Frames received from other nodes.", counters.framesReceived),
            ("sent_bytes", "Bytes sent to other nodes.", counters.bytesSent),
            ("received_bytes", "Bytes received from other nodes.", counters.bytesReceived),
            ("frames_dropped", "Frames dropped.", counters.framesDropped),
            ("connections_refused", "Connections of strangers refused.", counters.connectionsRefused),
            ("malformed_frames", "Frames that did not decode.", counters.malformedFrames),
        ]
        for (name, help, value) in values {
            metrics.single("stator_transport_\(name)_total", .counter, help, Double(value))
        }
        metrics.single(
            "stator_transport_links_up", .gauge, "Links to other nodes that are up.", Double(counters.linksUp))
    }

    private static func http(_ traffic: GatewayTraffic, _ metrics: inout MetricsText) {
        metrics.single("stator_http_requests_total", .counter, "HTTP requests answered.", Double(traffic.requests))
        metrics.single("stator_http_connections", .gauge, "HTTP connections.", Double(traffic.connections))
        metrics.single(
            "stator_uptime_seconds", .gauge, "Time since the start.", traffic.uptime.milliseconds / 1000)
        metrics.family("stator_http_errors_total", .counter, "HTTP answers that were errors, by code.")
        for (code, count) in traffic.sortedErrors {
            metrics.sample("stator_http_errors_total", [("code", code)], Double(count))
        }
        let name = "stator_operation_seconds"
        metrics.family(name, .summary, "How long operations took, from the request's arrival to the node's reply.")
        for kind in KeyAnswer.Kind.allCases {
            guard let summary = traffic.latencies.summary(kind) else { continue }
            let operation = (name: "operation", value: kind.name)
            for (percentile, value) in zip(LatencyRecorder.percentiles, summary.percentiles) {
                metrics.sample(
                    name, [operation, ("quantile", "\(percentile.quantile)")], Double(value) / 1_000_000)
            }
            metrics.sample(name + "_sum", [operation], Double(summary.sum) / 1_000_000)
            metrics.sample(name + "_count", [operation], Double(summary.count))
        }
    }
}
