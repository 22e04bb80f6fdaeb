import Replication
import SimulationKit
import StatorCore

/// The receiver of a hint confirms it without having stored it: here because what it was sent is old.
enum HandoffOfOlderVersion: Plant {
    static let name = "handoff-of-older-version"
    static let wrong = "A hint is delivered as the first version that the key ever had, confirmed, and forgotten."
    static let caughtBy = ["hint-accounts", "copies", "lost-writes"]
    static let scenario = Scenario.singleCopies
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.interpose = {
            var first: [Key: StoredRecord] = [:]
            return { _, _, message in
                guard case .write(var write) = message else { return message }
                if let known = first[write.record.key] {
                    if write.purpose == .hintDelivery { write.record = known }
                } else {
                    first[write.record.key] = write.record
                }
                return .write(write)
            }
        }
    }
}
