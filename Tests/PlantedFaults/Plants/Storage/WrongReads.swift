import Hashing
import NIOCore
import SimulationKit
import StatorCore
import Storage

/// A cache that is not told of overwrites.
enum StaleRecordRead: Plant {
    static let name = "stale-record-read"
    static let wrong = "Every fifth read of a key gives what the key held before its last write."
    static let caughtBy = ["lost-writes", "false-dominance", "read-your-writes"]
    static let scenario = Scenario.strict
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.wrapEngines { (base, place) throws(StorageError) in place.isHints ? base : StaleEngine(base) }
    }
}

private final class StaleEngine: PassingEngine {
    private var before: [Key: StoredRecord] = [:]
    private let turns = Turns(of: 5)

    override func apply(_ batch: [StorageWrite]) throws(BatchError) {
        for write in batch { before[write.key] = try? base.record(for: write.key, token: write.token) }
        try base.apply(batch)
    }

    override func record(for key: Key, token: Token) throws(StorageError) -> StoredRecord? {
        if turns.isNext(), let stale = before[key] { return stale }
        return try base.record(for: key, token: token)
    }
}

/// An index entry that points at another key's place.
enum RecordOfAnotherKey: Plant {
    static let name = "record-of-another-key"
    static let wrong = "Every twentieth read of a key gives what was last written to any key."
    static let caughtBy = ["invented-values"]
    static let scenario = Scenario.calm
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.wrapEngines { (base, place) throws(StorageError) in place.isHints ? base : MisreadingEngine(base) }
    }
}

private final class MisreadingEngine: PassingEngine {
    private var last: StoredRecord?
    private let turns = Turns(of: 20)

    override func apply(_ batch: [StorageWrite]) throws(BatchError) {
        if case .put(let record)? = batch.last { last = record }
        try base.apply(batch)
    }

    override func record(for key: Key, token: Token) throws(StorageError) -> StoredRecord? {
        guard turns.isNext(), let last, last.key != key else { return try base.record(for: key, token: token) }
        return StoredRecord(
            token: token, key: key, digest: last.digest, isTombstone: last.isTombstone, expiry: nil, body: last.body)
    }
}

/// Rotten bytes that no checksum guards.
enum CorruptBytesReturned: Plant {
    static let name = "corrupt-bytes-returned"
    static let wrong = "Every fifth read gives a value with one bit flipped, and calls it sound."
    static let caughtBy = ["invented-values"]
    static let scenario = Scenario.calm
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.wrapEngines { (base, place) throws(StorageError) in place.isHints ? base : RottingEngine(base) }
    }
}

private final class RottingEngine: PassingEngine {
    private let turns = Turns(of: 5)

    override func record(for key: Key, token: Token) throws(StorageError) -> StoredRecord? {
        guard let record = try base.record(for: key, token: token), !record.isTombstone, turns.isNext() else {
            return try base.record(for: key, token: token)
        }
        var bytes = Array(record.body.readableBytesView)
        // The values of a simulation end in dashes: what is flipped there still decodes.
        guard let place = bytes.lastIndex(of: UInt8(ascii: "-")) else { return record }
        bytes[place] ^= 1
        let body = ByteBuffer(bytes: bytes)
        return StoredRecord(
            token: token, key: key, digest: Digest(ofBody: body), isTombstone: false, expiry: record.expiry, body: body)
    }
}
