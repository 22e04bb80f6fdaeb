internal import Checking
internal import Recording

/// A recording's outcome, for people.
enum RecordText {
    static func text(_ recorded: RecordedHistory, _ settings: RecordingSettings, output: String) -> String {
        let count = recorded.history.operations.count { !$0.isFinal }
        let nodes = recorded.operationsOfNodes.map { "\($0.node) \($0.operations)" }
        var lines = [
            "operations  \(count) in \(ResultText.seconds(recorded.elapsed)): \(recorded.count(.read)) reads, "
                + "\(recorded.count(.write)) writes, \(recorded.count(.delete)) deletes",
            "outcomes    \(recorded.count(.ok)) done, \(recorded.count(.failed)) failed, "
                + "\(recorded.count(.unknown)) unknown",
            "nodes       \(nodes.isEmpty ? "none" : nodes.joined(separator: ", "))",
        ]
        lines.append("final       " + finalReads(recorded))
        lines.append("history     \(output)")
        lines.append("")
        lines.append("To check it for what a causal resolver promises; name only what the configuration does:")
        lines.append(
            "  stator-bench check \(ResultText.quotedForShell(output))"
                + ["keeps-acknowledged", "no-false-concurrency", "context-wins", "no-resurrection"]
                .map { " --promise \($0)" }.joined())
        return lines.joined(separator: "\n") + "\n"
    }

    private static func finalReads(_ recorded: RecordedHistory) -> String {
        let missing = recorded.usedKeys - recorded.finalReads
        switch (recorded.usedKeys, missing) {
        case (0, _): return "nothing was read in the end: lost writes cannot be told"
        case (_, 0): return "all \(recorded.usedKeys) used keys were read from all replicas"
        default:
            return "\(recorded.finalReads) of \(recorded.usedKeys) used keys were read from all replicas; "
                + "nothing is told of what was lost in the others"
        }
    }
}
