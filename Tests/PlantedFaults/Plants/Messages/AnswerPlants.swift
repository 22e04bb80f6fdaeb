import ConflictResolution
import Replication
import SimulationKit
import StatorCore

/// Answers get lost in the node.
enum AnswersLost: Plant {
    static let name = "answers-lost"
    static let wrong = "Every tenth answer to a forwarded request is never sent."
    static let caughtBy = ["liveness"]
    static let scenario = Scenario.calm
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.interpose = {
            let turns = Turns(of: 10)
            return { _, _, message in
                if case .forwardReply = message, turns.isNext() { return nil }
                return message
            }
        }
    }
}

/// The client is told that nothing happened.
enum RefusedThoughDone: Plant {
    static let name = "refused-though-done"
    static let wrong = "Every tenth forwarded write is carried out and answered as refused."
    static let caughtBy = ["invented-values"]
    static let scenario = Scenario.calm
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.interpose = {
            let turns = Turns(of: 10)
            return { _, _, message in
                if case .forwardReply(let id, .stored) = message, turns.isNext() {
                    return .forwardReply(id, .failed(.preconditionFailed))
                }
                return message
            }
        }
    }
}

/// A forward whose answer is late is sent again.
enum ForwardSentTwice: Plant {
    static let name = "forward-sent-twice"
    static let wrong = "A forwarded write is sent again, and carried out twice."
    static let caughtBy = ["false-concurrency"]
    static let scenario = Scenario.calm
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.interpose = {
            var sent: [NodeID: [NodeID: ShardMessage]] = [:]
            let turns = Turns(of: 5)
            return { from, to, message in
                switch message {
                case .forward:
                    if turns.isNext() { sent[from, default: [:]][to] = message }
                    return message
                case .read:
                    // Takes the place of a read: a port that may change messages cannot add one.
                    return sent[from]?.removeValue(forKey: to) ?? message
                default: return message
                }
            }
        }
    }
}
