package import StatorCore

extension WorkloadSettings {
    /// The lowest rate but 0, in operations a second.
    static let lowestRate = 0.001

    /// What is impossible together. The weights of a preset count as set, whether or not it was applied already.
    package func problems() -> [SettingProblem] {
        let applied = applyingPreset(given: ["keyChoice", "theta", "keys"]).settings
        return applied.paceProblems + applied.stepProblems + applied.traceProblems
    }

    private var paceProblems: [SettingProblem] {
        var problems: [SettingProblem] = []
        func note(_ field: String, _ message: String) {
            problems.append(SettingProblem(field: field, message: message))
        }
        if operationsPerSecond > 0, operationsPerSecond < Self.lowestRate {
            note("operationsPerSecond", "is \(operationsPerSecond): it is 0 or at least \(Self.lowestRate)")
        }
        if loop == .open, operationsPerSecond == 0, trace.isEmpty {
            note("operationsPerSecond", "is 0 in an open loop without a trace: nothing says when operations are due")
        }
        if loop == .closed, arrivals != .poisson {
            note("arrivals", "is \(arrivals.rawValue) in a closed loop, which has no arrivals: loop is open for that")
        }
        return problems
    }

    private var stepProblems: [SettingProblem] {
        var problems: [SettingProblem] = []
        func note(_ field: String, _ message: String) {
            problems.append(SettingProblem(field: field, message: message))
        }
        if trace.isEmpty, weights.allSatisfy({ $0 <= 0 }) {
            note("reads", "is 0 as all other weights are: nothing would be done")
        }
        if batches > 0, batchKeys > keys {
            note("batchKeys", "is \(batchKeys), more than the \(keys) keys there are")
        }
        if keyChoice == .ycsbCompat, theta != YCSBScrambledZipfian.theta {
            note("theta", "is \(theta): the exponent of ycsb-compat is always \(YCSBScrambledZipfian.theta)")
        }
        if valueSizes != .constant, valueMinimum > value {
            note("valueMinimumBytes", "is \(valueMinimum.bytes), more than the \(value.bytes) of valueBytes")
        }
        return problems
    }

    private var traceProblems: [SettingProblem] {
        if trace.isEmpty {
            guard traceSpeed != 1 else { return [] }
            return [SettingProblem(field: "traceSpeed", message: "is \(traceSpeed) without a trace")]
        }
        guard preset != .none else { return [] }
        return [
            SettingProblem(
                field: "preset", message: "is \(preset.rawValue) with a trace, which says itself what is done")
        ]
    }
}
