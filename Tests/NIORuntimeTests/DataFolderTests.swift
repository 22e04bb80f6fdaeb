import Hashing
import NIOCore
import Replication
import StatorCore
import Storage
import Testing

@testable import NIORuntime
@testable import NodeCore

@Suite struct DataFolderTests {
    let disk = POSIXDisk()
    let path = TestNodes.temporaryFolder()
    let blueprint = TestNodes.blueprint(
        TestNodes.member("A", port: 1), among: [TestNodes.member("A", port: 1)], shards: 2, engine: .log)

    private func open(
        _ blueprint: NodeBlueprint? = nil, incarnation: UInt64 = 1, wallSeconds: UInt64 = 100
    ) throws -> DataFolder {
        try DataFolder.open(
            path, for: blueprint ?? self.blueprint, disk: disk, incarnation: incarnation, wallSeconds: wallSeconds)
    }

    /// Opens all stores of the folder, and closes them again.
    private func openStores(_ folder: DataFolder) throws {
        for shard in 0..<2 {
            for store in [StoreName.records, .hints] {
                try folder.openEngine(store, shard: shard, for: blueprint, newStoreID: UInt64(shard) + 1).close()
            }
        }
        try folder.noteStoresOpened()
    }

    private func causes(_ folder: DataFolder) -> [Doubt.Cause?] { folder.identity.doubts.map { $0?.cause } }

    @Test func identityDecodesToItselfAndNoFlippedBitPasses() throws {
        let stored = StoredIdentity(
            cluster: "demo", node: NodeID("A"), partitioner: "p", replicas: 3, hash: "xxh3", conflictResolver: "r",
            storage: "log", isClean: true, hasStores: true,
            identity: NodeIdentity(
                incarnation: 7, dotsIssued: [3, 500], generation: 9, doubts: [Doubt(.damaged, "rot"), nil]))
        let bytes = stored.encoded()
        #expect(try StoredIdentity.decode(bytes) == stored)
        for bit in 0..<(bytes.readableBytes * 8) {
            var array = Array(bytes.readableBytesView)
            array[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: CodecError.self) { try StoredIdentity.decode(ByteBuffer(bytes: array)) }
        }
    }

    @Test func newFolderIsRecoveringUnderANewIncarnation() throws {
        let folder = try open(incarnation: 42)
        defer { folder.release() }
        #expect(folder.identity.incarnation == 42)
        try openStores(folder)
        #expect(causes(folder) == [.new, .new])
        #expect(folder.identity.generation == 100)
        #expect(folder.view == nil)
    }

    @Test func cleanStopKeepsTheIncarnationAndItsDots() throws {
        let first = try open(incarnation: 42)
        try openStores(first)
        try first.update {
            $0.identity.doubts = [nil, nil]
            $0.identity.dotsIssued = [10, 20]
            $0.isClean = true
        }
        first.release()
        let second = try open(incarnation: 43, wallSeconds: 50)
        defer { second.release() }
        #expect(second.identity.incarnation == 42)
        #expect(second.identity.dotsIssued == [10, 20])
        try openStores(second)
        #expect(causes(second) == [nil, nil], "an empty store is no lost one")
        #expect(second.identity.generation == 101)
    }

    @Test func uncleanStopTakesANewIncarnation() throws {
        for _ in 0..<2 {
            let folder = try open(incarnation: 42)
            try openStores(folder)
            try folder.update { $0.identity.doubts = [nil, nil] }
            folder.release()
        }
        let next = try open(incarnation: 43)
        defer { next.release() }
        #expect(next.identity.incarnation == 43)
        #expect(next.identity.dotsIssued == [0, 0])
        try openStores(next)
        #expect(causes(next) == [nil, nil])
    }

    @Test func cleanStopCountsOnce() throws {
        let first = try open(incarnation: 1)
        try openStores(first)
        try first.update { $0.isClean = true }
        first.release()
        try open(incarnation: 2).release()
        let third = try open(incarnation: 3)
        defer { third.release() }
        #expect(third.identity.incarnation == 3)
    }

    @Test func shardWhoseRecordsAreGoneRecovers() throws {
        let first = try open(incarnation: 1)
        try openStores(first)
        try first.update {
            $0.identity.doubts = [nil, nil]
            $0.isClean = true
        }
        first.release()
        try disk.remove("\(path)/shard-1")
        let second = try open(incarnation: 2)
        defer { second.release() }
        try openStores(second)
        #expect(causes(second) == [nil, .lost])
    }

