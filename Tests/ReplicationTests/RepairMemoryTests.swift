import NIOCore
import StatorCore
import Storage
import Sync
import Testing

@testable import Replication

/// What repair reads and holds, counted by the stores and the machines themselves.
@Suite struct RepairMemoryTests {
    @Test(arguments: [(count: 400, bytes: 64 << 10), (count: 40, bytes: 700 << 10), (count: 4000, bytes: 300)])
    func recoveringADiskReadsAtItsSourcesWhatIsSent(_ records: (count: Int, bytes: Int)) throws {
        let pair = try RepairPair(doubt: Doubt(.lost, "a test")) { pair in
            try pair.put(records.count, of: records.bytes, named: "k", at: "A")
        }
        let (source, recovering) = (pair.node("A"), pair.node("B"))
        pair.run { pair.isAtRest && recovering.machine.notReadyReason == nil }
        #expect(pair.isAtRest && recovering.records.statistics.records == records.count)
        #expect(pair.bytesOfPages >= records.count * records.bytes)
        #expect(
            source.bytesLoaded <= pair.bytesOfPages * 11 / 10,
            "\(source.bytesLoaded) bytes were read to send \(pair.bytesOfPages)")
        let counters = source.machine.counters
        #expect(counters.repairBytesRead == source.bytesLoaded && counters.repairBytesSent == pair.bytesOfPages)
        // Each stream has one page, which ends with the record that fills it.
        let page = pair.blueprint.antiEntropy.transferPage.bytes + records.bytes
        #expect(recovering.mostHeld <= ReplicationLimits.maximumStreams * page)
        #expect(source.mostHeld <= ReplicationLimits.maximumStreams * page)
    }

    @Test(arguments: [(count: 3000, bytes: 8 << 10), (count: 60, bytes: 700 << 10)])
    func aSyncSessionHoldsWhatItsWindowTakesHoweverMuchDiffers(_ records: (count: Int, bytes: Int)) throws {
        let pair = try RepairPair { pair in
            try pair.put(records.count, of: records.bytes, named: "a", at: "A")
            try pair.put(records.count, of: records.bytes, named: "b", at: "B")
            // Both hold these, otherwise: after the merge they go back.
            try pair.put(records.count, of: records.bytes / 2, named: "c", at: "A")
            try pair.put(records.count, of: records.bytes / 2, named: "c", at: "B")
        }
        pair.take(.syncNow, at: pair.node("A"))
        pair.run { pair.isAtRest }
        let sessions = pair.blueprint.antiEntropy.maximumSessions
        let message = records.bytes + ReplicationLimits.recordHead * ReplicationLimits.recordsPerMessage
        let bound = sessions * (ReplicationLimits.bytesPerSession + 3 * ReplicationLimits.exchangesPerSession * message)
        for node in pair.nodes {
            #expect(node.records.statistics.records == 3 * records.count && node.machine.work.isNone)
            #expect(node.mostHeld > 0 && node.mostHeld <= bound, "\(node.name) held \(node.mostHeld) bytes")
            #expect(node.machine.counters.syncSessionsFailed == 0)
            let counters = node.machine.counters
            #expect(counters.repairBytesRead <= counters.repairBytesSent * 11 / 10)
        }
        #expect(
            pair.mostInMessages <= bound,
            "\(pair.mostInMessages) bytes waited for the slow end, of \(pair.node("A").records.statistics.liveBytes)")
    }

    /// Keys come as slices of messages, which hold records as well.
    @Test func whatIsRememberedOfARepairKeepsNoMessage() throws {
        var times = RepairTimes()
        var message = ByteBuffer(repeating: 0, count: 1 << 12)
        for number in 0..<2 * ReplicationLimits.rememberedRepairs {
            message.setString("key \(number)", at: 100)
            let slice = try #require(message.getSlice(at: 100, length: 4 + "\(number)".count))
            times.note(Key(unchecked: slice), at: WallTime(microseconds: Int64(number)))
        }
        #expect(times.order.count == ReplicationLimits.rememberedRepairs)
        let capacity = times.order.reduce(0) { $0 + $1.bytes.storageCapacity }
        #expect(capacity <= 64 * times.order.count, "\(capacity) bytes are kept")
    }

    /// Sessions and streams end in every way there is, in the middle of what they do.
    @Test func tablesAreEmptyAfterAThousandBrokenSessions() throws {
        let pair = try RepairPair { pair in
            try pair.put(600, of: 2 << 10, named: "a", at: "A")
            try pair.put(600, of: 2 << 10, named: "b", at: "B")
        }
        var random = RandomGenerator(seed: 4)
        var begun = 0
        var steps = 0
        while begun < 1000 {
            pair.take(.syncNow, at: pair.nodes[random.below(2)])
            steps = random.below(60)
            pair.run(for: .seconds(2)) {
                steps -= 1
                return steps < 0
            }
            if random.below(2) == 0 {
                pair.setLinks(up: false)
                pair.setLinks(up: true)
            } else {
                // Messages are lost and nobody is told: both ends time out.
                pair.isCut = true
                pair.run(for: pair.blueprint.antiEntropy.sessionIdleTimeout * 2) { false }
                pair.isCut = false
            }
            begun = pair.nodes.reduce(0) { $0 + $1.machine.counters.syncSessionsFailed }
        }
        pair.run { pair.isAtRest }
        for node in pair.nodes {
            #expect(node.machine.work.isNone, "\(node.name) still has \(node.machine.work)")
            #expect(node.machine.repairBytesHeld == 0)
        }
    }
}
