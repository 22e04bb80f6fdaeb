import Foundation
import Hashing
import Membership
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
        _ blueprint: NodeBlueprint? = nil, life: UInt64 = 1, wallSeconds: UInt64 = 100
    ) throws -> DataFolder {
        try DataFolder.open(
            path, for: blueprint ?? self.blueprint, disk: disk, life: life, wallSeconds: wallSeconds)
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
            storage: "log", isClean: true, hasStores: true, wasLetIn: true, openings: [8, 9],
            origin: FileOrigin(inode: 5, birth: -6),
            identity: NodeIdentity(
                generation: 9, folder: 6, doubts: [Doubt(.damaged, "rot"), nil],
                lease: DotLease(incarnation: 7, end: 500),
                lives: [1, 2], forgotAt: [3, 500]))
        let bytes = stored.encoded()
        #expect(try StoredIdentity.decode(bytes) == stored)
        for bit in 0..<(bytes.readableBytes * 8) {
            var array = Array(bytes.readableBytesView)
            array[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: CodecError.self) { try StoredIdentity.decode(ByteBuffer(bytes: array)) }
        }
    }

    @Test func newFolderIsRecoveringAndHasNoLease() throws {
        let folder = try open(life: 42)
        defer { folder.release() }
        #expect(folder.identity.lease == nil)
        #expect(folder.identity.lives == [42])
        try openStores(folder)
        #expect(causes(folder) == [.new, .new])
        #expect(folder.identity.generation == 100)
        #expect(folder.view == nil)
    }

    private let lease = DotLease(incarnation: 7, end: DotLease.length)

    /// A start that holds records and a lease.
    private func live(isClean: Bool, _ blueprint: NodeBlueprint? = nil) throws {
        let folder = try open(blueprint, life: 42)
        try openStores(folder)
        try folder.update { $0.identity.doubts = [nil, nil] }
        try folder.write(lease)
        try folder.update { $0.identity.forgotAt = [10, 20] }
        if isClean { try folder.noteCleanStop() }
        folder.release()
    }

    @Test(arguments: [true, false])
    func anyStopKeepsTheLease(isClean: Bool) throws {
        try live(isClean: isClean)
        let second = try open(life: 43, wallSeconds: 50)
        defer { second.release() }
        #expect(second.identity.lease == lease)
        #expect(second.identity.lives == [42, 43])
        // After any other stop the records may be those of a moment before the last dots.
        let forgotten = isClean ? [10, 20] : [lease.end, lease.end]
        #expect(second.identity.forgotAt == forgotten)
        try openStores(second)
        #expect(causes(second) == [nil, nil], "an empty store is no lost one")
        #expect(second.identity.forgotAt == forgotten)
        #expect(second.identity.generation == 101)
        #expect(!second.isCopy)
    }

    /// Copied files, whether into another folder or over the present ones, are other files.
    @Test(arguments: [["-r"], ["-a"]], [false, true])
    func aFolderPutBackFromACopyHasNoLeaseAndRecovers(_ options: [String], isInPlace: Bool) throws {
        try live(isClean: true)
        let backup = TestNodes.temporaryFolder()
        try copy(options + ["\(path)/.", backup])
        try open(life: 43).release()
        if !isInPlace { try disk.remove(path) }
        try disk.createFolder(path)
        try copy(options + ["\(backup)/.", path])
        let restored = try open(life: 44)
        defer { restored.release() }
        #expect(restored.isCopy)
        #expect(restored.identity.lease == nil)
        try openStores(restored)
        #expect(causes(restored) == [.restored, .restored])
    }

    private func copy(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/cp")
        process.arguments = arguments
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    /// What was known to be worse stays known.
    @Test(arguments: [Doubt.Cause.new, .restored, .damaged, .lost])
    func aCopyIsInDoubtForTheWorseCause(_ cause: Doubt.Cause) throws {
        let folder = try open()
        defer { folder.release() }
        try openStores(folder)
        try folder.update { $0.identity.doubts = [Doubt(cause, "a test"), nil] }
        try folder.noteRestored()
        #expect(causes(folder) == [cause == .new ? .restored : cause, .restored])
    }

    /// Names, zones and weights place records: an edited list would place them elsewhere than the other nodes do. Addresses
    /// are where members are.
    @Test func theMembersThatAClusterBeganWithCount() throws {
        func blueprint(_ members: [Member]) -> NodeBlueprint {
            var made = TestNodes.blueprint(members[0], among: members, shards: 2, engine: .log)
            made.membershipGuarantees = [MembershipGuarantees.acceptsChanges]
            return made
        }
        let founded = ["A", "B", "C"].map { TestNodes.member($0, port: 1) }
        try open(blueprint(founded + [TestNodes.member("X", port: 1)])).release()
        let first = try open(blueprint(founded))
        #expect(first.firstView(of: blueprint(founded)).members.count == 3, "a node that was never let in")
        try first.write(lease)
        // Its stores were lost, or it is a copy, and another start failed since.
        try first.update { $0.identity.lease = nil }
        first.release()
        var edited = founded + [TestNodes.member("D", port: 1)]
        edited[1].weight = 2
        edited[1].peerEndpoint = Endpoint(host: "127.0.0.1", port: 9)
        edited[2].zone = "z"
        let folder = try open(blueprint(edited))
        let members = folder.firstView(of: blueprint(edited)).members
        #expect(members.map(\.node.name) == ["A", "B", "C"])
        #expect(members.map(\.weight) == [1, 1, 1] && members.map(\.zone) == ["", "", ""])
        #expect(members.map(\.peerEndpoint.port) == [1, 9, 1])
        let difference = try #require(folder.differingMembers(of: blueprint(edited)))
        #expect(["B", "C", "D"].allSatisfy(difference.contains), "\(difference)")
        #expect(folder.differingMembers(of: blueprint(founded)) == nil)
        try folder.write(View(epoch: Epoch(2), members: founded))
        folder.release()
        let later = try open(blueprint(edited))
        #expect(later.differingMembers(of: blueprint(edited)) == nil, "only its own part counts by then")
        edited[0].weight = 3
        #expect(later.differingMembers(of: blueprint(edited))?.contains("weight 3") == true)
        later.release()
    }

    /// The same files under another name are no copy.
    @Test func aFolderThatWasMovedGoesOn() throws {
        try live(isClean: true)
        let other = TestNodes.temporaryFolder()
        try FileManager.default.moveItem(atPath: path, toPath: other + "-moved")
        try FileManager.default.moveItem(atPath: other + "-moved", toPath: path)
        let second = try open(life: 43)
        defer { second.release() }
        #expect(second.identity.lease == lease)
    }

    /// A store that is moved away and moved back consists of its own files, all whole: that it missed what was written while
    /// another one was in its place is known by the starts that opened them.
    @Test(arguments: [StoreName.records, .hints])
    func aStoreThatMissedAStartIsInDoubt(_ store: StoreName) throws {
        let folder =
            store == .records ? DataFolder.recordsFolder(path, shard: 1) : DataFolder.hintsFolder(path, shard: 1)
        try live(isClean: true)
        try FileManager.default.moveItem(atPath: folder, toPath: folder + "-away")
        let meanwhile = try open(life: 43)
        try openStores(meanwhile)
        #expect(causes(meanwhile) == [nil, .lost])
        try meanwhile.noteRecovered(shard: 1)
        try meanwhile.write(lease)
        try meanwhile.noteCleanStop()
        meanwhile.release()
        try FileManager.default.removeItem(atPath: folder)
        try FileManager.default.moveItem(atPath: folder + "-away", toPath: folder)
        for life in [UInt64(44), 45] {
            let back = try open(life: life)
            try openStores(back)
            #expect(causes(back) == [nil, .restored], "also at the next start")
            #expect(back.identity.forgotAt[1] == lease.end)
            back.release()
        }
        let again = try open(life: 46)
        try again.noteRecovered(shard: 1)
        again.release()
        let whole = try open(life: 47)
        defer { whole.release() }
        try openStores(whole)
        #expect(causes(whole) == [nil, nil])
    }

    /// Starts that ended before all stores were open leave stores that one or the other of them opened last.
    @Test func aStartThatFailedCastsNoDoubt() throws {
        try live(isClean: true)
        for life in [UInt64(43), 44, 45] {
            let failed = try open(life: life)
            if life != 44 {
                try failed.openEngine(.records, shard: Int(life) % 2, for: blueprint, newStoreID: 1).close()
            }
            failed.release()
        }
        let next = try open(life: 46)
        defer { next.release() }
        try openStores(next)
        #expect(causes(next) == [nil, nil])
    }

    /// A supervisor starts a node that fails again and again: the start that others and the stores know is not forgotten.
    @Test func aHundredStartsThatFailCastNoDoubt() throws {
        try live(isClean: true)
        for life in UInt64(100)..<200 {
            try open(life: life).release()
        }
        let next = try open(life: 200)
        defer { next.release() }
        #expect(next.identity.lives.first == 42 && next.identity.lives.count == 102)
        try openStores(next)
        #expect(causes(next) == [nil, nil])
    }

    /// Whatever the file of the last opening says, it says nothing good of the store where it does not fit.
    @Test(arguments: [true, false]) func aStoreThatDoesNotSayWhoOpenedItIsInDoubt(_ isGone: Bool) throws {
        try live(isClean: true)
        let file = DataFolder.recordsFolder(path, shard: 0) + "/opened"
        try FileManager.default.removeItem(atPath: file)
        if !isGone { try Data("nothing".utf8).write(to: URL(fileURLWithPath: file)) }
        let next = try open(life: 43)
        defer { next.release() }
        try openStores(next)
        #expect(causes(next) == [isGone ? .restored : .damaged, nil])
    }

    @Test func shardWhoseRecordsAreGoneRecoversWithoutALease() throws {
        let first = try open(life: 1)
        try openStores(first)
        try first.write(lease)
        try first.update {
            $0.identity.doubts = [nil, nil]
            $0.isClean = true
        }
        first.release()
        try disk.remove("\(path)/shard-1")
        let second = try open(life: 2)
        defer { second.release() }
        try openStores(second)
        #expect(causes(second) == [nil, .lost])
        #expect(second.identity.lease == nil)
    }

    /// The doubt is durable once the store is open, whether the node comes to serve or not.
    @Test func aStoreThatLostASegmentIsInDoubtUntilItWasCompared() throws {
        let first = try open()
        try openStores(first)
        try first.write(lease)
        try first.update {
            $0.identity.doubts = [nil, nil]
            $0.identity.forgotAt = [10, 20]
        }
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
            #expect(next.identity.lease == lease)
            #expect(next.identity.forgotAt[1] == lease.end)
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
