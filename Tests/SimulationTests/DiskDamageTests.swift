import NIOCore
import Simulation
import StatorCore
import Testing

/// Writes that succeed and are wrong, and bits that flip at rest.
@Suite struct DiskDamageTests {
    private func disk(seed: UInt64 = 1, _ files: [String: String] = [:]) throws -> SimulatedDisk {
        let disk = SimulatedDisk(seed: seed)
        for folder in ["/data", "/identity"] { try disk.createFolder(folder) }
        for (path, content) in files { disk.setContent(of: path, to: Array(content.utf8)) }
        return disk
    }

    private func text(_ disk: SimulatedDisk, _ path: String) -> String {
        String(decoding: disk.content(of: path) ?? [], as: UTF8.self)
    }

    /// How many bits two contents differ in; `nil` where their sizes differ.
    private func bitsApart(_ first: [UInt8], _ second: [UInt8]) -> Int? {
        guard first.count == second.count else { return nil }
        return zip(first, second).reduce(0) { $0 + ($1.0 ^ $1.1).nonzeroBitCount }
    }

    @Test func aLostWriteLeavesOldBytesAndZerosWhereTheFileGrew() throws {
        let disk = try disk(["/data/a": "old bytes"])
        let file = try disk.openFile("/data/a", creating: false)
        disk.faults.lostWrites = 1
        try file.write(ByteBuffer(string: "new"), at: 0)
        #expect(text(disk, "/data/a") == "old bytes")
        try file.write(ByteBuffer(string: "new"), at: 7)
        #expect(text(disk, "/data/a") == "old bytes\0")
        #expect(String(buffer: try file.read(at: 4, count: 9)) == "bytes\0")
        #expect(try file.size() == 10)
        try file.sync()
        disk.crash()
        #expect(text(disk, "/data/a") == "old bytes\0")
        #expect(disk.faultCounters.lostWrites == 2)
        #expect(disk.counters.writes == 2)
    }

    @Test func theGrowthOfALostWriteIsUnsyncedAsAnyOther() throws {
        let disk = try disk(["/data/a": "old"])
        disk.faults.lostWrites = 1
        try disk.openFile("/data/a", creating: false).write(ByteBuffer(string: "new"), at: 3)
        #expect(text(disk, "/data/a") == "old\0\0\0")
        disk.crash(.lost)
        #expect(text(disk, "/data/a") == "old")
    }

    @Test func aMisdirectedWriteLandsElsewhereInTheSameOrAnotherFile() throws {
        let filler = String(repeating: ".", count: 64)
        var places: Set<String> = []
        for seed in 0..<300 as Range<UInt64> {
            let disk = try disk(seed: seed, ["/data/a": filler, "/data/b": filler, "/identity/c": filler])
            disk.faults.misdirectedWrites = 1
            disk.faults.pathPrefixes = ["/data/"]
            try disk.openFile("/data/a", creating: false).write(ByteBuffer(string: "XY"), at: 10)
            #expect(text(disk, "/identity/c") == filler)
            #expect(disk.faultCounters.misdirectedWrites == 1)
            let changed = ["/data/a", "/data/b"].filter { text(disk, $0) != filler }
            try #require(changed.count == 1)
            let content = text(disk, changed[0])
            #expect(content.count == 64)
            let offset = try #require(content.firstIndex(of: "X")).utf16Offset(in: content)
            places.insert("\(changed[0]) \(offset)")
        }
        #expect(!places.contains("/data/a 10"))
        #expect(places.contains("/data/b 10"))
        // What reaches beyond the end is cut off there.
        #expect(places.contains("/data/a 63"))
        #expect(places.count > 80)
    }

    @Test func aMisdirectedWriteSurvivesACrashThatLosesItsGrowth() throws {
        let disk = try disk(seed: 3, ["/data/a": "12345678"])
        disk.faults.misdirectedWrites = 1
        let file = try disk.openFile("/data/a", creating: false)
        try file.write(ByteBuffer(string: "X"), at: 8)
        let before = text(disk, "/data/a")
        #expect(before.contains("X") && before.hasSuffix("\0") && before.count == 9)
        disk.crash(.lost)
        #expect(text(disk, "/data/a") == String(before.dropLast()))
    }

    @Test func aMisdirectedWriteWithoutAnotherPlaceIsLost() throws {
        let disk = try disk()
        disk.faults.misdirectedWrites = 1
        try disk.openFile("/data/a", creating: true).write(ByteBuffer(string: "first"), at: 0)
        #expect(text(disk, "/data/a") == "\0\0\0\0\0")
        #expect(disk.faultCounters.lostWrites == 1)
        #expect(disk.faultCounters.misdirectedWrites == 0)
    }

