import Foundation
import Replication
import StatorCore
import Testing

@Suite struct PageTests {
    @Test(arguments: ["/", "/stats", "/ring", "/gossip", "/merkle", "/sync", "/health", "/ready", "/config"])
    func pagesAreJSONObjects(_ path: String) async throws {
        try await withGateway { _, port in
            let response = try RawClient(port: port).request("GET", path)
            #expect(response.status == 200)
            #expect(response.headers["content-type"] == "application/json")
            #expect(!response.json.isEmpty)
        }
    }

    @Test func statsCountOperationsErrorsAndLatencies() async throws {
        try await withGateway { _, port in
            let client = try RawClient(port: port)
            _ = try client.putJSON("/kv/a", "{\"value\":1}")
            for _ in 0..<10 { _ = try client.request("GET", "/kv/a") }
            _ = try client.request("GET", "/kv/none")
            let stats = try client.request("GET", "/stats").json
            let latency = stats["latency_microseconds"] as? [String: [String: Any]]
            #expect(latency?["get"]?["count"] as? Int == 11)
            #expect(latency?["put"]?["count"] as? Int == 1)
            #expect(latency?["delete"] == nil)
            #expect((latency?["get"]?["p99.9"] as? Int ?? 0) > 0)
            let errors = stats["errors"] as? [String: Any]
            #expect((errors?["http"] as? [String: Int])?["not_found"] == 1)
            let hints = stats["hints"] as? [String: Any]
            #expect(hints?["created"] as? Int == 5 && hints?["pending"] as? Int == 3)
            #expect((stats["keys"] as? [String: Int])?["live"] == 97)
        }
    }

    @Test func ringShowsBalanceAndListsRangesOnRequest() async throws {
        try await withGateway { _, port in
            let client = try RawClient(port: port)
            let ring = try client.request("GET", "/ring").json
            #expect(ring["partitions"] as? Int == 4)
            #expect(ring["ranges"] == nil)
            let primary = (ring["balance"] as? [String: [String: Double]])?["primary"]
            #expect(primary?["max"] == 0.5)
            #expect(abs((primary?["max_over_mean"] ?? 0) - 1.5) < 1e-9)
            let ranges = try client.request("GET", "/ring?partitions=true").json["ranges"] as? [[String: Any]]
            #expect(ranges?.count == 4)
            #expect(ranges?[0]["replicas"] as? [String] == ["A", "B"])
            #expect(ranges?[0]["fallbacks"] as? [String] == ["C"])
        }
    }

    @Test func gossipAndSyncShowWhatTheNodeReports() async throws {
        try await withGateway { _, port in
            let client = try RawClient(port: port)
            let members = try client.request("GET", "/gossip").json["members"] as? [[String: Any]]
            #expect(members?.count == 3)
            #expect(members?[2]["liveness"] as? String == "dead")
            #expect(members?[1]["phi"] as? Double == 0.5)
            #expect(members?[1]["last_heard_milliseconds"] as? Double == 120)
            let shards = try client.request("GET", "/sync").json["shards"] as? [[String: Any]]
            let sessions = shards?[0]["sessions"] as? [[String: Any]]
            #expect(sessions?[0]["dirty_leaves"] as? Int == 2)
            #expect((shards?[0]["index"] as? [String: Double])?["leaves"] == 1024)
        }
    }

    @Test func healthAndReadinessFollowTheNode() async throws {
        try await withGateway { node, port in
            let client = try RawClient(port: port)
            node.change { $0.notReadyReason = "it is joining" }
            #expect(try client.request("GET", "/health").status == 200)
            let ready = try client.request("GET", "/ready")
            #expect(ready.status == 503 && ready.errorCode == "not_ready")
            #expect(ready.error["message"] as? String == "it is joining")
            node.change { $0.failure = "the disk failed" }
            #expect(try client.request("GET", "/health").status == 503)
        }
    }

    @Test func doubtIsShown() async throws {
        try await withGateway { node, port in
            let client = try RawClient(port: port)
            #expect(try client.request("GET", "/health").json["in_doubt"] == nil)
            node.change { $0.shards[0].doubt = Doubt(.damaged, "a segment is missing") }
            let health = try client.request("GET", "/health")
            let doubts = health.json["in_doubt"] as? [[String: Any]]
            #expect(health.status == 200 && doubts?.count == 1)
            #expect(doubts?[0]["shard"] as? Int == 0 && doubts?[0]["cause"] as? String == "damaged")
            #expect(doubts?[0]["reason"] as? String == "a segment is missing")
            let shards = try client.request("GET", "/stats").json["shards"] as? [[String: Any]]
            #expect(shards?[0]["doubt"] as? String == "damaged: a segment is missing")
        }
    }

