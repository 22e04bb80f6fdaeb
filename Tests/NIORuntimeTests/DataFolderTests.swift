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

    /// As an engine does with its first write.
    private func writeRecords(shards: [Int]) throws {
        for shard in shards {
            _ = try disk.open(DataFolder.recordsFolder(path, shard: shard) + "/segment", creating: true)
        }
    }

    @Test func identityDecodesToItselfAndNoFlippedBitPasses() throws {
        let stored = StoredIdentity(
            cluster: "demo", node: NodeID("A"), hash: "xxh3", conflictResolver: "r", storage: "log", isClean: true,
            identity: NodeIdentity(incarnation: 7, dotsIssued: [3, 500], generation: 9, isRecovering: [true, false]))
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
        #expect(folder.identity.isRecovering == [true, true])
        #expect(folder.identity.generation == 100)
        #expect(folder.view == nil)
    }

    @Test func cleanStopKeepsTheIncarnationAndItsDots() throws {
        let first = try open(incarnation: 42)
        try writeRecords(shards: [0, 1])
        try first.update {
            $0.identity.isRecovering = [false, false]
            $0.identity.dotsIssued = [10, 20]
            $0.isClean = true
        }
        first.release()
        let second = try open(incarnation: 43, wallSeconds: 50)
        defer { second.release() }
        #expect(second.identity.incarnation == 42)
        #expect(second.identity.dotsIssued == [10, 20])
        #expect(second.identity.isRecovering == [false, false])
        #expect(second.identity.generation == 101)
    }

    @Test func uncleanStopTakesANewIncarnation() throws {
        for _ in 0..<2 {
            let folder = try open(incarnation: 42)
            try writeRecords(shards: [0, 1])
            try folder.update { $0.identity.isRecovering = [false, false] }
            folder.release()
        }
        let next = try open(incarnation: 43)
        defer { next.release() }
        #expect(next.identity.incarnation == 43)
        #expect(next.identity.dotsIssued == [0, 0])
        #expect(next.identity.isRecovering == [false, false])
    }

    @Test func cleanStopCountsOnce() throws {
        let first = try open(incarnation: 1)
        try writeRecords(shards: [0, 1])
        try first.update { $0.isClean = true }
        first.release()
        try open(incarnation: 2).release()
        let third = try open(incarnation: 3)
        defer { third.release() }
        #expect(third.identity.incarnation == 3)
    }

    @Test func shardWhoseRecordsAreGoneRecovers() throws {
        let first = try open(incarnation: 1)
        try writeRecords(shards: [0, 1])
        try first.update {
            $0.identity.isRecovering = [false, false]
            $0.isClean = true
        }
        first.release()
        try disk.remove("\(path)/shard-1")
        let second = try open(incarnation: 2)
        defer { second.release() }
        #expect(second.identity.isRecovering == [false, true])
        #expect(second.identity.incarnation == 2)
    }

    @Test func recoveringOutlivesARestart() throws {
        let first = try open()
        try writeRecords(shards: [0, 1])
        try first.update { $0.identity.isRecovering[0] = false }
        first.release()
        let second = try open()
        defer { second.release() }
        #expect(second.identity.isRecovering == [false, true])
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
