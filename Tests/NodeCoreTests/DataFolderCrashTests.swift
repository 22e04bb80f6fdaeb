import Composition
import Hashing
import NIOCore
import Replication
import Simulation
import StatorCore
import Storage
import Testing

@testable import NodeCore

/// Data folders on disks that fail and lose power at every step.
@Suite struct DataFolderCrashTests {
    private func blueprint(shards: Int = 2) throws -> NodeBlueprint {
        let json = """
            {"node": {"name": "A", "peer": "127.0.0.1:7000", "http": "127.0.0.1:5000", "shards": \(shards)},
             "cluster": {"name": "test", "members": [
                {"name": "A", "peer": "127.0.0.1:7000", "http": "127.0.0.1:5000"}]},
             "replication": {"n": 1, "r": 1, "w": 1}}
            """
        return try NodeConfiguration.load(json: json, registry: .standard).blueprint()
    }

    private func open(_ disk: SimulatedDisk, _ blueprint: NodeBlueprint, life: UInt64) throws -> DataFolder {
        try DataFolder.open("/data", for: blueprint, disk: disk, life: life, wallSeconds: 1)
    }

    /// What a node does with its folder in a life: may fail at any call.
    private func live(_ disk: SimulatedDisk, _ blueprint: NodeBlueprint, life: UInt64, _ used: inout Lives) throws {
        let folder = try open(disk, blueprint, life: life)
        let identity = folder.identity
        used.note(identity)
        for shard in 0..<2 {
            _ = try folder.openEngine(.records, shard: shard, for: blueprint, newStoreID: life)
        }
        try folder.noteStoresOpened()
        // As it is after the stores were looked at.
        let lease = used.lease(after: folder.identity, life: life)
        try folder.write(lease)
        used.issue(lease)
        try folder.write(View(epoch: Epoch(life + 1), members: blueprint.initialMembers))
        used.epoch = Epoch(life + 1)
        try folder.noteRecovered(shard: 0)
        try folder.noteCleanStop()
        folder.release()
    }

    /// Which dots each incarnation has issued, and what is durable.
    private struct Lives {
        var issued: [UInt64: UInt64] = [:]
        var generation: UInt64 = 0
        var epoch: Epoch?

        /// A start: what it would issue next was never issued before.
        mutating func note(_ identity: NodeIdentity) {
            if let lease = identity.lease {
                #expect(lease.end >= issued[lease.incarnation, default: 0], "dots are issued twice")
            }
            #expect(identity.generation > generation, "the generation does not rise")
            generation = identity.generation
        }

        /// As a node without others goes on.
        func lease(after identity: NodeIdentity, life: UInt64) -> DotLease {
            let last = identity.lease ?? DotLease(incarnation: life, end: 0)
            return DotLease(incarnation: last.incarnation, end: last.end + DotLease.length)
        }

        mutating func issue(_ lease: DotLease) { issued[lease.incarnation] = lease.end }
    }

    @Test(arguments: 0..<200)
    func aNodeThatDiesAtAnyCallStartsAgainWithoutReusingDots(_ seed: Int) throws {
        var random = RandomGenerator(seed: UInt64(seed))
        let disk = SimulatedDisk(seed: UInt64(seed))
        let blueprint = try blueprint()
        var used = Lives()
        for life in 1...6 {
            let calls: [DiskCall] = [.open, .write, .truncate, .sync, .folderSync, .folder]
            if random.chance(0.7) {
                disk.faults.failNext(calls[random.below(calls.count)], after: random.below(12))
            }
            try? live(disk, blueprint, life: UInt64(life), &used)
            disk.faults = DiskFaults()
            disk.crash()
        }
        let epoch = used.epoch
        let folder = try open(disk, blueprint, life: 99)
        used.note(folder.identity)
        if let epoch {
            #expect(
                (folder.view?.epoch ?? Epoch(0)) >= epoch, "a view that was said to be durable is gone; seed \(seed)")
        }
    }

    /// It starts, reads what it has, and writes again when there is room.
    @Test(arguments: [true, false]) func aFullDiskDoesNotPreventAStart(_ isClean: Bool) throws {
        let disk = SimulatedDisk(seed: 1)
        let blueprint = try blueprint(shards: 1)
        let body = ByteBuffer(string: String(repeating: "value", count: 2000))
        func write(_ token: UInt64) -> StorageWrite {
            .put(
                StoredRecord(
                    token: Token(token), key: Key(unchecked: ByteBuffer(string: "k\(token)")),
                    digest: Digest(ofBody: body),
                    isTombstone: false, expiry: nil, body: body))
        }
        for life in 1...12 as ClosedRange<UInt64> {
            // Whatever became free since was taken by others.
            if life > 1 { disk.faults.capacity = disk.usedBytes + 10 }
            let folder = try open(disk, blueprint, life: life)
            let engine = try folder.openEngine(.records, shard: 0, for: blueprint, newStoreID: life)
            _ = try folder.openEngine(.hints, shard: 0, for: blueprint, newStoreID: life)
            try folder.noteStoresOpened()
            let noRoom = folder.renewReserve()
            if life == 1 {
                #expect(noRoom == nil)
                try engine.apply(write(1))
                let job = try #require(try engine.beginSync())
                try job.run()
                engine.endSync(.success(()))
                disk.faults.capacity = disk.usedBytes + 10
            }
            #expect(try engine.record(for: write(1).key, token: Token(1))?.body == body)
            #expect(throws: StorageError.self) { try engine.apply(write(2)) }
            if isClean {
                try engine.close()
                try folder.noteCleanStop()
            }
            disk.crash()
        }
        disk.faults.capacity = nil
        let folder = try open(disk, blueprint, life: 9)
        let engine = try folder.openEngine(.records, shard: 0, for: blueprint, newStoreID: 9)
        try engine.apply(write(2))
        #expect(folder.identity.doubts == [Doubt(.new, "its data folder is new")])
    }

    /// Wherever the start that finds a lost store ends, the next one knows of it.
    @Test(arguments: 0..<120) func aCrashDoesNotHideALostStore(_ seed: Int) throws {
        let disk = SimulatedDisk(seed: UInt64(seed))
        let blueprint = try blueprint()
        let first = try open(disk, blueprint, life: 1)
        for shard in 0..<2 { _ = try first.openEngine(.records, shard: shard, for: blueprint, newStoreID: 1) }
        try first.noteStoresOpened()
        for shard in 0..<2 { try first.noteRecovered(shard: shard) }
        disk.crash()
        disk.wipe("/data/shard-1/records")
        var random = RandomGenerator(seed: UInt64(seed))
        let calls: [DiskCall] = [.open, .write, .truncate, .sync, .folderSync, .folder]
        disk.faults.failNext(calls[random.below(calls.count)], after: random.below(12))
        if let second = try? open(disk, blueprint, life: 2) {
            for shard in 0..<2 { _ = try? second.openEngine(.records, shard: shard, for: blueprint, newStoreID: 2) }
        }
        disk.faults = DiskFaults()
        disk.crash()
        let third = try open(disk, blueprint, life: 3)
        for shard in 0..<2 { _ = try third.openEngine(.records, shard: shard, for: blueprint, newStoreID: 3) }
        #expect(third.identity.doubts.map { $0?.cause } == [nil, .lost])
    }
}
