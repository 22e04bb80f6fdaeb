internal import Hashing
internal import NIOCore
internal import Simulation
internal import StatorCore
internal import Storage

/// What an engine should hold: an array in (token, key) order.
struct StorageModel: Equatable {
    private(set) var records: [StoredRecord] = []

    mutating func apply(_ batch: [StorageWrite]) {
        for write in batch {
            let position = position(of: write.key, token: write.token)
            let isThere =
                position < records.count && records[position].key == write.key
                && records[position].token == write.token
            switch write {
            case .put(let record):
                if isThere { records[position] = record } else { records.insert(record, at: position) }
            case .remove:
                if isThere { records.remove(at: position) }
            }
        }
    }

    func record(for key: Key, token: Token) -> StoredRecord? {
        let position = position(of: key, token: token)
        guard position < records.count, records[position].key == key, records[position].token == token else {
            return nil
        }
        return records[position]
    }

    private func position(of key: Key, token: Token) -> Int {
        let cursor = ScanCursor(token: token, key: key)
        var low = 0
        var high = records.count
        while low < high {
            let middle = (low + high) / 2
            let found = ScanCursor(token: records[middle].token, key: records[middle].key)
            if found < cursor { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// Draws keys, records and batches. Some keys share a token, as keys whose hashes collide do.
struct StorageCases {
    var random: RandomGenerator
    let keys: [(Key, Token)]
    private var written = 0

    init(_ random: RandomGenerator, keys count: Int) {
        self.random = random
        keys = (0..<count).map { number in
            var bytes = ByteBuffer(string: "key-\(number)")
            // As long as the name of a hint may be.
            if number == 49 {
                bytes.writeRepeatingByte(UInt8(ascii: "-"), count: Limits.maximumStoredKey - bytes.readableBytes)
            }
            let hashed = ByteBuffer(string: "token-\(number % 7 == 0 ? number / 14 : number)")
            return (Key(unchecked: bytes), Token(XXHash.xxh3(hashed)))
        }
    }

    mutating func key() -> (Key, Token) { keys[random.below(keys.count)] }

    /// A record like no other: its body carries a number. Some compress well, some do not, some are empty.
    mutating func record() -> StoredRecord {
        let (key, token) = key()
        written += 1
        var body = ByteBuffer(string: "\(written):")
        switch random.below(4) {
        case 0: body.writeRepeatingByte(UInt8(ascii: "a"), count: random.below(2000))
        case 1: for _ in 0..<random.below(40) { body.writeInteger(random.next()) }
        case 2: body.writeString("{\"value\":\"\(random.below(1000))\"}")
        default: break
        }
        let expiry = random.chance(0.2) ? WallTime(microseconds: Int64(random.below(1 << 40))) : nil
        return StoredRecord(
            token: token, key: key, digest: Digest(ofBody: body), isTombstone: random.chance(0.15), expiry: expiry,
            body: body)
    }

    mutating func batch() -> [StorageWrite] {
        (0..<(1 + random.below(6))).map { _ in
            if random.chance(0.2) {
                let (key, token) = key()
                return .remove(token, key)
            }
            return .put(record())
        }
    }
}

extension StorageLaws {
    /// Whatever is done to it, in whatever order, an engine holds what the model holds.
    static func agreesWithModel(_ subject: Subject, persists: Bool) throws {
        let law = "agrees-with-model"
        var cases = StorageCases(subject.random(law), keys: 60)
        let disk = SimulatedDisk(random: cases.random.split())
        var engine = try subject.open(disk, law)
        var model = StorageModel()
        for _ in 0..<400 {
            switch cases.random.below(20) {
            case 0..<11:
                let batch = cases.batch()
                try engine.apply(batch)
                model.apply(batch)
            case 11, 12: try sync(engine)
            case 13..<17: _ = try engine.maintain(budget: ByteCount(cases.random.below(20_000)))
            case 17:
                let (key, token) = cases.key()
                if try engine.record(for: key, token: token) != model.record(for: key, token: token) {
                    throw subject.violation(law, "a read of \(key.displayText) differs")
                }
            case 18: try expectEqual(engine, model, subject, law)
            default:
                guard persists else { continue }
                try engine.close()
                let counted = engine.statistics
                engine = try subject.open(disk, law)
                try expectSameBytes(engine.statistics, counted, subject, law)
            }
        }
        try expectEqual(engine, model, subject, law)
        try engine.close()
    }

    /// The whole content, its statistics included, is the model's.
    static func expectEqual(_ engine: any StorageEngine, _ model: StorageModel, _ subject: Subject, _ law: String)
        throws
    {
        let found = try content(of: engine)
        guard found == model.records else {
            throw subject.violation(law, difference(found, model.records))
        }
        let statistics = engine.statistics
        let tombstones = model.records.count(where: \.isTombstone)
        guard statistics.records == model.records.count, statistics.tombstones == tombstones else {
            throw subject.violation(
                law,
                "statistics count \(statistics.records) records and \(statistics.tombstones) tombstones of "
                    + "\(model.records.count) and \(tombstones)")
        }
    }

    /// What was counted while records were written is what a start finds in the files.
    private static func expectSameBytes(
        _ found: StorageStatistics, _ counted: StorageStatistics, _ subject: Subject, _ law: String
    ) throws {
        guard found.liveBytes == counted.liveBytes else {
            throw subject.violation(
                law, "a start finds \(found.liveBytes) live bytes where \(counted.liveBytes) were counted before")
        }
        guard found.liveBytes + found.deadBytes <= found.diskBytes else {
            throw subject.violation(
                law,
                "\(found.liveBytes) live and \(found.deadBytes) dead bytes are counted of \(found.diskBytes) on disk")
        }
    }

    /// All records, by a scan and reads.
    static func content(of engine: any StorageEngine) throws -> [StoredRecord] {
        var entries: [RecordMetadata] = []
        var cursor: ScanCursor?
        repeat {
            cursor = try engine.scan(.full, after: cursor, limit: 16, into: &entries)
        } while cursor != nil
        return try entries.compactMap { entry in
            let record = try engine.record(for: entry.key, token: entry.token)
            return record?.metadata == entry ? record : nil
        }
    }

    static func difference(_ found: [StoredRecord], _ expected: [StoredRecord]) -> String {
        for (one, other) in zip(found, expected) where one != other {
            return "\(one.key.displayText) (\(String(buffer: one.body).prefix(12))) is where "
                + "\(other.key.displayText) (\(String(buffer: other.body).prefix(12))) is expected"
        }
        return "\(found.count) records where \(expected.count) are expected"
    }

    /// Any range, cut into any pages, comes in (token, key) order, and ends.
    static func scansInOrder(_ subject: Subject) throws {
        let law = "scans-in-order"
        var cases = StorageCases(subject.random(law), keys: 500)
        let engine = try subject.open(SimulatedDisk(random: cases.random.split()), law)
        var model = StorageModel()
        for _ in 0..<150 {
            let batch = cases.batch()
            try engine.apply(batch)
            model.apply(batch)
        }
        for _ in 0..<100 {
            let range = cases.range()
            let limit = 1 + cases.random.below(40)
            var found: [RecordMetadata] = []
            var cursor: ScanCursor?
            repeat {
                let before = found.count
                let next = try engine.scan(range, after: cursor, limit: limit, into: &found)
                guard found.count - before <= limit, next == nil || found.count > before else {
                    throw subject.violation(law, "a page has \(found.count - before) entries, its limit is \(limit)")
                }
                cursor = next
            } while cursor != nil
            let expected = model.records.filter { range.contains($0.token) }.map(\.metadata)
            guard found == expected else {
                throw subject.violation(law, "\(found.count) entries in \(range), \(expected.count) expected")
            }
        }
        try engine.close()
    }

    /// A batch takes effect in order: the last write of a key counts.
    static func batchesAreOrdered(_ subject: Subject) throws {
        let law = "batches-are-ordered"
        var cases = StorageCases(subject.random(law), keys: 3)
        let engine = try subject.open(SimulatedDisk(random: cases.random.split()), law)
        var model = StorageModel()
        for _ in 0..<60 {
            let batch = cases.batch() + cases.batch() + cases.batch()
            try engine.apply(batch)
            model.apply(batch)
            try expectEqual(engine, model, subject, law)
        }
        try engine.close()
    }
}

extension StorageCases {
    /// A range that begins and ends at keys' tokens or anywhere.
    fileprivate mutating func range() -> TokenRange {
        func end(_ cases: inout StorageCases) -> Token {
            cases.random.chance(0.5) ? cases.key().1 : Token(cases.random.next())
        }
        let one = end(&self)
        let other = end(&self)
        return TokenRange(first: min(one, other), last: max(one, other))
    }
}
