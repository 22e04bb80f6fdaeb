internal import Composition
internal import SimulationKit
internal import StatorCore

/// A seed's faults, a line each.
enum PlanText {
    static func lines(_ plan: FaultPlan, _ file: SimulationFile) -> String {
        let names = file.configurations.map(\.nodeID.name)
        let victims = plan.victims.map { names[$0] }.joined(separator: ", ")
        var lines = ["\(plan.faults.count) faults; nodes are numbered \(names.first ?? "") = 0 and so on"]
        if file.losesDisks { lines.append("disks that may forget: \(victims)") }
        lines += plan.faults.map { fault in
            let begin = ResultText.seconds(.nanoseconds(fault.begin))
            return "\(fault.number)  at \(begin) for \(ResultText.seconds(.nanoseconds(fault.length))): \(fault.kind)"
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
