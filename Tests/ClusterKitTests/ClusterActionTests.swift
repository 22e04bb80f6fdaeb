import NodeClient
import Testing

@testable import ClusterKit

/// What comes over HTTP becomes an action, or is refused.
@Suite struct ClusterActionTests {
    private func action(_ name: String, _ body: String) throws(ClusterError) -> ClusterAction {
        try ClusterAction(name, JSONValue(parsing: Array(body.utf8)) ?? .null)
    }

    @Test func actionsAreRead() throws {
        guard case .kill("C") = try action("kill", #"{"node": "C"}"#),
            case .start(nil) = try action("start", ""), case .start("C") = try action("start", #"{"node": "C"}"#),
            case .slow("B", milliseconds: 50) = try action("slow", #"{"node": "B", "delay_ms": 50}"#),
            case .partition([["A"], ["B", "C"]]) = try action("partition", #"{"groups": [["A"], ["B", "C"]]}"#),
            case .add(nil) = try action("add", "{}"), case .heal = try action("heal", "nonsense")
        else {
            Issue.record("an action was read as another")
            return
        }
    }

    @Test(arguments: [
        ("kill", "{}"), ("kill", #"{"node": 3}"#), ("slow", #"{"node": "B"}"#),
        ("slow", #"{"node": "B", "delay_ms": -1}"#), ("slow", #"{"node": "B", "delay_ms": 99999}"#),
        ("partition", "{}"), ("partition", #"{"groups": []}"#), ("add", #"{"node": "../evil"}"#),
        ("add", #"{"node": ""}"#), ("frobnicate", "{}"), ("", ""),
    ])
    func nonsenseIsRefusedAsUsage(_ name: String, _ body: String) {
        #expect { try action(name, body) } throws: { ($0 as? ClusterError)?.status == 64 }
    }

    @Test func whatBreaksThingsIsAFault() throws {
        for name in ["kill", "pause", "resume", "wipe"] { #expect(try action(name, #"{"node": "A"}"#).isFault) }
        for name in ["start", "stop", "remove", "add"] { #expect(try !action(name, #"{"node": "A"}"#).isFault) }
    }
}
