import SimulationKit
import StatorCore
import Storage

/// A stand-in says that it keeps a hint and keeps none.
enum HintNeverStored: Plant {
    static let name = "hint-never-stored"
    static let wrong = "A stand-in acknowledges a write that it does not keep."
    static let caughtBy = ["convergence"]
    static let scenario = Scenario.singleCopies
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.wrapEngines { (base, place) throws(StorageError) in place.isHints ? EmptyEngine(base) : base }
    }
}

private final class EmptyEngine: PassingEngine {
    override func apply(_ batch: [StorageWrite]) throws(BatchError) {}
}

/// Hints of an earlier life are thrown away at start.
enum HintsForgottenAtRestart: Plant {
    static let name = "hints-forgotten-at-restart"
    static let wrong = "A stand-in that starts again begins with no hints."
    static let caughtBy = ["crash-recovery"]
    static let scenario = Scenario.standInsDie
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.wrapEngines { (base, place) throws(StorageError) in
            for hint in place.isHints ? base.everything() : [] { try base.apply(.remove(hint.token, hint.key)) }
            return base
        }
    }
}

/// A hint is gone as soon as its delivery begins.
enum HintDroppedBeforeConfirmation: Plant {
    static let name = "hint-dropped-before-confirmation"
    static let wrong = "A hint is removed when it is read for delivery, whether or not it arrives."
    static let caughtBy = ["convergence", "crash-recovery"]
    static let scenario = Scenario.singleCopies
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.wrapEngines { (base, place) throws(StorageError) in place.isHints ? LettingGoEngine(base) : base }
    }
}

private final class LettingGoEngine: PassingEngine {
    override func record(for key: Key, token: Token) throws(StorageError) -> StoredRecord? {
        let record = try base.record(for: key, token: token)
        if record != nil { try base.apply(.remove(token, key)) }
        return record
    }
}
