import Replication
import SimulationKit
import StatorCore

/// An owner that has lost its disk is taken for one that holds everything.
enum RecoveringAnswersCount: Plant {
    static let name = "recovering-answers-count"
    static let wrong = "What an owner answers while it recovers a lost disk counts to R."
    static let caughtBy = ["counting-answers"]
    static let scenario = Scenario.slowRecovery
    static let seeds: UInt64 = 1

    static func plant(in options: inout RunOptions) {
        options.interpose = {
            { _, _, message in
                switch message {
                case .readReply(let id, .held(let record, counts: false)): .readReply(id, .held(record, counts: true))
                case .readReply(let id, .same(let digest, counts: false)): .readReply(id, .same(digest, counts: true))
                default: message
                }
            }
        }
    }
}
