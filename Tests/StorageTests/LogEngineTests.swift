import Hashing
import NIOCore
import Simulation
import StatorCore
import Testing

@testable import Storage

@Suite struct LogEngineTests {
    @Test func aStartReadsHintsAndNoBodies() throws {
        let disk = SimulatedDisk(seed: 1)
        var engine = try openLog(disk)
        for number in 0..<100 { try engine.put("key-\(number)", noise(500, seed: UInt64(number))) }
        try engine.close()
        let before = disk.counters.bytesRead
        engine = try openLog(disk)
        #expect(disk.counters.bytesRead - before < 15_000)
        #expect(engine.statistics.records == 100)
        for number in 0..<100 {
            let found = try engine.record(for: key("key-\(number)"), token: token("key-\(number)"))
            #expect(found?.body == noise(500, seed: UInt64(number)))
        }
    }

    @Test func aDamagedHintIsIgnored() throws {
        let disk = SimulatedDisk(seed: 1)
        var engine = try openLog(disk)
        for number in 0..<30 { try engine.put("key-\(number)", noise(300, seed: UInt64(number))) }
        try engine.close()
        let hints = disk.paths.filter { $0.hasSuffix(".hint") }
        #expect(hints.count > 2)
        for path in hints { disk.flipBit(path, offset: 50) }
        engine = try openLog(disk)
        #expect(engine.statistics.records == 30)
        #expect(engine.statistics.corruptRecords == 0)
    }

    @Test func sealedSegmentsGetHintsFromMaintenance() throws {
        let disk = SimulatedDisk(seed: 1)
        let engine = try openLog(disk)
        for number in 0..<30 { try engine.put("key-\(number)", noise(300, seed: UInt64(number))) }
        try engine.makeDurable()
        try engine.maintainFully()
        let logs = disk.paths.filter { $0.hasSuffix(".log") }.count
        #expect(disk.paths.filter { $0.hasSuffix(".hint") }.count == logs - 1)
    }

    @Test(arguments: LogSettings.Compression.allCases) func bodiesRoundTrip(compression: LogSettings.Compression) throws
    {
        var settings = LogSettings()
        settings.compression = compression
        let disk = SimulatedDisk(seed: 1)
        let bodies = [
            ByteBuffer(), ByteBuffer(string: "x"), noise(1000, seed: 1), ByteBuffer(repeating: 65, count: 300_000),
            noise(127, seed: 2), ByteBuffer(string: String(repeating: "{\"a\":1}", count: 100)),
        ]
        var engine = try openLog(disk, settings)
        let expiry = WallTime(microseconds: -5)
        try engine.apply(
            bodies.enumerated().map { .put(named("\($0)", $1, isTombstone: $0 % 2 == 0, expiry: expiry)) })
        for _ in 0..<2 {
            for (number, body) in bodies.enumerated() {
                let expected = named("\(number)", body, isTombstone: number % 2 == 0, expiry: expiry)
                #expect(try engine.record(for: expected.key, token: expected.token) == expected)
            }
            try engine.close()
            engine = try openLog(disk, settings)
        }
        #expect((disk.usedBytes < 10_000) == (compression == .lz4))
    }

    @Test func aTornTailIsCountedAndCut() throws {
        let disk = SimulatedDisk(seed: 1)
        var engine = try openLog(disk)
        try engine.put("a", "1")
        try engine.makeDurable()
        try engine.put("b", "2")
        let path = try #require(disk.segments.last)
        let content = try #require(disk.content(of: path))
        disk.setContent(of: path, to: Array(content.dropLast()))
        engine = try openLog(disk)
        #expect(try engine.body("a") == "1" && engine.body("b") == nil)
        #expect(engine.statistics.tornBytes == 65 && engine.statistics.corruptRecords == 0)
        #expect(disk.content(of: path)?.count == content.count - 66)
        try engine.put("b", "3")
        try engine.makeDurable()
        #expect(try openLog(disk).body("b") == "3")
    }

    @Test func damageAmongDurableEntriesIsPassedOver() throws {
        let disk = SimulatedDisk(seed: 1)
        var engine = try openLog(disk)
        for name in ["a", "b", "c", "d"] {
            try engine.put(name, "body")
            try engine.makeDurable()
        }
        let path = try #require(disk.segments.last)
        // In the second frame's head: where it ends is no longer known.
        disk.flipBit(path, offset: 60 + 69 + 20)
        engine = try openLog(disk)
        #expect(try engine.body("a") == "body" && engine.body("b") == nil)
        #expect(try engine.body("c") == "body" && engine.body("d") == "body")
        #expect(engine.statistics.corruptRecords == 1 && engine.statistics.tornBytes == 0)
    }

    @Test func aDamagedBodyFailsItsReadersUntilItIsReplaced() throws {
        let disk = SimulatedDisk(seed: 1)
        var engine = try openLog(disk)
        for round in 0..<3 {
            for number in 0..<20 { try engine.put("key-\(number)", noise(100, seed: UInt64(number + round))) }
            if round == 0 { try engine.put("victim", "body") }
            try engine.makeDurable()
        }
        let location = try #require(engine.index.value(for: key("victim"), token: token("victim")))
        disk.flipBit(engine.path(location.segment, .log), offset: Int(location.offset + location.length) - 1)
        for _ in 0..<2 {
            #expect(throws: StorageError.self) { _ = try engine.body("victim") }
            try engine.maintainFully()
            #expect(engine.statistics.corruptRecords > 0)
            #expect(engine.statistics.records == 21)
            try engine.makeDurable()
            engine = try openLog(disk)
        }
        try engine.put("victim", "healed")
        try engine.makeDurable()
        try engine.maintainFully()
        #expect(try engine.body("victim") == "healed")
        #expect(engine.segment(location.segment) == nil, "the damaged segment is merged once nothing live is damaged")
    }

