import NIOCore
import StatorCore
import Testing

@testable import Storage

private struct Number: IndexedValue, Equatable {
    var number: Int
    var digest: Digest { Digest(UInt64(number)) }
    var isTombstone: Bool { false }
    var bodyBytes: Int { number }
}

@Suite struct TokenIndexTests {
    /// Tokens as they come: uniform, one shard's slice, a few only, ascending.
    enum Spread: CaseIterable {
        case uniform, slice, few, ascending

        func token(_ random: inout RandomGenerator, _ step: Int) -> Token {
            switch self {
            case .uniform: Token(random.next())
            case .slice: Token(0xABC0_0000_0000_0000 | random.next() >> 12)
            case .few: Token(UInt64(random.below(5)) << 61)
            case .ascending: Token(UInt64(step))
            }
        }
    }

    @Test(arguments: Spread.allCases) func holdsWhatASortedArrayHolds(spread: Spread) throws {
        for seed in [1, 2] as [UInt64] {
            var random = RandomGenerator(seed: seed)
            let index = TokenIndex<KeyedEntry<Number>>()
            var model: [(cursor: ScanCursor, value: Number)] = []
            for step in 0..<4000 {
                if random.chance(0.25), !model.isEmpty {
                    let (cursor, value) = model.remove(at: random.below(model.count))
                    #expect(index.remove(cursor.key, token: cursor.token) == value, "seed \(seed)")
                    continue
                }
                let cursor = ScanCursor(token: spread.token(&random, step), key: key("k\(random.below(500))"))
                let position = model.firstIndex { $0.cursor >= cursor } ?? model.count
                let isThere = position < model.count && model[position].cursor == cursor
                let previous = index.insert(Number(number: step), for: cursor.key, token: cursor.token)
                #expect(previous == (isThere ? model[position].value : nil), "seed \(seed)")
                if isThere { model.remove(at: position) }
                model.insert((cursor, Number(number: step)), at: position)
            }
            #expect(index.count == model.count)
            var scanned: [RecordMetadata] = []
            var next: ScanCursor?
            repeat { next = index.scan(.full, after: next, limit: 7, into: &scanned) } while next != nil
            #expect(scanned.map(\.key) == model.map(\.cursor.key), "seed \(seed)")
            #expect(scanned.map(\.digest) == model.map(\.value.digest), "seed \(seed)")
            for (cursor, value) in model {
                #expect(index.value(for: cursor.key, token: cursor.token) == value)
                #expect(index.value(for: key("none"), token: cursor.token) == nil)
            }
        }
    }

    @Test func bucketsStaySmallForUniformTokensOfOneShard() {
        var random = RandomGenerator(seed: 7)
        let index = TokenIndex<KeyedEntry<Number>>()
        for step in 0..<100_000 {
            index.insert(Number(number: step), for: key("k"), token: Token(random.next() >> 3))
        }
        let largest = (0..<index.bucketCount).map { index.entries(inBucket: $0).count }.max() ?? 0
        #expect(largest < 160)
    }

    @Test func aKeyDoesNotKeepItsReceiveBuffer() throws {
        var received = ByteBuffer(repeating: 0, count: 1 << 20)
        received.moveReaderIndex(to: (1 << 20) - 5)
        let index = TokenIndex<KeyedEntry<Number>>()
        index.insert(Number(number: 1), for: Key(unchecked: received), token: Token(1))
        var found: [RecordMetadata] = []
        _ = index.scan(.full, after: nil, limit: 1, into: &found)
        #expect(try #require(found.first).key.bytes.storageCapacity < 100)
    }
}

@Suite struct MemoryEngineTests {
    @Test func aBodyDoesNotKeepItsReceiveBuffer() throws {
        let environment = StorageEnvironment(disk: NoDisk(), folder: "none", owner: "test", newStoreID: 7)
        let engine = try MemoryEngine(settings: NoSettings(), environment: environment)
        var received = ByteBuffer(repeating: 1, count: 1 << 20)
        let part = received.readSlice(length: 100)
        try engine.put("a", #require(part))
        let kept = try #require(try engine.record(for: key("a"), token: token("a")))
        #expect(kept.body == ByteBuffer(repeating: 1, count: 100))
        #expect(kept.body.storageCapacity < 1000)
    }

    /// Small records lie in blocks, larger ones in objects; replacing goes from each to each.
    @Test func recordsOfAllSizesReplaceEachOther() throws {
        let engine = try MemoryEngine(
            settings: NoSettings(),
            environment: StorageEnvironment(disk: NoDisk(), folder: "none", owner: "test", newStoreID: 7))
        var random = RandomGenerator(seed: 11)
        var model: [String: StoredRecord] = [:]
        let sizes = [0, 1, 7, 8, 9, 90, 97, 98, 999, 1000, 1001, 1023, 1024, 1025, 70_000]
        for _ in 0..<3000 {
            let name = "k\(random.below(20))"
            if random.chance(0.1) {
                try engine.remove(name)
                model[name] = nil
                continue
            }
            let body = String(repeating: "x", count: sizes[random.below(sizes.count)]) + "\(random.below(10))"
            let record = StoredRecord(
                token: token(name), key: key(name), digest: Digest(random.next()), isTombstone: random.chance(0.5),
                expiry: random.chance(0.5) ? WallTime(microseconds: Int64(random.below(1000))) : nil,
                body: ByteBuffer(string: body))
            try engine.apply(.put(record))
            model[name] = record
            #expect(try engine.record(for: key(name), token: token(name)) == record)
            #expect(try engine.body(for: key(name), token: token(name)) == record.body)
        }
        for (name, record) in model {
            #expect(try engine.record(for: key(name), token: token(name)) == record)
        }
        #expect(engine.statistics.records == model.count)
        #expect(engine.statistics.tombstones == model.values.count(where: \.isTombstone))
        let bytes = model.values.map { $0.key.bytes.readableBytes + $0.body.readableBytes }.reduce(0, +)
        #expect(engine.statistics.liveBytes == bytes)
    }

    @Test func statisticsFollowTheRecords() throws {
        let engine = try MemoryEngine(
            settings: NoSettings(),
            environment: StorageEnvironment(disk: NoDisk(), folder: "none", owner: "test", newStoreID: 7))
        try engine.apply([.put(named("a", "12", isTombstone: true)), .put(named("b", "3"))])
        #expect(engine.statistics.records == 2 && engine.statistics.tombstones == 1)
        #expect(engine.statistics.liveBytes == 5)
        try engine.put("a", "")
        try engine.remove("b")
        #expect(engine.statistics.records == 1 && engine.statistics.tombstones == 0)
        #expect(engine.statistics.liveBytes == 1)
    }
}

/// For engines that must not touch one.
private struct NoDisk: Disk {
    private var refusal: DiskError { DiskError(operation: "use", path: "none", errorNumber: 0, reason: "no disk") }
    func createFolder(_ path: String) throws(DiskError) { throw refusal }
    func list(_ path: String) throws(DiskError) -> [String] { throw refusal }
    func open(_ path: String, creating: Bool) throws(DiskError) -> any DiskFile { throw refusal }
    func exists(_ path: String) throws(DiskError) -> Bool { throw refusal }
    func rename(_ path: String, to newPath: String) throws(DiskError) { throw refusal }
    func remove(_ path: String) throws(DiskError) { throw refusal }
    func syncFolder(_ path: String) throws(DiskError) { throw refusal }
    func lock(_ path: String) throws(DiskError) -> any DiskLock { throw refusal }
}
