import ConflictResolution
import NIOCore
import Replication
import Simulation
import StatorCore
import Testing

@Suite("Quorums, hints and repair in the simulated driver")
struct QuorumScenarios {
    @Test func aWrittenKeyIsReadAtEveryNode() throws {
        let fixture = try SimulatedFixture()
        try fixture.start()
        guard case .stored(let outcome) = try fixture.put("greeting", "hello", at: "A") else {
            Issue.record("not stored")
            return
        }
        #expect(outcome.isFirst)
        for node in ["A", "B", "C", "D"] { #expect(try fixture.values("greeting", at: node) == ["hello"]) }
        guard case .stored(let second) = try fixture.put("greeting", "again", at: "C") else {
            Issue.record("not stored")
            return
        }
        #expect(!second.isFirst)
        #expect(try fixture.values("greeting", at: "D") == ["again"])
    }

    @Test func aNodeOfSeveralShardsGoesTheSameWay() throws {
        let fixture = try SimulatedFixture(overrides: ["node.shards=3"])
        try fixture.start()
        for index in 0..<60 { try fixture.put("k\(index)", "v\(index)", at: "A") }
        for index in 0..<60 { #expect(try fixture.values("k\(index)", at: "D") == ["v\(index)"]) }
        #expect(fixture.cluster.counters(of: "A").allSatisfy { $0.puts > 0 })
    }

    @Test func aDeletedKeyIsGoneAndItsTombstoneGivesAContext() throws {
        let fixture = try SimulatedFixture()
        try fixture.start()
        try fixture.put("k", "v", at: "A")
        try fixture.delete("k", at: "B")
        guard case .notFound(let context) = try fixture.get("k", at: "C") else {
            Issue.record("still there")
            return
        }
        #expect(context != nil)
        guard case .notFound(let none) = try fixture.get("never", at: "C") else {
            Issue.record("found what was never written")
            return
        }
        #expect(none == nil)
    }

    @Test func writesGoOnWhenANodeDiesAndItsHintsAreDeliveredWhenItIsBack() throws {
        for seed in 1...4 as ClosedRange<UInt64> {
            let fixture = try SimulatedFixture(seed: seed)
            try fixture.start()
            for index in 0..<40 { try fixture.put("k\(index)", "before", at: "A") }
            fixture.cluster.crash("C")
            fixture.cluster.run(for: .milliseconds(200))
            for index in 0..<40 {
                let outcome = try fixture.put("k\(index)", "after", at: ["A", "B", "D"][index % 3])
                guard case .stored = outcome else {
                    Issue.record("a write after the crash failed: \(outcome); seed \(seed)")
                    return
                }
            }
            #expect(fixture.hintsWaiting > 0)
            fixture.expectHintsAddUp()
            fixture.cluster.start("C")
            #expect(fixture.cluster.run(atMost: .seconds(20)) { fixture.hintsWaiting == 0 })
            fixture.expectHintsAddUp()
            #expect(try fixture.divergentKeys() == [])
            for index in 0..<40 { #expect(try fixture.values("k\(index)", at: "C") == ["after"]) }
        }
    }

    @Test func nothingAcknowledgedIsLostWhenAllNodesAreKilled() throws {
        for seed in 1...6 as ClosedRange<UInt64> {
            let fixture = try SimulatedFixture(seed: seed)
            try fixture.start()
            var acknowledged: [String: String] = [:]
            for index in 0..<60 {
                let key = "k\(index % 20)"
                if case .stored = try fixture.put(key, "v\(index)", at: ["A", "B", "C", "D"][index % 4]) {
                    acknowledged[key] = "v\(index)"
                }
            }
            for node in fixture.cluster.names { fixture.cluster.crash(node) }
            fixture.cluster.run(for: .seconds(1))
            try fixture.start()
            for (key, value) in acknowledged.sorted(by: { $0.key < $1.key }) {
                #expect(try fixture.values(key, at: "B") == [value], "seed \(seed)")
            }
        }
    }

    @Test func bothSidesOfAPartitionWriteAndTheSiblingsAreResolved() throws {
        let fixture = try SimulatedFixture()
        try fixture.start()
        try fixture.put("cart", "empty", at: "A")
        fixture.cluster.partition([["A", "C"], ["B", "D"]])
        fixture.cluster.run(for: .seconds(1))
        guard case .stored = try fixture.put("cart", "book", at: "A"),
            case .stored = try fixture.put("cart", "pen", at: "B")
        else {
            Issue.record("a side could not write")
            return
        }
        fixture.cluster.heal()
        #expect(fixture.cluster.run(atMost: .seconds(30)) { fixture.hintsWaiting == 0 })
        guard case .found(let both) = try fixture.get("cart", at: "D") else {
            Issue.record("not found")
            return
        }
        #expect(both.liveVersions.count == 2)
        try fixture.put("cart", "book and pen", at: "C", basis: .context(both.context))
        fixture.cluster.run(for: .seconds(15))
        #expect(try fixture.values("cart", at: "B") == ["book and pen"])
        #expect(try fixture.divergentKeys() == [])
    }

    @Test func underLastWriterWinsTheLaterSideOfAPartitionWins() throws {
        let fixture = try SimulatedFixture(overrides: ["strategies.conflictResolver.kind=lww-hlc"])
        try fixture.start()
        fixture.cluster.partition([["A", "C"], ["B", "D"]])
        fixture.cluster.run(for: .seconds(1))
        try fixture.put("cart", "book", at: "A")
        try fixture.put("cart", "pen", at: "B")
        fixture.cluster.heal()
        #expect(fixture.cluster.run(atMost: .seconds(30)) { fixture.hintsWaiting == 0 })
        #expect(try fixture.values("cart", at: "A") == ["pen"])
    }

    @Test func aStrictWriteWithoutItsQuorumIsRefusedAndSaysHowManyAnswered() throws {
        let fixture = try SimulatedFixture(members: ["A", "B", "C"], overrides: ["replication.sloppy=false"])
        try fixture.start()
        fixture.cluster.crash("B")
        fixture.cluster.crash("C")
        fixture.cluster.run(for: .seconds(1))
        #expect(try fixture.put("k", "v", at: "A") == .failed(.quorumUnmet(answered: 1, needed: 2)))
        #expect(try fixture.get("k", at: "A") == .failed(.quorumUnmet(answered: 1, needed: 2)))
        #expect(try fixture.values("k", at: "A", RequestOptions(readQuorum: .number(1))) == ["v"])
    }

    @Test func aSilentReplicaIsStoodInFor() throws {
        let fixture = try SimulatedFixture()
        try fixture.start()
        let owners = try fixture.explanation("k", at: "A").preferenceList.prefix(3)
        let silent = try #require(owners.first { $0 != owners.first })
        let rest = fixture.cluster.names.filter { $0 != silent }
        fixture.cluster.partition([[silent], rest])
        let coordinator = try #require(owners.first)
        let outcome = try fixture.put("k", "v", at: coordinator.name, RequestOptions(writeQuorum: .all))
        guard case .stored = outcome else {
            Issue.record("not stored: \(outcome)")
            return
        }
        #expect(fixture.hintsWaiting == 1)
    }

    @Test func readRepairBringsAStaleReplicaUpToDate() throws {
        let fixture = try SimulatedFixture(
            overrides: ["hints.enabled=false", "antiEntropy.enabled=false"])
        try fixture.start()
        try fixture.put("k", "old", at: "A")
        let owners = Array(try fixture.explanation("k", at: "A").preferenceList.prefix(3))
        let stale = owners[2]
        fixture.cluster.crash(stale)
        fixture.cluster.run(for: .seconds(1))
        try fixture.put("k", "new", at: owners[0].name)
        fixture.cluster.start(stale)
        _ = fixture.cluster.run(atMost: .seconds(10)) { fixture.cluster.areAllReady }
        fixture.letLinksComeUp()
        #expect(try fixture.divergentKeys() == ["k"])
        #expect(try fixture.values("k", at: stale.name) == ["new"])
        fixture.cluster.run(for: .seconds(1))
        #expect(try fixture.divergentKeys() == [])
    }

    @Test func preconditionsAreCheckedAtTheCoordinator() throws {
        let fixture = try SimulatedFixture()
        try fixture.start()
        let onlyNew = RequestOptions(precondition: .absent)
        guard case .stored = try fixture.put("k", "1", at: "A", onlyNew) else {
            Issue.record("not stored")
            return
        }
        #expect(try fixture.put("k", "2", at: "B", onlyNew) == .failed(.preconditionFailed))
        guard case .found(let read) = try fixture.get("k", at: "C") else {
            Issue.record("not found")
            return
        }
        let match = RequestOptions(precondition: .context(read.context))
        guard case .stored = try fixture.put("k", "3", at: "D", match) else {
            Issue.record("not stored")
            return
        }
        #expect(try fixture.put("k", "4", at: "D", match) == .failed(.preconditionFailed))
    }

    /// A context says what a write supersedes: one that is none of its key would hide writes that nobody saw.
    @Test(arguments: ["dotted-version-vector", "vector-clock", "lww-hlc", "lww-wall"])
    func aContextOfAnotherKeyOrClusterOrOneThatWasChangedIsRefused(_ resolver: String) throws {
        let overrides = ["strategies.conflictResolver.kind=\(resolver)"]
        let fixture = try SimulatedFixture(overrides: overrides)
        let other = try SimulatedFixture(overrides: overrides + ["cluster.name=other"])
        try fixture.start()
        try other.start()
        func written(_ key: String, _ fixture: SimulatedFixture) throws -> ByteBuffer {
            guard case .stored(let outcome) = try fixture.put(key, "1", at: "A") else { throw NotStored() }
            return outcome.context
        }
        let context = try written("k", fixture)
        let changed = (0..<8 * context.readableBytes).map { bit in
            var changed = context
            let byte = context.getInteger(at: bit / 8, as: UInt8.self) ?? 0
            changed.setInteger(byte ^ 1 << UInt8(bit % 8), at: bit / 8)
            return changed
        }
        let cut = (0..<context.readableBytes).map { context.getSlice(at: 0, length: $0) ?? ByteBuffer() }
        for foreign in try [written("l", fixture), written("k", other), ByteBuffer()] + changed + cut {
            for node in ["A", "D"] {
                let outcome = try fixture.put("k", "2", at: node, basis: .context(foreign))
                guard case .failed(.invalidContext) = outcome else { throw Taken(outcome: outcome) }
                let matched = try fixture.put(
                    "k", "2", at: node, RequestOptions(precondition: .context(foreign)))
                guard case .failed(.invalidContext) = matched else { throw Taken(outcome: matched) }
            }
        }
        #expect(try fixture.values("k", at: "B") == ["1"])
        guard case .stored = try fixture.put("k", "2", at: "D", basis: .context(context)) else { throw NotStored() }
        #expect(try fixture.values("k", at: "B") == ["2"])
    }

    private struct NotStored: Error {}
    private struct Taken: Error { let outcome: ClientResponse }

    @Test func aQuorumLargerThanTheReplicasIsRefused() throws {
        let fixture = try SimulatedFixture()
        try fixture.start()
        let options = RequestOptions(readQuorum: .number(4))
        #expect(try fixture.get("k", at: "A", options) == .failed(.impossibleQuorum(asked: 4, replicas: 3)))
    }

    @Test func aHundredSiblingsAreTheLimitForWriters() throws {
        let fixture = try SimulatedFixture()
        try fixture.start()
        var refused: ClientResponse?
        for index in 0...100 {
            let outcome = try fixture.put("k", "v\(index)", at: "A", basis: .nothing)
            if case .failed = outcome { refused = outcome }
        }
        #expect(refused == .failed(.tooManySiblings(found: 101, maximum: 100)))
    }

    @Test func theSameSeedGivesTheSameCourseOfEvents() throws {
        func hash(_ seed: UInt64) throws -> UInt64 {
            let fixture = try SimulatedFixture(seed: seed)
            fixture.cluster.network.loss = 0.05
            fixture.cluster.network.duplication = 0.05
            try fixture.start()
            for index in 0..<20 { try fixture.put("k\(index)", "v", at: "B") }
            fixture.cluster.restart("C")
            fixture.cluster.run(for: .seconds(20))
            return fixture.cluster.eventHash
        }
        #expect(try hash(7) == hash(7))
        #expect(try hash(7) != hash(8))
    }
}

/// A stand-in's dots of one key lie in several hints; found by the authors of the version vectors.
@Suite("Stand-ins in the simulated driver")
struct StandInScenarios {
    @Test func writesThatAStandInKeptForTwoOwnersAreBothKept() throws {
        let fixture = try SimulatedFixture(
            members: ["A", "B", "C", "D", "E"],
            overrides: ["replication.w=1", "replication.r=1", "antiEntropy.enabled=false"])
        try fixture.start()
        let list = try fixture.explanation("k", at: "A").preferenceList
        let standIn = list[3]
        fixture.cluster.partition([[standIn], fixture.cluster.names.filter { $0 != standIn }])
        fixture.cluster.run(for: .seconds(1))
        for value in ["one", "two", "three"] {
            try fixture.put("k", value, at: standIn.name, basis: .nothing)
        }
        fixture.cluster.heal()
        #expect(fixture.cluster.run(atMost: .seconds(60)) { fixture.hintsWaiting == 0 })
        fixture.cluster.run(for: .seconds(2))
        #expect(try fixture.values("k", at: "A", RequestOptions(readQuorum: .all)) == ["one", "three", "two"])
    }
}