    @Test func anotherFormatVersionIsRefused() throws {
        let disk = SimulatedDisk(seed: 1)
        let engine = try openLog(disk)
        try engine.put("a", "1")
        let path = try #require(disk.segments.first)
        var content = ByteBuffer(bytes: try #require(disk.content(of: path)))
        content.setInteger(UInt32(9), at: 8)
        // A header of 36 bytes, as before this version, and one as long as ours.
        for length in [36, 52] {
            let check = try #require(content.getSlice(at: 0, length: length))
            content.setInteger(Digest(ofBody: check).value, at: length)
            disk.setContent(of: path, to: Array(content.readableBytesView))
            let error = #expect(throws: StorageError.self) { _ = try openLog(disk) }
            #expect(error?.description.contains("has format version 9, this program reads only 2") == true)
        }
    }

    @Test func openFilesStayBounded() throws {
        let disk = SimulatedDisk(seed: 1)
        let engine = try openLog(disk)
        for number in 0..<200 {
            try engine.put("key-\(number)", noise(400, seed: UInt64(number)))
            try engine.makeDurable()
        }
        for number in 0..<200 { #expect(try engine.body("key-\(number)") != nil) }
        #expect(engine.statistics.segments > 20)
        #expect(engine.segments.count { $0.file != nil } <= 8)
        #expect(engine.openFiles == engine.segments.count { $0.file != nil })
    }

    @Test func aSyncCoversAllSegmentsWrittenSinceTheLast() throws {
        let disk = SimulatedDisk(seed: 1)
        let engine = try openLog(disk)
        for number in 0..<40 { try engine.put("key-\(number)", noise(300, seed: UInt64(number))) }
        let job = try #require(try engine.beginSync())
        try job.run()
        try engine.put("late", "1")
        engine.endSync(.success(()))
        #expect(engine.durableSequence == 40)
        disk.crash(.lost)
        let reopened = try openLog(disk)
        #expect(reopened.statistics.records == 40)
        #expect(try reopened.body("late") == nil)
    }

    @Test func aFailedWriteLeavesAWellFormedTail() throws {
        let disk = SimulatedDisk(seed: 1)
        var engine = try openLog(disk)
        try engine.put("a", "1")
        disk.faults.failNext(.write)
        #expect(throws: BatchError.self) { try engine.put("a", "2") }
        #expect(try engine.body("a") == "1")
        try engine.put("a", "3")
        try engine.close()
        engine = try openLog(disk)
        #expect(try engine.body("a") == "3")
        #expect(engine.statistics.corruptRecords == 0 && engine.statistics.tornBytes == 0)
    }

    @Test func statisticsAreTheSameAfterReopening() throws {
        let disk = SimulatedDisk(seed: 1)
        var engine = try openLog(disk)
        for number in 0..<60 { try engine.put("key-\(number % 25)", noise(200, seed: UInt64(number))) }
        for number in 0..<5 { try engine.remove("key-\(number)") }
        let before = engine.statistics
        try engine.close()
        engine = try openLog(disk)
        #expect(engine.statistics == before)
        #expect(engine.index.count == 20)
    }

    @Test func restartsDoNotMultiplySegments() throws {
        let disk = SimulatedDisk(seed: 1)
        for round in 0..<10 {
            let engine = try openLog(disk, LogSettings())
            try engine.put("key-\(round)", "1")
            if round % 2 == 0 { try engine.close() } else { try engine.makeDurable() }
        }
        let engine = try openLog(disk, LogSettings())
        #expect(engine.statistics.segments == 1)
        #expect(engine.statistics.records == 10)
    }

    /// The first part of a batch is in the one file, and the next file cannot be made.
    @Test func aBatchThatFailsWhereItBeginsAFileSaysWhatIsIn() throws {
        let disk = SimulatedDisk(seed: 1)
        let engine = try openLog(disk)
        let batch = (0..<40).map { StorageWrite.put(named("key-\($0)", "body \($0)")) }
        disk.faults.failNext(.open)
        try engine.apply([])
        var error: BatchError?
        do throws(BatchError) { try engine.apply(batch) } catch let found { error = found }
        #expect(error?.written == 0, "not even its first file")
        try engine.put("first", "1")
        disk.faults.failNext(.open)
        do throws(BatchError) { try engine.apply(batch) } catch let found { error = found }
        let written = try #require(error?.written)
        #expect((1..<40).contains(written))
        for number in 0..<40 {
            #expect(try (engine.body("key-\(number)") != nil) == (number < written))
        }
    }

    @Test func whatCannotBeStoredIsRefused() throws {
        let engine = try openLog(SimulatedDisk(seed: 1))
        let long = Key(unchecked: ByteBuffer(repeating: 1, count: Limits.maximumStoredKey + 1))
        let record = StoredRecord(
            token: Token(1), key: long, digest: Digest(1), isTombstone: false, expiry: nil, body: ByteBuffer())
        #expect(throws: BatchError.self) { try engine.apply([.put(record)]) }
        let large = ByteBuffer(repeating: 1, count: Limits.maximumRecordBody + 1)
        #expect(throws: BatchError.self) { try engine.put("a", large) }
        try engine.put("a", "1")
        #expect(try engine.body("a") == "1")
    }
}
