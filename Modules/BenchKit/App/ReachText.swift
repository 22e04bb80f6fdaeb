internal import Replication
internal import SimulationKit

/// Which named branches a campaign has reached, for people.
enum ReachText {
    static func text(_ reach: CampaignReach) -> String {
        let name = reach.rows.map { "\($0.probe)".utf8.count }.max() ?? 0
        let digits = reach.rows.map { String($0.count).utf8.count }.max() ?? 0
        let reached = reach.rows.count { $0.count > 0 }
        let met = reach.conditions.map(\.rawValue).joined(separator: ", ")
        var lines = [
            "probes      \(reached) of \(reach.rows.count) reached; conditions met: \(met.isEmpty ? "none" : met)"
        ]
        for row in reach.rows where row.count > 0 {
            lines.append("  \(left("\(row.probe)", name))  \(right("\(row.count)", digits))\(due(row))")
        }
        lines.append("never reached")
        for row in reach.rows where row.count == 0 {
            let verdict = row.isMissing ? "  MISSING" : ""
            lines.append("  \(left("\(row.probe)", name))  \(right("0", digits))\(due(row))\(verdict)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What is missing, one line each.
    static func missing(_ reach: CampaignReach) -> String {
        reach.missing.map { "the probe \($0) had to be reached, and was not\n" }.joined()
    }

    private static func due(_ row: CampaignReach.Row) -> String {
        guard let conditions = row.conditions else { return "" }
        return conditions.isEmpty ? "  always" : "  needs \(conditions.map(\.rawValue).joined(separator: ", "))"
    }

    private static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.utf8.count))
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.utf8.count)) + text
    }
}
