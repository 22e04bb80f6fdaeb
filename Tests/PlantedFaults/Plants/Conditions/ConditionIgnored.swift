import Replication
import SimulationKit
import StatorCore

/// A conditional write is carried out whatever the key holds.
enum ConditionIgnored: Plant {
    static let name = "condition-ignored"
    static let wrong = "The coordinator of a forwarded write does not look at its condition."
    static let caughtBy = ["conditional-writes"]
    static let scenario = Scenario.conditions
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.interpose = {
            { _, _, message in
                guard case .forward(let id, let request) = message, request.options.precondition != nil else {
                    return message
                }
                var options = request.options
                options.precondition = nil
                return .forward(
                    id,
                    ClientRequest(
                        key: request.key, token: request.token, operation: request.operation, options: options))
            }
        }
    }
}
