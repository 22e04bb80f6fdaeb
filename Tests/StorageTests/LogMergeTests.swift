import NIOCore
import Simulation
import StatorCore
import Testing

@testable import Storage

@Suite struct LogMergeTests {
    @Test func mergesFreeWhatIsDead() throws {
        let disk = SimulatedDisk(seed: 1)
        let engine = try openLog(disk)
        for round in 0..<50 {
            for number in 0..<10 { try engine.put("key-\(number)", noise(100, seed: UInt64(round * 10 + number))) }
        }
        try engine.makeDurable()
        let before = engine.statistics
        try engine.maintainFully()
        let after = engine.statistics
        #expect(before.segments > 20 && after.segments <= 4)
        #expect(after.merges > 0 && after.deadBytes < before.deadBytes / 10)
        #expect(after.liveBytes == before.liveBytes && after.records == 10)
        for number in 0..<10 {
            let found = try engine.record(for: key("key-\(number)"), token: token("key-\(number)"))
            #expect(found?.body == noise(100, seed: UInt64(490 + number)))
        }
    }

    /// A live record is in the oldest segment all along; keys come and go. Their removal entries must not pile up.
    @Test func removalEntriesDoNotPileUp() throws {
        let disk = SimulatedDisk(seed: 1)
        var engine = try openLog(disk)
        for number in 0..<8 { try engine.put("cold-\(number)", noise(200, seed: UInt64(number))) }
        try engine.put("cold-3", noise(200, seed: 99))
        for number in 0..<3000 {
            try engine.put("hot-\(number)", noise(20, seed: UInt64(number)))
            if number >= 5 { try engine.remove("hot-\(number - 5)") }
            if number % 10 == 0 {
                try engine.makeDurable()
                _ = try engine.maintain(budget: .kibibytes(16))
            }
        }
        try engine.makeDurable()
        try engine.maintainFully()
        #expect(engine.statistics.records == 13)
        #expect(disk.usedBytes < 40_000, "\(engine.statistics)")
        try engine.close()
        engine = try openLog(disk)
        #expect(engine.statistics.records == 13)
    }

    /// The disk is copied after every slice of maintenance, and every call on the disk is made to fail once: whatever is
    /// opened then has each record once, and no removed one.
    @Test func aMergeMayStopAnywhere() throws {
        for seed in 0..<6 as Range<UInt64> {
            var random = RandomGenerator(seed: seed)
            let disk = SimulatedDisk(random: random.split())
            let engine = try openLog(disk)
            var expected: [String: String] = [:]
            for step in 0..<400 {
                let name = "key-\(random.below(30))"
                if random.chance(0.35) {
                    try engine.remove(name)
                    expected[name] = nil
                } else {
                    let body = "\(step)" + String(repeating: "x", count: random.below(100))
                    try engine.put(name, body)
                    expected[name] = body
                }
                if step % 9 == 0 { try engine.makeDurable() }
            }
            try engine.makeDurable()
            for slice in 0..<2000 {
                let left = disk.copy()
                try expectContent(try openLog(left), expected, "seed \(seed), slice \(slice)")
                if random.chance(0.1) {
                    disk.faults.failNext(DiskCall.allCases[random.below(DiskCall.allCases.count)])
                }
                guard let isMoreToDo = try? engine.maintain(budget: ByteCount(1 + random.below(3000))) else { continue }
                if !isMoreToDo { break }
            }
            disk.crash()
            disk.faults = DiskFaults()
            try expectContent(try openLog(disk), expected, "seed \(seed), after a crash")
        }
    }

    private func expectContent(_ engine: LogEngine, _ expected: [String: String], _ when: String) throws {
        #expect(engine.statistics.records == expected.count, "\(when)")
        for number in 0..<30 {
            let name = "key-\(number)"
            #expect(try engine.body(name) == expected[name], "\(name), \(when)")
        }
    }

    @Test func writesGoOnDuringAMerge() throws {
        for seed in 0..<10 as Range<UInt64> {
            var random = RandomGenerator(seed: seed)
            let disk = SimulatedDisk(random: random.split())
            var engine = try openLog(disk)
            var expected: [String: String] = [:]
            for step in 0..<1500 {
                let name = "key-\(random.below(20))"
                if random.chance(0.2) {
                    try engine.remove(name)
                    expected[name] = nil
                } else {
                    try engine.put(name, "\(step)")
                    expected[name] = "\(step)"
                }
                if random.chance(0.3) { _ = try engine.maintain(budget: ByteCount(random.below(800))) }
                if random.chance(0.05) { try engine.makeDurable() }
                if random.chance(0.003) {
                    disk.endProcesses()
                    engine = try openLog(disk)
                }
            }
            for number in 0..<20 {
                #expect(try engine.body("key-\(number)") == expected["key-\(number)"], "seed \(seed)")
            }
            #expect(engine.statistics.records == expected.count, "seed \(seed)")
        }
    }
}
