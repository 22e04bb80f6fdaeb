import Foundation
import Replication
import StatorCore
import Testing

/// Every refusal has its status and its code, and leaves the connection usable.
@Suite struct RefusalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var method: String
        var target: String
        var headers: [(String, String)] = []
        var body: String?
        var status: Int
        var code: String

        init(
            _ method: String, _ target: String, _ status: Int, _ code: String, headers: [(String, String)] = [],
            body: String? = nil
        ) {
            (self.method, self.target, self.status, self.code) = (method, target, status, code)
            (self.headers, self.body) = (headers, body)
        }

        var testDescription: String { "\(method) \(target.prefix(40)) \(headers) \(body ?? "") -> \(status) \(code)" }
    }

    static let jsonType = [("Content-Type", "application/json")]

    static let cases: [Case] = [
        Case("GET", "/nothing", 404, "unknown_path"),
        Case("GET", "/stats/", 404, "unknown_path"),
        Case("GET", "/kvx", 404, "unknown_path"),
        Case("POST", "/admin/explode", 404, "unknown_path"),
        Case("GET", "/kv/", 400, "empty_key"),
        Case("GET", "/kv", 400, "empty_key"),
        Case("GET", "/kv//explain", 400, "empty_key"),
        Case("GET", "/kv/%zz", 400, "malformed_encoding"),
        Case("GET", "/kv/a%", 400, "malformed_encoding"),
        Case("GET", "/kv/" + String(repeating: "a", count: 1025), 414, "key_too_long"),
        Case("GET", "/kv/" + String(repeating: "a", count: 9000), 414, "target_too_long"),
        Case("POST", "/kv/a", 405, "method_not_allowed"),
        Case("PATCH", "/kv/a", 405, "method_not_allowed"),
        Case("PUT", "/kv/a/explain", 405, "method_not_allowed"),
        Case("PUT", "/stats", 405, "method_not_allowed"),
        Case("GET", "/admin/sync", 405, "method_not_allowed"),
        Case("GET", "/kv/a?ttl_s=5", 400, "unknown_parameter"),
        Case("GET", "/kv/a?pr=1", 400, "unknown_parameter"),
        Case("GET", "/kv/a/explain?r=1", 400, "unknown_parameter"),
        Case("GET", "/stats?x=1", 400, "unknown_parameter"),
        Case("GET", "/ring?partitions=maybe", 400, "invalid_parameter"),
        Case("GET", "/kv/a?r=1&r=1", 400, "repeated_parameter"),
        Case("GET", "/kv/a?r=0", 400, "invalid_parameter"),
        Case("GET", "/kv/a?r=-1", 400, "invalid_parameter"),
        Case("GET", "/kv/a?r=two", 400, "invalid_parameter"),
        Case("GET", "/kv/a?r", 400, "invalid_parameter"),
        Case("GET", "/kv/a?r=99999999999999999999", 400, "invalid_parameter"),
        Case("GET", "/kv/a?timeout_ms=0", 400, "invalid_parameter"),
        Case("GET", "/kv/a?timeout_ms=600001", 400, "invalid_parameter"),
        Case("GET", "/kv/a?sloppy=1", 400, "invalid_parameter"),
        Case("PUT", "/kv/a", 400, "malformed_json", headers: jsonType, body: "{\"value\":"),
        Case("PUT", "/kv/a", 400, "malformed_json", headers: [("Content-Type", "Application/JSON; charset=utf-8")]),
        Case("PUT", "/kv/a", 400, "missing_value", headers: jsonType, body: "{}"),
        Case("PUT", "/kv/a", 400, "unknown_member", headers: jsonType, body: "{\"value\":1,\"x\":1}"),
        Case("PUT", "/kv/a", 400, "invalid_context", headers: jsonType, body: "{\"value\":1,\"context\":\"?\"}"),
        Case("PUT", "/kv/a", 400, "invalid_context", headers: [("X-Stator-Context", "A")], body: "x"),
        Case("PUT", "/kv/a", 400, "invalid_context", headers: [("X-Stator-Context", "AAAA")], body: "x"),
        Case("PUT", "/kv/a", 400, "invalid_precondition", headers: [("If-Match", "*")], body: "x"),
        Case("PUT", "/kv/a", 400, "invalid_precondition", headers: [("If-None-Match", "\"AA==\"")], body: "x"),
        Case("PUT", "/kv/a", 415, "unsupported_encoding", headers: [("Content-Encoding", "gzip")], body: "x"),
        Case("POST", "/admin/leave?node=a%20b", 400, "invalid_parameter"),
        Case("POST", "/admin/leave", 400, "unknown_member", body: "{\"who\":\"B\"}"),
        Case("POST", "/admin/leave", 400, "malformed_json", body: "{"),
        Case("POST", "/admin/sync?node=B", 400, "unknown_parameter"),
        Case("POST", "/admin/join", 400, "wrong_node", body: "{\"node\":\"B\"}"),
        Case("POST", "/admin/join", 409, "refused"),
        Case("POST", "/admin/leave", 403, "foreign_origin", headers: [("Origin", "http://evil.example")]),
    ]

    @Test(arguments: cases) func refusalsHaveTheirStatusAndCode(_ refusal: Case) async throws {
        try await withGateway { _, port in
            let client = try RawClient(port: port)
            let response = try client.request(
                refusal.method, refusal.target, headers: refusal.headers, body: refusal.body.map { Array($0.utf8) })
            #expect(response.status == refusal.status)
            #expect(response.errorCode == refusal.code)
            #expect((response.error["message"] as? String)?.isEmpty == false)
            #expect(response.headers["x-stator-node"] == "A")
            #expect(response.status != 405 || response.headers["allow"] != nil)
            #expect(try client.request("GET", "/health").status == 200)
        }
    }

    @Test func unknownParametersNameTheKnownOnes() async throws {
        try await withGateway { _, port in
            let response = try RawClient(port: port).request("GET", "/kv/a?pw=1")
            #expect((response.error["message"] as? String)?.contains("r, w, timeout_ms, sloppy") == true)
        }
    }

    struct NodeError: Sendable {
        var error: ClientError
        var read: (Int, String)
        var write: (Int, String)
    }

    static let nodeErrors: [NodeError] = [
        NodeError(
            error: .quorumUnmet(answered: 1, needed: 2), read: (503, "quorum_unmet"), write: (503, "quorum_unmet")),
        NodeError(error: .timedOut(answered: 1, needed: 2), read: (504, "timeout"), write: (504, "outcome_unknown")),
        NodeError(error: .outcomeUnknown, read: (504, "outcome_unknown"), write: (504, "outcome_unknown")),
        NodeError(
            error: .impossibleQuorum(asked: 9, replicas: 3), read: (400, "impossible_quorum"),
            write: (400, "impossible_quorum")),
        NodeError(error: .overloaded, read: (503, "overloaded"), write: (503, "overloaded")),
        NodeError(
            error: .tooManySiblings(found: 100, maximum: 100), read: (409, "too_many_siblings"),
            write: (409, "too_many_siblings")),
        NodeError(
            error: .recordTooLarge(found: 9, maximum: 8), read: (409, "record_too_large"),
            write: (409, "record_too_large")),
        NodeError(error: .invalidContext("bad"), read: (400, "invalid_context"), write: (400, "invalid_context")),
        NodeError(error: .preconditionFailed, read: (412, "precondition_failed"), write: (412, "precondition_failed")),
        NodeError(error: .unavailable("stopping"), read: (503, "unavailable"), write: (503, "unavailable")),
    ]

    @Test(arguments: nodeErrors) func nodeErrorsHaveTheirStatus(_ expected: NodeError) async throws {
        try await withGateway { node, port in
            node.script { _ in .failed(expected.error) }
            let client = try RawClient(port: port)
            let read = try client.request("GET", "/kv/a")
            #expect(read.status == expected.read.0 && read.errorCode == expected.read.1)
            for write in [try client.putJSON("/kv/a", "{\"value\":1}"), try client.request("DELETE", "/kv/a")] {
                #expect(write.status == expected.write.0 && write.errorCode == expected.write.1)
                #expect(write.status != 503 || write.headers["retry-after"] != nil)
            }
            if case .quorumUnmet = expected.error {
                #expect(read.error["answered"] as? Int == 1)
                #expect(read.error["needed"] as? Int == 2)
            }
        }
    }
}
