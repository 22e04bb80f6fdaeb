import ConflictResolution
import NIOCore
import Replication
import Simulation
import StatorCore
import Testing

/// What random simulations found, each as a story of its own: it failed before it was mended.
@Suite("Faults of the store that simulations found")
struct FoundBySimulation {
    private func fixture(_ overrides: [String] = [], outsiders: [String] = []) throws -> SimulatedFixture {
        // Recently used records would hide what a disk does to them.
        let always = ["antiEntropy.enabled=false", "replication.readRepair=false", "node.recordCacheBytes=0"]
        return try SimulatedFixture(outsiders: outsiders, overrides: always + overrides)
    }

    /// Flips a bit near the end of every segment of one store, past the engine.
    private func rot(_ store: String, at node: NodeID, in fixture: SimulatedFixture) {
        let disk = fixture.cluster.disk(of: node)
        for path in disk.paths where path.contains("/\(store)/") {
            guard let size = disk.content(of: path)?.count, size > 48 else { continue }
            disk.flipBit(path, offset: size - 6)
        }
    }

    private func start(_ fixture: SimulatedFixture) {
        for name in fixture.cluster.names { fixture.cluster.start(name) }
        _ = fixture.cluster.run(atMost: .seconds(30)) {
            ["A", "B", "C", "D"].allSatisfy { fixture.cluster.notReadyReason(of: NodeID($0)) == nil }
        }
        fixture.letLinksComeUp()
    }

    /// `store.json`, seed 140: the records of a node that died right after it had left stayed on its disk for good.
    @Test func aNodeThatDiesAfterItLeftForgetsWhatItOwned() throws {
        let fixture = try fixture(outsiders: ["E"])
        start(fixture)
        guard case .accepted = try fixture.administer(.join, at: "E") else {
            Issue.record("not let in")
            return
        }
        for index in 0..<60 { try fixture.put("k\(index)", "v", at: "A") }
        let joined = fixture.cluster.run(atMost: .seconds(30)) {
            fixture.cluster.membership(of: "A")?.view.epoch == Epoch(3)
        }
        #expect(joined)
        fixture.cluster.run(for: .seconds(10))
        #expect(!fixture.cluster.records(of: "E").isEmpty)
        guard case .accepted = try fixture.administer(.leave(nil), at: "E") else {
            Issue.record("not let go")
            return
        }
        let hasLeft = fixture.cluster.run(atMost: .seconds(30)) {
            fixture.cluster.membership(of: "E")?.view.epoch == Epoch(5)
        }
        #expect(hasLeft)
        fixture.cluster.restart("E")
        fixture.cluster.run(for: .seconds(10))
        #expect(fixture.cluster.records(of: "E").isEmpty)
    }

    /// A replica wrote a sibling over a record that its disk failed to read once: what it had acknowledged was gone.
    @Test func aRecordThatCannotBeReadOnceIsNotWrittenOver() throws {
        let fixture = try fixture(["hints.enabled=false", "replication.n=4", "replication.w=2"])
        try fixture.start()
        try fixture.put("k", "first", at: "A", RequestOptions(writeQuorum: .all))
        fixture.cluster.run(for: .seconds(1))
        let before = try #require(try fixture.cluster.storedRecord(of: try Key("k"), at: "B"))
        fixture.cluster.disk(of: "B").faults.probability[.read] = 1
        try fixture.put("k", "second", at: "A", basis: .nothing)
        fixture.cluster.run(for: .seconds(3))
        fixture.cluster.disk(of: "B").faults.probability = [:]
        let after = try #require(try fixture.cluster.storedRecord(of: try Key("k"), at: "B"))
        let resolver = fixture.cluster.blueprint(of: "B").resolver
        let values = try resolver.read(after.body).versions.compactMap { $0.content.map { String(buffer: $0.bytes) } }
        #expect(values.contains("first"), "B had acknowledged \(before.digest)")
    }

