import DequeModule
import SimulationKit
import StatorCore
import Storage

/// A hint store makes room for new hints instead of refusing them.
enum OldestHintEvicted: Plant {
    static let name = "oldest-hint-evicted"
    static let wrong = "A hint store that holds three hints lets the oldest go for each new one."
    static let caughtBy = ["convergence"]
    static let scenario = Scenario.singleCopies
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.wrapEngines { (base, place) throws(StorageError) in place.isHints ? EvictingEngine(base) : base }
    }
}

private final class EvictingEngine: PassingEngine {
    private var order = Deque<ScanCursor>()

    override func apply(_ batch: [StorageWrite]) throws(BatchError) {
        try super.apply(batch)
        for case .put(let hint) in batch { order.append(ScanCursor(token: hint.token, key: hint.key)) }
        while order.count > 3, let oldest = order.popFirst() { try base.apply([.remove(oldest.token, oldest.key)]) }
    }
}
