import SimulationKit
import StatorCore
import Storage

/// Two applies of one key reach the disk in the wrong order.
enum AppliesReordered: Plant {
    static let name = "applies-reordered"
    static let wrong = "Of two writes to one key the earlier sometimes reaches the disk last, and stays."
    static let caughtBy = ["crash-recovery", "lost-writes"]
    static let scenario = Scenario.crashes
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.wrapEngines { (base, place) throws(StorageError) in place.isHints ? base : ReorderingEngine(base) }
    }
}

/// Holds every tenth write back until its key is written again, and puts it on top then.
private final class ReorderingEngine: PassingEngine {
    private var held: [Key: StoredRecord] = [:]
    private let turns = Turns(of: 10)

    override func record(for key: Key, token: Token) throws(StorageError) -> StoredRecord? {
        if let held = held[key] { return held }
        return try base.record(for: key, token: token)
    }

    override func apply(_ batch: [StorageWrite]) throws(BatchError) {
        for write in batch {
            if let earlier = held.removeValue(forKey: write.key) {
                try base.apply([write, .put(earlier)])
            } else if case .put(let record) = write, turns.isNext() {
                held[write.key] = record
            } else {
                try base.apply([write])
            }
        }
    }
}
