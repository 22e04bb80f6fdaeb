internal import Composition
internal import SimulationKit

/// What of a simulation's document means something where runs are real: the rest is refused rather than ignored.
struct EnvironmentRules {
    private let environment: RunEnvironment

    init(_ environment: RunEnvironment) {
        self.environment = environment
    }

    /// What cannot be chosen in this environment, by section.
    func problems(of document: JSONValue) -> [ConfigurationProblem] {
        guard case .object(let sections) = document else { return [] }
        let known: [String]
        switch environment {
        case .simulated: return []
        case .local:
            known = [
                "cluster", "replication", "hints", "antiEntropy", "durability", "strategies", "workload", "faults",
                "phases",
            ]
        case .remote: known = ["workload", "phases"]
        }
        return sections.map(\.name).filter { !known.contains($0) && $0 != "$schema" }.map { name in
            ConfigurationProblem(
                path: name,
                message: "cannot be chosen where runs are `\(environment.rawValue)`, expected only "
                    + known.joined(separator: ", "))
        }
    }

    func problems(of file: SimulationFile) -> [ConfigurationProblem] {
        guard environment != .simulated else { return [] }
        var problems: [ConfigurationProblem] = []
        if file.requests != RequestSettings() {
            problems.append(
                ConfigurationProblem(
                    path: "workload.requests", message: "only simulated clients ask for what is drawn there"))
        }
        guard environment == .local else { return problems }
        if file.faults.hasAny {
            problems.append(
                ConfigurationProblem(
                    path: "faults", message: "only faults of `faults.schedule` can be made to happen to real nodes"))
        }
        for (position, fault) in file.schedule.enumerated() where !Self.realFaults.contains(fault.kind) {
            problems.append(
                ConfigurationProblem(
                    path: "faults.schedule.\(position).kind",
                    message: "found \"\(fault.kind.rawValue)\", expected what can happen to a process: "
                        + Self.realFaults.map(\.rawValue).joined(separator: ", ")))
        }
        return problems
    }

    private static let realFaults: [ScheduledFault.Kind] = [.crash, .stop, .pause, .wipe, .join, .leave]
}
