import Replication
import SimulationKit
import StatorCore
import Storage

/// A new owner takes the beginning of a range for the whole.
enum TransferEndsEarly: Plant {
    static let name = "transfer-ends-early"
    static let wrong = "A new owner confirms a range after half a page of it."
    static let caughtBy = ["healthy-cluster"]
    static let scenario = Scenario.membership
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.interpose = {
            return { _, _, message in
                guard case .transferPage(let id, .records(let records, _, let source)) = message else {
                    return message
                }
                let half = Array(records.prefix((records.count + 1) / 2))
                return .transferPage(id, .records(half, next: nil, source: source))
            }
        }
    }
}

/// A node that lets a range go is told that all it holds is held, unseen.
enum HandOverIsNotCompared: Plant {
    static let name = "hand-over-is-not-compared"
    static let wrong = "An owner says that it holds whatever a former owner asks it about."
    static let caughtBy = ["copies"]
    static let scenario = Scenario.singleCopiesMove
    static let seeds: UInt64 = 16

    static func plant(in options: inout RunOptions) {
        options.interpose = {
            return { _, _, message in
                guard case .coverReply(let id, .differing) = message else { return message }
                return .coverReply(id, .differing([]))
            }
        }
    }
}

/// Pages overlap the wrong way: the last record of each is passed over.
enum ScanSkipsEndOfPage: Plant {
    static let name = "scan-skips-end-of-page"
    static let wrong = "A listing that goes on in another page passes over the last record of each."
    static let caughtBy = ["convergence"]
    static let scenario = Scenario.membership
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.wrapEngines { (base, place) throws(StorageError) in place.isHints ? base : SkippingEngine(base) }
    }
}

private final class SkippingEngine: PassingEngine {
    /// What is asked for at a time when a range is handed over; others ask for more.
    private static let page = 256

    override func scan(
        _ range: TokenRange, after cursor: ScanCursor?, limit: Int, into entries: inout [RecordMetadata]
    ) throws(StorageError) -> ScanCursor? {
        guard limit == SkippingEngine.page else {
            return try base.scan(range, after: cursor, limit: limit, into: &entries)
        }
        // Small pages, so that there are several.
        let next = try base.scan(range, after: cursor, limit: 3, into: &entries)
        if next != nil { entries.removeLast() }
        return next
    }
}

/// Handing a range over moves it, rather than copying it.
enum TransferMoves: Plant {
    static let name = "transfer-moves"
    static let wrong = "An owner forgets each record that it hands to a new owner, confirmed or not."
    static let caughtBy = ["convergence"]
    static let scenario = Scenario.membership
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.wrapEngines { (base, place) throws(StorageError) in place.isHints ? base : MovingEngine(base) }
    }
}

private final class MovingEngine: PassingEngine {
    private static let page = 256
    private var handedOver: Set<Key> = []

    override func scan(
        _ range: TokenRange, after cursor: ScanCursor?, limit: Int, into entries: inout [RecordMetadata]
    ) throws(StorageError) -> ScanCursor? {
        let first = entries.count
        let next = try base.scan(range, after: cursor, limit: limit, into: &entries)
        if limit == MovingEngine.page { handedOver.formUnion(entries[first...].map(\.key)) }
        return next
    }

    override func record(for key: Key, token: Token) throws(StorageError) -> StoredRecord? {
        let record = try base.record(for: key, token: token)
        if handedOver.remove(key) != nil { try base.apply(.remove(token, key)) }
        return record
    }
}
