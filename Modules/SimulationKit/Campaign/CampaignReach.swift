package import Replication

/// Which of the named branches a campaign has reached, and which it had to.
package struct CampaignReach: Sendable {
    package struct Row: Sendable {
        package let probe: ReachProbe
        package let count: Int
        /// What it needs of a campaign; `nil` where none has to reach it.
        package let conditions: [ReachCondition]?
        /// It had to be reached and was not.
        package let isMissing: Bool
    }

    /// In the order of the declaration.
    package let rows: [Row]
    /// What occurred.
    package let conditions: [ReachCondition]

    package var missing: [ReachProbe] { rows.filter(\.isMissing).map(\.probe) }

    package init(_ totals: CampaignTotals, _ file: SimulationFile) {
        let met = ReachCondition.allCases.filter { CampaignReach.isMet($0, totals, file) }
        conditions = met
        rows = ReachProbe.allCases.map { probe in
            let count = totals.reached[Int(probe.rawValue)]
            let isDue = probe.conditions.map { $0.allSatisfy(met.contains) } ?? false
            return Row(probe: probe, count: count, conditions: probe.conditions, isMissing: isDue && count == 0)
        }
    }

    private static func isMet(_ condition: ReachCondition, _ totals: CampaignTotals, _ file: SimulationFile) -> Bool {
        func happened(_ classes: FaultClass...) -> Bool {
            classes.contains { totals.faults[$0.rawValue, default: 0] > 0 }
        }
        return switch condition {
        case .restarts: happened(.crash, .stop, .rollingRestart)
        case .cuts: happened(.crash, .stop, .rollingRestart, .partition)
        case .silence: happened(.pause, .clog, .lossBurst)
        case .wipes: happened(.wipe)
        case .diskErrors: happened(.diskErrors)
        case .corruption: happened(.bitFlips, .misdirectedWrites)
        case .ringChanges: happened(.membershipChange, .replacement)
        case .sloppy: file.replication.isSloppy
        case .hedging: file.replication.readFanOut == .hedged
        }
    }
}
