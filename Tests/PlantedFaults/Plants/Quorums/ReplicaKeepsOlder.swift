import Replication
import SimulationKit
import StatorCore

/// What is replicated is not what the coordinator made.
enum ReplicaKeepsOlder: Plant {
    static let name = "replica-keeps-older-version"
    static let wrong = "Every fifth replicated write arrives as the version before it, and is acknowledged."
    static let caughtBy = ["acknowledged-copies"]
    static let scenario = Scenario.calm
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.interpose = {
            var latest: [Key: StoredRecord] = [:]
            var before: [Key: StoredRecord] = [:]
            let turns = Turns(of: 5)
            return { _, _, message in
                guard case .write(var write) = message, write.purpose == .write else { return message }
                let key = write.record.key
                if latest[key]?.digest != write.record.digest {
                    before[key] = latest[key]
                    latest[key] = write.record
                }
                if let older = before[key], turns.isNext() { write.record = older }
                return .write(write)
            }
        }
    }
}
