import SimulationKit
import StatorCore
import Storage

/// Tombstones are thrown away while a replica has still to hear of them.
enum TombstoneReapedEarly: Plant {
    static let name = "tombstone-reaped-early"
    static let wrong = "Each replica forgets a tombstone after a few more writes, whoever still lacks it."
    static let caughtBy = ["resurrected-deletes"]
    static let scenario = Scenario.deletes
    static let seeds: UInt64 = 6

    static func plant(in options: inout RunOptions) {
        options.wrapEngines { (base, place) throws(StorageError) in place.isHints ? base : ReapingEngine(base) }
    }
}

private final class ReapingEngine: PassingEngine {
    private var tombstones: [StoredRecord] = []

    override func apply(_ batch: [StorageWrite]) throws(BatchError) {
        try base.apply(batch)
        for case .put(let record) in batch where record.isTombstone { tombstones.append(record) }
        while tombstones.count > 2 {
            let oldest = tombstones.removeFirst()
            let held = try? base.record(for: oldest.key, token: oldest.token)
            if held?.digest == oldest.digest { try base.apply([.remove(oldest.token, oldest.key)]) }
        }
    }
}