    /// The doubt is durable once the store is open, whether the node comes to serve or not.
    @Test func aStoreThatLostASegmentIsInDoubtUntilItWasCompared() throws {
        let first = try open()
        try openStores(first)
        try first.update { $0.identity.doubts = [nil, nil] }
        let engine = try first.openEngine(.records, shard: 1, for: blueprint, newStoreID: 1)
        let body = ByteBuffer(string: "v")
        let key = Key(unchecked: ByteBuffer(string: "k"))
        try engine.apply(
            .put(
                StoredRecord(
                    token: Token(9), key: key, digest: Digest(ofBody: body), isTombstone: false, expiry: nil,
                    body: body)))
        try engine.close()
        first.release()
        try disk.remove(DataFolder.recordsFolder(path, shard: 1) + "/0000000001.log")
        for _ in 0..<2 {
            let next = try open()
            try openStores(next)
            #expect(causes(next) == [nil, .damaged])
            #expect(next.identity.doubts[1]?.reason.contains("0000000001.log is missing") == true)
            next.release()
        }
        let last = try open()
        try last.noteRecovered(shard: 1)
        last.release()
        let whole = try open()
        defer { whole.release() }
        try openStores(whole)
        #expect(causes(whole) == [nil, nil], "the same damage is not found again")
    }

    /// With other owners of the ranges the records would be other nodes', and be dropped.
    @Test func anotherPlacementIsRefused() throws {
        try open().release()
        var other = blueprint
        other.partitionerText += " with fewer tokens"
        let error = #expect(throws: StartError.self) { try open(other) }
        #expect(
            error
                == .settingChanged(
                    path, setting: "partitioner", folder: blueprint.partitionerText, configured: other.partitionerText))
        other = blueprint
        other.replication.replicas += 1
        #expect(throws: StartError.self) { try open(other) }
        try open().release()
    }

    @Test func recoveringOutlivesARestart() throws {
        let first = try open()
        try openStores(first)
        try first.noteRecovered(shard: 0)
        first.release()
        let second = try open()
        defer { second.release() }
        try openStores(second)
        #expect(causes(second) == [nil, .new])
    }

    @Test func folderOfAnotherNodeIsRefused() throws {
        try open().release()
        let other = TestNodes.blueprint(
            TestNodes.member("B", port: 2), among: [TestNodes.member("B", port: 2)], shards: 2, engine: .log)
        let error = #expect(throws: StartError.self) { try open(other) }
        #expect(error?.description == "data folder \(path) belongs to node A of cluster demo")
    }

    @Test func folderOfOtherSettingsIsRefused() throws {
        try open().release()
        var other = blueprint
        other.shards = 4
        #expect(
            throws: StartError.settingChanged(path, setting: "shards", folder: "2", configured: "4")
        ) { try open(other) }
        other = blueprint
        other.kinds.conflictResolver = "lww-wall"
        #expect(throws: StartError.self) { try open(other) }
        other = blueprint
        other.kinds.storage = "memory"
        #expect(throws: StartError.self) { try open(other) }
    }

    @Test func lockedFolderNamesTheProcess() throws {
        let folder = try open()
        let error = #expect(throws: StartError.self) { try open() }
        #expect(error == .folderLocked(path, process: "\(SystemClock.processID)"))
        folder.release()
        try open().release()
    }

    @Test func damagedOrMissingIdentityIsRefused() throws {
        let folder = try open()
        folder.release()
        let file = try disk.open("\(path)/identity", creating: false)
        try file.write(ByteBuffer(string: "X"), at: 9)
        #expect(throws: StartError.self) { try open() }
        try disk.remove("\(path)/identity")
        #expect(throws: StartError.dataWithoutIdentity(path)) { try open() }
    }

    @Test func viewIsReadBack() throws {
        let view = View(epoch: Epoch(9), members: [TestNodes.member("A", port: 1), TestNodes.member("B", port: 2)])
        let folder = try open()
        try folder.write(view)
        folder.release()
        let again = try open()
        defer { again.release() }
        #expect(again.view == view)
    }
}
