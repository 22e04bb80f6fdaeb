import NIOCore
import Simulation
import StatorCore
import Testing

@testable import Storage

/// What of a log was durable and is changed or gone is found at the next opening, and nothing else is.
@Suite struct LogDamageTests {
    private func damage(_ engine: LogEngine) -> StorageDamage? {
        if case .damaged(let damage) = engine.finding { return damage }
        return nil
    }

    /// A store of several segments after a clean stop, or after a crash that lost nothing.
    private func filled(isClean: Bool = true, records: Int = 30) throws -> SimulatedDisk {
        let disk = SimulatedDisk(seed: 1)
        let engine = try openLog(disk)
        #expect(engine.finding == .made)
        try engine.acknowledgeFinding()
        for number in 0..<records {
            try engine.put("key-\(number)", noise(300, seed: UInt64(number)))
            try engine.makeDurable()
        }
        try engine.maintainFully()
        if isClean { try engine.close() } else { disk.crash() }
        return disk
    }

    @Test(arguments: [true, false]) func aStoreIsWholeAfterAStopAndAfterACrash(_ isClean: Bool) throws {
        let disk = try filled(isClean: isClean)
        #expect(try openLog(disk).finding == .whole)
    }

    @Test func anEmptyStoreIsWhole() throws {
        let disk = SimulatedDisk(seed: 1)
        let engine = try openLog(disk)
        try engine.acknowledgeFinding()
        try engine.close()
        #expect(try openLog(disk).finding == .whole)
        disk.wipe("/log")
        #expect(try openLog(disk).finding == .made)
        #expect(try openLog(disk).finding == .made, "nobody has taken note of it")
    }

    /// Each segment in turn, the last one too; after a crash as after a stop.
    @Test(arguments: [true, false]) func aMissingSegmentIsDamage(_ isClean: Bool) throws {
        let original = try filled(isClean: isClean)
        for path in original.segments {
            let disk = original.copy()
            try disk.remove(path)
            let found = try #require(damage(try openLog(disk)), "\(path)")
            #expect(found.reasons.contains { $0.contains("\(path) is missing") })
            #expect(found.bytes > 60)
        }
    }

    /// What was acknowledged is listed by then: nothing else has to run first.
    @Test(arguments: [1, 30]) func aSegmentThatVanishesRightAfterItsSyncIsMissed(_ records: Int) throws {
        let disk = SimulatedDisk(seed: 1)
        let engine = try openLog(disk)
        try engine.acknowledgeFinding()
        for number in 0..<records {
            try engine.put("key-\(number)", noise(300, seed: UInt64(number)))
            try engine.makeDurable()
        }
        disk.crash()
        for path in disk.segments {
            let harmed = disk.copy()
            try harmed.remove(path)
            #expect(damage(try openLog(harmed)) != nil, "\(path)")
        }
    }

