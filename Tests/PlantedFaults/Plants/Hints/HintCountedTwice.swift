import SimulationKit
import StatorCore
import Storage

/// The books of hints do not balance.
enum HintCountedTwice: Plant {
    static let name = "hint-counted-twice"
    static let wrong = "A stand-in that starts again counts each hint that it finds twice."
    static let caughtBy = ["hint-accounts"]
    static let scenario = Scenario.standInsDie
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.wrapEngines { (base, place) throws(StorageError) in place.isHints ? DoublingEngine(base) : base }
    }
}

private final class DoublingEngine: PassingEngine {
    /// What a node asks for at a time when it looks for its hints; others ask for more.
    private static let page = 256

    override func scan(
        _ range: TokenRange, after cursor: ScanCursor?, limit: Int, into entries: inout [RecordMetadata]
    ) throws(StorageError) -> ScanCursor? {
        let next = try base.scan(range, after: cursor, limit: limit, into: &entries)
        if limit == DoublingEngine.page { entries += entries }
        return next
    }
}
