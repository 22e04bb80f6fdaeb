import Checking
import NIOCore
import NIOHTTP1
import NodeClient
import Recording
import Testing

@Suite struct AnswerTests {
    private func concluded(
        _ kind: HistoryOperation.Kind, _ status: Int, _ body: String, context: String? = nil,
        type: String = "application/json; charset=utf-8"
    ) -> HistoryOperation {
        var operation = HistoryOperation(id: 1, client: 0, kind: kind, key: "k", start: 0, end: 0, outcome: .unknown)
        var headers: HTTPHeaders = ["content-type": type]
        if let context { headers.add(name: "x-stator-context", value: context) }
        operation.conclude(HTTPAnswer(status: status, headers: headers, body: ByteBuffer(string: body)))
        return operation
    }

    private func error(_ code: String) -> String { #"{"error":{"code":"\#(code)","message":"why"}}"# }

    @Test(arguments: [
        (503, "quorum_unmet"), (503, ""), (504, "outcome_unknown"), (504, "timeout"), (500, ""), (302, ""),
        (505, "unsupported_version"),
    ])
    func aWriteThatMayHaveHappenedIsUnknown(status: Int, code: String) {
        for kind in [HistoryOperation.Kind.write, .delete] {
            let operation = concluded(kind, status, code.isEmpty ? "" : error(code), context: "c")
            #expect(operation.outcome == .unknown)
            #expect(operation.resultContext == nil)
            #expect(operation.error == (code.isEmpty ? "status \(status)" : "\(status) \(code)"))
        }
    }

    @Test(arguments: [
        (400, "invalid_context"), (404, "unknown_path"), (409, "too_many_siblings"), (412, "precondition_failed"),
        (431, ""), (503, "overloaded"), (503, "unavailable"), (503, "not_ready"), (503, "unhealthy"),
    ])
    func aWriteThatWasRefusedHasFailed(status: Int, code: String) {
        for kind in [HistoryOperation.Kind.write, .delete] {
            #expect(concluded(kind, status, code.isEmpty ? "" : error(code)).outcome == .failed)
        }
    }

    @Test(arguments: [200, 201])
    func anAcknowledgedWriteKeepsTheContext(status: Int) {
        let operation = concluded(.write, status, #"{"status":"stored"}"#, context: "gQ==")
        #expect(operation.outcome == .ok)
        #expect(operation.resultContext == "gQ==")
        #expect(operation.error == nil)
    }

    @Test func callsWithoutAnAnswerAreUnknownOnlyWhereSomethingWasSent() {
        for (kind, lost) in [
            (HistoryOperation.Kind.read, HistoryOperation.Outcome.failed), (.write, .unknown), (.delete, .unknown),
        ] {
            var operation = HistoryOperation(id: 1, client: 0, kind: kind, key: "k", start: 0, end: 0)
            operation.conclude(.noAnswer("gone"))
            #expect(operation.outcome == lost)
            #expect(operation.error == "gone")
            operation.conclude(.notConnected("refused"))
            #expect(operation.outcome == .failed)
        }
    }

    @Test func aReadShowsEveryLiveVersion() {
        let one = concluded(.read, 200, #"{"key":"k","value":"v1","context":"c"}"#, context: "c")
        #expect(one.outcome == .ok && one.values == ["v1"] && one.resultContext == "c")
        let body =
            #"{"siblings":[{"value":"v2"},{"deleted":true},{"value_base64":"AAE=","content_type":"x/y"},{"value":3}]}"#
        let several = concluded(.read, 300, body, context: "c")
        #expect(several.outcome == .ok && several.values == ["v2", "AAE=", "3"])
        let raw = concluded(.read, 200, "plain", type: "text/plain")
        #expect(raw.outcome == .ok && raw.values == ["plain"])
    }

    @Test func nothingFoundIsAnAnswer() {
        let deleted = concluded(.read, 404, error("not_found"), context: "c")
        #expect(deleted.outcome == .ok && deleted.values.isEmpty && deleted.resultContext == "c")
        let never = concluded(.read, 404, error("not_found"))
        #expect(never.outcome == .ok && never.values.isEmpty && never.resultContext == nil)
    }

    @Test(arguments: [
        (404, #"{"error":{"code":"unknown_path"}}"#), (200, "{"), (200, "[]"), (300, "{}"), (304, ""),
        (503, #"{"error":{"code":"quorum_unmet"}}"#), (504, #"{"error":{"code":"timeout"}}"#),
    ])
    func aReadThatTellsNothingHasFailed(status: Int, body: String) {
        let operation = concluded(.read, status, body, context: "c")
        #expect(operation.outcome == .failed)
        #expect(operation.values.isEmpty && operation.resultContext == nil)
        #expect(operation.error != nil)
    }
}