    @Test func aSegmentThatIsCutShortIsDamage() throws {
        let original = try filled()
        for path in original.segments {
            for cut in [1, 64, 200] {
                let disk = original.copy()
                disk.setContent(of: path, to: Array(try #require(disk.content(of: path)).dropLast(cut)))
                #expect(damage(try openLog(disk)) != nil, "\(path) by \(cut)")
            }
        }
    }

    /// A process was killed, and then its log was cut, or put back as it was earlier: what was acknowledged last is missed too.
    @Test(arguments: [1, 2, 7, 60]) func aLogThatIsCutAfterAProcessWasKilledIsDamage(_ records: Int) throws {
        let original = SimulatedDisk(seed: 1)
        let engine = try openLog(original)
        try engine.acknowledgeFinding()
        var earlier: [String: [UInt8]] = [:]
        for number in 0..<records {
            if number == records - 1 { for path in original.segments { earlier[path] = original.content(of: path) } }
            try engine.put("key-\(number)", noise(100, seed: UInt64(number)))
            try engine.makeDurable()
        }
        original.endProcesses()
        #expect(try openLog(original.copy()).finding == .whole)
        for path in original.segments {
            for cut in [1, 100, 150] {
                let disk = original.copy()
                disk.setContent(of: path, to: Array(try #require(disk.content(of: path)).dropLast(cut)))
                let harmed = try openLog(disk)
                #expect(damage(harmed) != nil, "\(path) by \(cut)")
                try harmed.acknowledgeFinding()
                disk.endProcesses()
                #expect(try openLog(disk).finding == .whole, "it was told")
            }
        }
        guard let last = original.segments.last, let before = earlier[last] else { return }
        original.setContent(of: last, to: before)
        #expect(damage(try openLog(original)) != nil, "it was put back")
    }

    /// All files of a store are put back in place as they were earlier in the same run of the process.
    @Test(arguments: [1, 5, 40]) func aFolderThatWasPutBackWholeIsBehindTheFileOutside(_ before: Int) throws {
        let disk = SimulatedDisk(seed: 1)
        let engine = try openLog(disk, durableFile: "/outside")
        try engine.acknowledgeFinding()
        func write(_ numbers: Range<Int>) throws {
            for number in numbers {
                try engine.put("key-\(number)", noise(100, seed: UInt64(number)))
                try engine.makeDurable()
            }
            try engine.maintainFully()
        }
        try write(0..<before)
        let saved = disk.copy()
        try write(before..<before + 1)
        disk.endProcesses()
        #expect(try openLog(disk.copy(), durableFile: "/outside").finding == .whole)
        disk.restore(saved, under: "/log", asCopies: false)
        let harmed = try openLog(disk, durableFile: "/outside")
        #expect(damage(harmed)?.reasons.contains { $0.contains("lacks the last writes") } == true)
        try harmed.acknowledgeFinding()
        disk.endProcesses()
        #expect(try openLog(disk, durableFile: "/outside").finding == .whole, "it was told")
    }

    /// What is written and not synced may go, whatever ended the process.
    @Test func whatWasNeverSyncedIsNotMissed() throws {
        let disk = SimulatedDisk(seed: 1)
        let engine = try openLog(disk)
        try engine.acknowledgeFinding()
        try engine.put("a", "1")
        try engine.makeDurable()
        let path = try #require(disk.segments.last)
        let synced = try #require(disk.content(of: path))
        try engine.put("b", "2")
        disk.endProcesses()
        disk.setContent(of: path, to: synced)
        #expect(try openLog(disk).finding == .whole)
    }

    /// A torn tail is what a crash leaves; after a clean stop there is none.
    @Test func aTornTailIsDamageAfterACleanStopOnly() throws {
        let disk = SimulatedDisk(seed: 1)
        var engine = try openLog(disk)
        try engine.acknowledgeFinding()
        try engine.put("a", "1")
        try engine.makeDurable()
        try engine.put("b", "2")
        let path = try #require(disk.segments.last)
        disk.setContent(of: path, to: Array(try #require(disk.content(of: path)).dropLast()))
        engine = try openLog(disk)
        #expect(engine.finding == .whole && engine.statistics.tornBytes > 0)
        try engine.put("b", "3")
        try engine.close()
        disk.setContent(of: path, to: Array(try #require(disk.content(of: path)).dropLast()))
        #expect(damage(try openLog(disk)) != nil)
    }

    @Test func bytesOverwrittenAmongDurableFramesAreDamage() throws {
        let disk = try filled(isClean: false, records: 4)
        let path = try #require(disk.segments.last)
        var content = try #require(disk.content(of: path))
        for offset in 200..<260 { content[offset] = 0xEE }
        disk.setContent(of: path, to: content)
        let engine = try openLog(disk)
        #expect(damage(engine)?.bytes ?? 0 >= 60)
    }

    @Test(arguments: ["STORE", "SEGMENTS"], [true, false])
    func aMissingOrOverwrittenMarkerIsDamageAndCostsNoRecord(_ name: String, _ isRemoved: Bool) throws {
        let disk = try filled()
        if isRemoved {
            try disk.remove("/log/\(name)")
        } else {
            disk.setContent(of: "/log/\(name)", to: Array("nonsense".utf8))
        }
        let engine = try openLog(disk, id: 8)
        #expect(damage(engine) != nil)
        #expect(engine.statistics.records == 30 && engine.statistics.corruptRecords == 0)
        try engine.acknowledgeFinding()
        try engine.close()
        #expect(try openLog(disk, id: 9).finding == .whole)
    }

    /// Another shard's or node's segment, whole and sound, in the place of ours; and its whole folder.
    @Test func filesOfAnotherStoreAreDamageAndAreNotRead() throws {
        let ours = try filled()
        let theirs = SimulatedDisk(seed: 2)
        let other = try openLog(theirs, owner: "another", id: 99)
        for number in 0..<30 { try other.put("theirs-\(number)", noise(300, seed: UInt64(number))) }
        try other.close()
        for path in ours.segments {
            let disk = ours.copy()
            disk.setContent(of: path, to: try #require(theirs.content(of: path)))
            let engine = try openLog(disk)
            #expect(damage(engine) != nil, "\(path)")
            #expect(try engine.body("theirs-3") == nil)
        }
        let swapped = ours.copy()
        for path in theirs.paths { swapped.setContent(of: path, to: try #require(theirs.content(of: path))) }
        let engine = try openLog(swapped)
        #expect(damage(engine)?.reasons.first == "the marker is that of another")
        #expect(engine.statistics.records == 0)
        #expect(swapped.paths.contains { $0.hasSuffix(".foreign") }, "nothing is thrown away")
    }

    /// Frames of the hints pasted over those of the records, at the same segment and offset.
    ///
    /// In a segment without a hint the opening finds them. One with a hint is not read then: the index knows whose records
    /// should be there, and reading them fails.
    @Test(arguments: [4, 8]) func framesOfAnotherStorePastedOverOursAreNoFrames(_ records: Int) throws {
        let ours = try filled(isClean: false, records: records)
        let theirs = SimulatedDisk(seed: 2)
        let other = try openLog(theirs, owner: "another", id: 99)
        for number in 0..<8 {
            try other.put("thr-\(number)", noise(300, seed: UInt64(100 + number)))
            try other.makeDurable()
        }
        let path = try #require(ours.segments.first)
        var content = try #require(ours.content(of: path))
        let pasted = try #require(theirs.content(of: path))
        let end = min(content.count, pasted.count)
        content.replaceSubrange(60..<end, with: pasted[60..<end])
        ours.setContent(of: path, to: content)
        let engine = try openLog(ours)
        #expect((damage(engine) != nil) == (records == 4))
        for number in 0..<8 { #expect(try engine.body("thr-\(number)") == nil) }
        if records == 8 { #expect(throws: StorageError.self) { _ = try engine.body("key-0") } }
    }

    /// Files that were copied are other files, whatever they hold; a snapshot of a volume has the same ones.
    @Test(arguments: [true, false]) func aStoreThatWasPutBackIsTold(_ asCopies: Bool) throws {
        let disk = try filled()
        disk.restore(disk.copy(), asCopies: asCopies)
        let engine = try openLog(disk)
        let isTold = damage(engine)?.reasons.map { $0.hasSuffix("is a copy, or was put back from one") }
        #expect(isTold == (asCopies ? [true] : nil))
        try engine.acknowledgeFinding()
        disk.crash()
        #expect(try openLog(disk).finding == .whole)
    }

    /// Found once, told at every opening until it is acknowledged, and then no more.
    @Test func damageIsToldUntilItIsAcknowledged() throws {
        let disk = try filled()
        let path = try #require(disk.segments.first)
        try disk.remove(path)
        for _ in 0..<3 {
            let engine = try openLog(disk)
            #expect(damage(engine)?.reasons == ["\(path) is missing"])
            disk.crash()
        }
        let engine = try openLog(disk)
        try engine.acknowledgeFinding()
        disk.crash()
        #expect(try openLog(disk).finding == .whole)
    }

    /// Damage that stays where it is, in a segment without a hint, is old after it was acknowledged.
    @Test func acknowledgedDamageIsNotNewAgain() throws {
        let disk = try filled(isClean: false, records: 4)
        let path = try #require(disk.segments.last)
        disk.flipBit(path, offset: 200)
        for path in disk.paths where path.hasSuffix(".hint") { try disk.remove(path) }
        let engine = try openLog(disk)
        #expect(damage(engine) != nil)
        try engine.acknowledgeFinding()
        disk.crash()
        #expect(try openLog(disk).finding == .whole)
        disk.flipBit(path, offset: 700)
        #expect(damage(try openLog(disk)) != nil, "another place is new")
    }

    /// Merges, removals and crashes at every step leave nothing that a start would miss.
    @Test(arguments: 0..<40) func noHealthyStoreIsEverFoundDamaged(_ seed: Int) throws {
        var random = RandomGenerator(seed: UInt64(seed))
        let disk = SimulatedDisk(random: random.split())
        for life in 0..<6 {
            let engine = try openLog(disk, id: UInt64(life), durableFile: "/outside")
            #expect(damage(engine) == nil, "life \(life): \(engine.finding)")
            try engine.acknowledgeFinding()
            for _ in 0..<random.below(120) {
                let name = "key-\(random.below(12))"
                if random.chance(0.2) { try engine.remove(name) } else { try engine.put(name, noise(200, seed: 1)) }
                if random.chance(0.5) { try engine.makeDurable() }
                if random.chance(0.3) { _ = try engine.maintain(budget: ByteCount(1 + random.below(3000))) }
            }
            if random.chance(0.3) { try engine.close() } else if random.chance(0.3) { disk.endProcesses() }
            if random.chance(0.7) { disk.crash() }
        }
    }
}