    @Test func aFlippedWriteDiffersInOneBitOfWhatWasWritten() throws {
        var flipped: Set<Int> = []
        for seed in 0..<200 as Range<UInt64> {
            let disk = try disk(seed: seed, ["/data/a": "before"])
            disk.faults.flippedWrites = 1
            let file = try disk.openFile("/data/a", creating: false)
            try file.write(ByteBuffer(string: "after"), at: 6)
            let content = try #require(disk.content(of: "/data/a"))
            #expect(bitsApart(content, Array("beforeafter".utf8)) == 1)
            flipped.insert(try #require(zip(content, "beforeafter".utf8).map { $0 != $1 }.firstIndex(of: true)))
            // What a sync saved is what was written wrong.
            try file.sync()
            disk.crash()
            #expect(disk.content(of: "/data/a") == content)
            #expect(disk.faultCounters.flippedWrites == 1)
        }
        #expect(flipped == [6, 7, 8, 9, 10])
    }

    @Test func damageHappensAsOftenAsAskedAndOnlyWhereAllowed() throws {
        let disk = try disk()
        disk.faults.lostWrites = 0.1
        disk.faults.flippedWrites = 0.2
        disk.faults.pathPrefixes = ["/data"]
        let data = try disk.openFile("/data/a", creating: true)
        let identity = try disk.openFile("/identity/b", creating: true)
        for step in 0..<5000 {
            try data.write(ByteBuffer(string: "data"), at: step * 4)
            try identity.write(ByteBuffer(string: "sure"), at: step * 4)
        }
        #expect(text(disk, "/identity/b") == String(repeating: "sure", count: 5000))
        #expect(abs(disk.faultCounters.lostWrites - 500) < 110)
        #expect(abs(disk.faultCounters.flippedWrites - 900) < 150)
    }

    @Test func callsFailAsOftenAsAskedAndOnlyWhereAllowed() throws {
        let disk = try disk()
        let data = try disk.openFile("/data/a", creating: true)
        let identity = try disk.openFile("/identity/b", creating: true)
        disk.faults.probability = [.write: 0.25, .sync: 0.5]
        disk.faults.pathPrefixes = ["/data/"]
        var failures = 0
        for _ in 0..<1000 {
            do { try data.write(ByteBuffer(string: "x"), at: 0) } catch { failures += 1 }
            try identity.write(ByteBuffer(string: "x"), at: 0)
            try identity.sync()
        }
        #expect(abs(failures - 250) < 70)
        #expect(disk.faultCounters.failedWrites == failures)
        #expect(disk.faultCounters.failedSyncs == 0)
        disk.faults.failNext(.read)
        #expect(throws: (any Error).self) { _ = try data.read(at: 0, count: 1) }
        #expect(disk.faultCounters.failedReads == 1)
    }

    @Test func rotFlipsSoManyBitsBelowAFolderAndNamesThem() throws {
        let files = ["/data/a": "first file", "/data/sub/b": "second", "/data-other": "beside", "/identity/c": "apart"]
        func rotten(seed: UInt64) throws -> (SimulatedDisk, [RottenBit]) {
            let disk = try self.disk(files)
            var random = RandomGenerator(seed: seed)
            return (disk, disk.rot(bits: 40, under: "/data/", using: &random))
        }
        let (disk, bits) = try rotten(seed: 9)
        #expect(bits.count == 40)
        #expect(Set(bits).count == 40)
        #expect(disk.faultCounters.rottenBits == 40)
        var apart = 0
        for (path, content) in files {
            let found = try #require(bitsApart(disk.content(of: path) ?? [], Array(content.utf8)))
            #expect(found == bits.count { $0.path == path })
            apart += found
        }
        #expect(apart == 40)
        #expect(Set(bits.map(\.path)) == ["/data/a", "/data/sub/b"])
        #expect(try rotten(seed: 9).1 == bits)
        #expect(try rotten(seed: 10).1 != bits)
        disk.crash()
        #expect(bitsApart(disk.content(of: "/identity/c") ?? [], Array("apart".utf8)) == 0)
    }

    @Test func rotEndsWhereAllBitsAreFlipped() throws {
        let disk = try disk(["/data/a": "ab"])
        var random = RandomGenerator(seed: 1)
        #expect(disk.rot(bits: 100, under: "/data", using: &random).count == 16)
        #expect(disk.content(of: "/data/a") == Array("ab".utf8).map { ~$0 })
        #expect(disk.rot(bits: 5, under: "/nothing", using: &random) == [])
    }

    @Test func crashesCountWhatTheyTake() throws {
        let disk = try disk()
        let file = try disk.openFile("/data/a", creating: true)
        for step in 0..<300 { try file.write(ByteBuffer(string: "0123456789"), at: step * 10) }
        try disk.syncFolder("/data")
        for name in 0..<100 { _ = try disk.openFile("/data/\(name)", creating: true) }
        disk.crash()
        #expect(disk.faultCounters.crashes == 1)
        #expect(abs(disk.faultCounters.changesLostAtCrash - 100) < 45)
        #expect(abs(disk.faultCounters.writesTornAtCrash - 91) < 45)
        #expect(disk.faultCounters.entriesLostAtCrash == 101 - disk.paths.count)
        #expect(disk.paths.count < 80)
    }
}
