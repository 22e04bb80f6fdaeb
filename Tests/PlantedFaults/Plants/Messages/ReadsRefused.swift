import Replication
import SimulationKit
import StatorCore

/// A change of the ring shows at the outside.
enum ReadsRefusedDuringTransfer: Plant {
    static let name = "reads-refused-during-transfer"
    static let wrong = "Owners refuse reads for a while after a range was asked for."
    static let caughtBy = ["readability"]
    static let scenario = Scenario.membership
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.interpose = {
            var refusals = 0
            return { _, _, message in
                switch message {
                case .transfer:
                    refusals = 20
                    return message
                case .readReply(let id, .held) where refusals > 0:
                    refusals -= 1
                    return .readReply(id, .refused(.overloaded))
                default: return message
                }
            }
        }
    }
}
