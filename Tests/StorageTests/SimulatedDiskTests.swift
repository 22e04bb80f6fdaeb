import NIOCore
import Simulation
import StatorCore
import Storage
import Testing

@Suite struct SimulatedDiskTests {
    private func folder(_ disk: SimulatedDisk) throws -> String {
        try disk.createFolder("/d")
        return "/d"
    }

    private func text(_ disk: SimulatedDisk, _ path: String) -> String? {
        disk.content(of: path).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func aCrashLosesWhatWasNotSynced() throws {
        let disk = SimulatedDisk(seed: 1)
        let file = try disk.open(try folder(disk) + "/a", creating: true)
        try file.write(ByteBuffer(string: "synced"), at: 0)
        try file.sync()
        try disk.syncFolder("/d")
        try file.write(ByteBuffer(string: "SYN and more"), at: 0)
        try file.truncate(to: 2)
        _ = try disk.open("/d/b", creating: true)
        disk.crash(.lost)
        #expect(text(disk, "/d/a") == "synced")
        #expect(disk.paths == ["/d/a"])
        #expect(throws: DiskError.self) { _ = try file.read(at: 0, count: 1) }
    }

    @Test func aRenameThatWasNotSyncedMayBeLost() throws {
        var outcomes: Set<String> = []
        for seed in 0..<20 as Range<UInt64> {
            let disk = SimulatedDisk(seed: seed)
            for (path, content) in [("/d/old", "old"), ("/d/new", "new")] {
                let file = try disk.open(try folder(disk) + path.dropFirst(2), creating: true)
                try file.write(ByteBuffer(string: content), at: 0)
                try file.sync()
            }
            try disk.syncFolder("/d")
            try disk.rename("/d/new", to: "/d/old")
            #expect(text(disk, "/d/old") == "new")
            disk.crash()
            outcomes.insert("\(disk.paths) \(text(disk, "/d/old") ?? "")")
        }
        #expect(outcomes == ["[\"/d/old\"] new", "[\"/d/new\", \"/d/old\"] old"])
    }

    @Test func unsyncedWritesAreKeptDroppedOrTorn() throws {
        var outcomes: Set<String> = []
        for seed in 0..<200 as Range<UInt64> {
            let disk = SimulatedDisk(seed: seed)
            let file = try disk.open(try folder(disk) + "/a", creating: true)
            try file.sync()
            try disk.syncFolder("/d")
            try file.write(ByteBuffer(string: "ab"), at: 0)
            try file.write(ByteBuffer(string: "cd"), at: 2)
            disk.crash()
            outcomes.insert(try #require(text(disk, "/d/a")))
        }
        #expect(outcomes.isSuperset(of: ["", "a", "ab", "abc", "abcd", "\0\0cd", "\0\0c", "a\0cd"]))
    }

    @Test func whatAFailedSyncCoveredIsLostEvenIfTheNextSucceeds() throws {
        let disk = SimulatedDisk(seed: 1)
        let file = try disk.open(try folder(disk) + "/a", creating: true)
        try disk.syncFolder("/d")
        try file.write(ByteBuffer(string: "one"), at: 0)
        disk.faults.failNext(.sync)
        #expect(throws: DiskError.self) { try file.sync() }
        try file.write(ByteBuffer(string: "two"), at: 3)
        try file.sync()
        #expect(text(disk, "/d/a") == "onetwo")
        disk.crash()
        #expect(text(disk, "/d/a") == "\0\0\0two")
    }

    @Test func aFullDiskTakesWhatFits() throws {
        let disk = SimulatedDisk(seed: 1)
        disk.faults.capacity = 5
        let file = try disk.open(try folder(disk) + "/a", creating: true)
        let error = #expect(throws: DiskError.self) { try file.write(ByteBuffer(string: "longer"), at: 0) }
        #expect(error?.reason.hasPrefix("No space left on device") == true)
        #expect(text(disk, "/d/a") == "longe")
        try file.write(ByteBuffer(string: "LONG"), at: 0)
    }

    @Test func aCrashReleasesLocks() throws {
        let disk = SimulatedDisk(seed: 1)
        _ = try folder(disk)
        let held = try disk.lock("/d/lock")
        #expect(throws: DiskError.self) { _ = try disk.lock("/d/lock") }
        disk.crash()
        let again = try disk.lock("/d/lock")
        held.release()
        #expect(throws: DiskError.self) { _ = try disk.lock("/d/lock") }
        again.release()
        _ = try disk.lock("/d/lock")
    }

    @Test func theSameSeedCrashesTheSameWay() throws {
        func outcome() throws -> [[UInt8]?] {
            let disk = SimulatedDisk(seed: 9)
            _ = try folder(disk)
            for name in 0..<10 {
                let file = try disk.open("/d/\(name)", creating: true)
                for part in 0..<5 { try file.write(ByteBuffer(string: "part \(part);"), at: part * 7) }
                if name % 2 == 0 { try disk.syncFolder("/d") }
            }
            disk.crash()
            return (0..<10).map { disk.content(of: "/d/\($0)") }
        }
        #expect(try outcome() == outcome())
    }

    @Test func wipedAndCopiedDisksAreApart() throws {
        let disk = SimulatedDisk(seed: 1)
        _ = try folder(disk)
        try disk.open("/d/a", creating: true).write(ByteBuffer(string: "a"), at: 0)
        let copy = disk.copy()
        disk.wipe("/d")
        #expect(disk.paths == [])
        #expect(copy.paths == ["/d/a"])
        #expect(try disk.list("/") == [])
    }
}
