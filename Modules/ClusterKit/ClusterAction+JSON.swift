internal import NodeClient

extension ClusterAction {
    /// As it comes over HTTP: the action's name, and `{"node": "C"}`, `{"groups": [["A"], ["B", "C"]]}` or
    /// `{"node": "B", "delay_ms": 50}`.
    init(_ name: String, _ body: JSONValue) throws(ClusterError) {
        func node() throws(ClusterError) -> String {
            guard let node = body["node"].text else { throw .usage("\(name) needs {\"node\": \"NAME\"}") }
            return node
        }
        switch name {
        case "start": self = .start(body["node"].text)
        case "stop": self = .stop(try node())
        case "add": self = .add(try body["node"].text.map(Self.newName))
        case "remove": self = .remove(try node())
        case "kill": self = .kill(try node())
        case "pause": self = .pause(try node())
        case "resume": self = .resume(try node())
        case "wipe": self = .wipe(try node())
        case "heal": self = .heal
        case "down": self = .down
        case "partition":
            let groups = body["groups"].elements.map { $0.elements.compactMap(\.text) }
            guard !groups.isEmpty else { throw .usage("partition needs {\"groups\": [[\"A\"], [\"B\", \"C\"]]}") }
            self = .partition(groups)
        case "slow":
            guard let delay = body["delay_ms"].integer, ClusterAction.delayRange.contains(delay) else {
                throw .usage(
                    "slow needs {\"node\": \"NAME\", \"delay_ms\": 0 to \(ClusterAction.delayRange.upperBound)}")
            }
            self = .slow(try node(), milliseconds: delay)
        default:
            throw .usage(
                "unknown action \(name.prefix(64)): known are start, stop, add, remove, kill, pause, resume, wipe, "
                    + "partition, slow, heal, down")
        }
    }

    static let delayRange = 0...3000

    private static func newName(_ name: String) throws(ClusterError) -> String {
        let isName =
            (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
        guard isName else { throw .usage("a node's name has 1 to 64 of A-Z a-z 0-9 _ -") }
        return name
    }
}