    @Test func whoRefusesTheNodeAndWhomItRefusesIsShown() async throws {
        try await withGateway { node, port in
            let client = try RawClient(port: port)
            #expect(try client.request("GET", "/health").json["problems"] == nil)
            let difference = SettingDifference("partitioner", own: "16", theirs: "32")
            node.change { picture in
                picture.links = [
                    LinkReport(
                        node: NodeID("B"), endpoint: Endpoint(host: "b", port: 7), isUp: false,
                        lasting: .milliseconds(1500),
                        trouble: LinkTrouble(.refused, "it refuses this node", difference)),
                    LinkReport(
                        node: NodeID("C"), endpoint: Endpoint(host: "c", port: 7), isUp: true,
                        lasting: .milliseconds(60_000)),
                ]
                picture.refusedCallers = [
                    RefusedCaller(
                        node: nil, address: "10.0.0.9", reason: "version 3", difference: nil, refusals: 4,
                        age: .milliseconds(250))
                ]
            }
            let health = try client.request("GET", "/health")
            #expect(health.status == 200)
            let sentences = health.json["problems"] as? [String]
            #expect(sentences?.first == "B refuses this node: partitioner is 16 here and 32 there")
            let stats = try client.request("GET", "/stats").json
            let links = stats["links"] as? [[String: Any]]
            #expect(links?.count == 2 && links?[0]["up"] as? Bool == false && links?[1]["up"] as? Bool == true)
            #expect(links?[0]["seconds"] as? Double == 1.5 && links?[0]["cause"] as? String == "refused")
            #expect(links?[0]["own"] as? String == "16" && links?[0]["theirs"] as? String == "32")
            let callers = stats["refused_callers"] as? [[String: Any]]
            #expect(callers?.count == 1 && callers?[0]["refusals"] as? Int == 4)
            #expect(callers?[0]["address"] as? String == "10.0.0.9")
            let metrics = try client.request("GET", "/metrics").text
            #expect(metrics.contains("stator_link_up{member=\"B\"} 0\nstator_link_up{member=\"C\"} 1\n"))
            #expect(metrics.contains("stator_refused_by{member=\"B\"} 1\n"))
            #expect(metrics.contains("stator_refused_callers 1\n"))
        }
    }

    @Test func administrationReachesTheNode() async throws {
        try await withGateway { node, port in
            let client = try RawClient(port: port)
            #expect(try client.request("POST", "/admin/leave").status == 202)
            #expect(try client.request("POST", "/admin/leave?node=B").status == 202)
            #expect(try client.request("POST", "/admin/leave", body: Array("{\"node\":\"C\"}".utf8)).status == 202)
            #expect(try client.request("POST", "/admin/leave?node=A").status == 202)
            #expect(try client.request("POST", "/admin/sync").json["status"] as? String == "accepted")
            #expect(
                node.actions
                    == [.leave(nil), .leave(NodeID("B")), .leave(NodeID("C")), .leave(nil), .syncNow])
        }
    }

    /// The text format: each family is announced once before its samples, names are well formed, counters end in
    /// `_total`, every line parses.
    @Test func metricsArePrometheusText() async throws {
        try await withGateway { _, port in
            let client = try RawClient(port: port)
            _ = try client.request("GET", "/kv/a")
            let response = try client.request("GET", "/metrics")
            #expect(response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            var types: [String: String] = [:]
            var current = ""
            let sample = try Regex(#"^([a-z_]+)(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? (NaN|[+-]Inf|[-+0-9.e]+)$"#)
            for line in response.text.split(separator: "\n") {
                let words = line.split(separator: " ")
                if line.hasPrefix("# TYPE ") {
                    current = String(words[2])
                    #expect(types[current] == nil, "\(current) is announced twice")
                    types[current] = String(words[3])
                    #expect((words[3] == "counter") == current.hasSuffix("_total"))
                } else if !line.hasPrefix("# HELP ") {
                    let match = try #require(try sample.wholeMatch(in: line), "\(line)")
                    let name = String(match[1].substring ?? "")
                    #expect(name.hasPrefix("stator_"))
                    let isPart = types[current] == "summary" && (name == current + "_sum" || name == current + "_count")
                    #expect(name == current || isPart)
                }
            }
            #expect(response.text.contains("stator_gets_total{shard=\"0\"} 11\n"))
            #expect(response.text.contains("stator_operation_seconds{operation=\"get\",quantile=\"0.999\"} "))
            #expect(response.text.hasSuffix("\n"))
        }
    }
}