    /// Anti-entropy compares digests that the index remembers, so it never noticed a record whose bytes had rotted.
    @Test func aRottenRecordIsHealedFromTheOtherOwners() throws {
        let fixture = try fixture(["replication.n=4", "replication.w=3"])
        try fixture.start()
        try fixture.put("k", "precious", at: "A", RequestOptions(writeQuorum: .all))
        fixture.cluster.run(for: .seconds(1))
        rot("records", at: "B", in: fixture)
        #expect(throws: (any Error).self) { try fixture.cluster.storedRecord(of: try Key("k"), at: "B") }
        #expect(try fixture.values("k", at: "C", RequestOptions(readQuorum: .number(3))) == ["precious"])
        fixture.cluster.run(for: .seconds(1))
        #expect(try fixture.cluster.storedRecord(of: try Key("k"), at: "B") != nil)
        #expect(try fixture.values("k", at: "C", RequestOptions(readQuorum: .all)) == ["precious"])
        #expect(try fixture.divergentKeys() == [])
    }

    /// The digest of the rotten record stayed in the index beside the healed one's, and sessions never ended again.
    @Test func aHealedRecordLeavesTheSyncIndexTrue() throws {
        let fixture = try fixture(["replication.n=4", "replication.w=3"])
        try fixture.start()
        try fixture.put("k", "precious", at: "A", RequestOptions(writeQuorum: .all))
        fixture.cluster.run(for: .seconds(1))
        rot("records", at: "B", in: fixture)
        try fixture.put("k", "newer", at: "A", RequestOptions(writeQuorum: .all))
        _ = try fixture.get("k", at: "C", RequestOptions(readQuorum: .all))
        fixture.cluster.run(for: .seconds(1))
        _ = try fixture.administer(.syncNow, at: "B")
        fixture.cluster.run(for: .seconds(5))
        let sent = fixture.cluster.names.flatMap { fixture.cluster.counters(of: $0) }.reduce(0) {
            $0 + $1.syncKeysListed
        }
        #expect(sent == 0)
    }

    /// `store.json`, seeds 73 and 217: a hint whose bytes had rotted was tried forever.
    @Test func aRottenHintIsGivenUp() throws {
        let fixture = try fixture()
        try fixture.start()
        fixture.cluster.crash("B")
        fixture.cluster.run(for: .seconds(1))
        for index in 0..<20 { try fixture.put("k\(index)", "v", at: "A") }
        #expect(fixture.hintsWaiting > 0)
        for name in ["A", "C", "D"] as [NodeID] { rot("hints", at: name, in: fixture) }
        fixture.cluster.start("B")
        #expect(fixture.cluster.run(atMost: .seconds(20)) { fixture.hintsWaiting == 0 })
        fixture.expectHintsAddUp()
        let cancelled = fixture.cluster.names.flatMap { fixture.cluster.counters(of: $0) }.reduce(0) {
            $0 + $1.hintsCancelled
        }
        #expect(cancelled > 0)
    }

    private func keys(at node: NodeID, in fixture: SimulatedFixture) -> Int { fixture.cluster.records(of: node).count }

    private func removeMember(_ node: String, from fixture: SimulatedFixture) throws {
        guard case .accepted = try fixture.administer(.leave(nil), at: node) else {
            Issue.record("\(node) was not let go")
            return
        }
        let hasLeft = fixture.cluster.run(atMost: .seconds(30)) {
            ["A", "B", "C"].allSatisfy { fixture.cluster.membership(of: NodeID($0))?.view.epoch == Epoch(3) }
        }
        #expect(hasLeft)
        fixture.cluster.run(for: .seconds(10))
    }

    /// `soak.json`, seed 23: a former member whose disk was lost began with the view of its configuration, in which it
    /// is a member. It asked for what it had owned then, and went on so after it had learned better.
    @Test func aWipedNodeThatHasLeftGathersNothing() throws {
        let fixture = try fixture()
        try fixture.start()
        for index in 0..<60 { try fixture.put("k\(index)", "v", at: "A") }
        try removeMember("D", from: fixture)
        #expect(keys(at: "D", in: fixture) == 0)
        fixture.cluster.crash("D")
        fixture.cluster.wipe("D")
        // What D asks A for is answered only long after D has learned that it is no member, and has dropped what it got.
        fixture.cluster.crash("A")
        fixture.cluster.start("D")
        fixture.cluster.run(for: .seconds(10))
        fixture.cluster.start("A")
        fixture.cluster.run(for: .seconds(20))
        #expect(keys(at: "D", in: fixture) == 0)
    }

    /// Found beside it: a member whose disk was lost recovered what it had owned by the view of its configuration, and
    /// not what it had gained since.
    @Test func aWipedNodeRecoversWhatItGainedSinceItsConfiguration() throws {
        let fixture = try fixture()
        try fixture.start()
        for index in 0..<60 { try fixture.put("k\(index)", "v", at: "A") }
        try removeMember("D", from: fixture)
        #expect(keys(at: "A", in: fixture) == 60)
        fixture.cluster.crash("A")
        fixture.cluster.wipe("A")
        fixture.cluster.start("A")
        #expect(fixture.cluster.run(atMost: .seconds(30)) { fixture.cluster.notReadyReason(of: "A") == nil })
        #expect(keys(at: "A", in: fixture) == 60)
    }

    /// `soak.json`, seeds 314, 1074, 1398 and 2078: a leaving node died after most members had told it that they hold
    /// what they gain. It had forgotten, nobody told it again, and the change never ended.
    @Test func aLeavingNodeThatDiesIsToldAgain() throws {
        let fixture = try fixture()
        try fixture.start()
        for index in 0..<60 { try fixture.put("k\(index)", "v", at: "A") }
        guard case .accepted = try fixture.administer(.leave(nil), at: "D") else {
            Issue.record("D was not let go")
            return
        }
        let epoch = { (node: String) in fixture.cluster.membership(of: NodeID(node))?.view.epoch }
        #expect(fixture.cluster.run(atMost: .seconds(30)) { epoch("A") == Epoch(2) })
        // A can say nothing yet; meanwhile the others tell D that they hold what they gain.
        fixture.cluster.partition([["A"], ["D"]])
        fixture.cluster.run(for: .seconds(10))
        fixture.cluster.restart("D")
        fixture.cluster.run(for: .seconds(2))
        #expect(epoch("D") == Epoch(2))
        fixture.cluster.heal()
        #expect(fixture.cluster.run(atMost: .seconds(30)) { ["A", "B", "C"].allSatisfy { epoch($0) == Epoch(3) } })
    }

    /// `soak.json`, seed 2937: a leaving node had said that it keeps no hints, an owner died before the ring was switched,
    /// and what was hinted meanwhile went away with the node that left.
    @Test func aLeavingNodeTakesNoHintsOnceItHasSaidThatItKeepsNone() throws {
        let fixture = try fixture(outsiders: ["E"])
        start(fixture)
        guard case .accepted = try fixture.administer(.join, at: "E") else {
            Issue.record("E was not let in")
            return
        }
        let epoch = { (node: String) in fixture.cluster.membership(of: NodeID(node))?.view.epoch }
        #expect(fixture.cluster.run(atMost: .seconds(30)) { epoch("A") == Epoch(3) && epoch("E") == Epoch(3) })
        guard case .accepted = try fixture.administer(.leave(nil), at: "D") else {
            Issue.record("D was not let go")
            return
        }
        #expect(fixture.cluster.run(atMost: .seconds(30)) { epoch("D") == Epoch(4) })
        // The switch waits for C, and so do writes to what C owns.
        fixture.cluster.crash("C")
        fixture.cluster.run(for: .seconds(20))
        for index in 0..<60 { _ = try? fixture.put("k\(index)", "v", at: "A") }
        #expect(fixture.hintsWaiting > 0)
        #expect(epoch("D") == Epoch(4))
        fixture.cluster.start("C")
        #expect(fixture.cluster.run(atMost: .seconds(60)) { epoch("D") == Epoch(5) })
        fixture.cluster.run(for: .seconds(20))
        #expect(fixture.hintsWaiting == 0)
    }
}
