import Replication
import Simulation
import StatorCore
import Testing

@Suite("Anti-entropy and lost disks in the simulated driver")
struct RepairScenarios {
    static let syncKinds = ["merkle", "full-scan"]

    @Test(arguments: syncKinds)
    func antiEntropyAloneBringsAReplicaUpToDate(kind: String) throws {
        let fixture = try SimulatedFixture(
            overrides: [
                "strategies.sync.kind=\(kind)", "hints.enabled=false", "replication.readRepair=false",
                "antiEntropy.intervalMilliseconds=1000",
            ])
        try fixture.start()
        for index in 0..<200 { try fixture.put("k\(index)", "old", at: "A") }
        fixture.cluster.run(for: .seconds(5))
        #expect(try fixture.divergentKeys() == [])
        fixture.cluster.crash("D")
        fixture.cluster.run(for: .seconds(1))
        for index in 0..<20 { try fixture.put("k\(index)", "new", at: "A") }
        for index in 200..<210 { try fixture.put("k\(index)", "new", at: "B") }
        fixture.cluster.start("D")
        _ = fixture.cluster.run(atMost: .seconds(10)) { fixture.cluster.areAllReady }
        #expect(try fixture.divergentKeys().count > 5)
        fixture.cluster.run(for: .seconds(20))
        #expect(try fixture.divergentKeys() == [])
    }

    /// A pull of many large records does not fit one message.
    @Test(arguments: syncKinds)
    func antiEntropyBringsManyLargeRecords(kind: String) throws {
        let fixture = try SimulatedFixture(
            overrides: [
                "strategies.sync.kind=\(kind)", "hints.enabled=false", "replication.readRepair=false",
                "strategies.storage.kind=memory", "antiEntropy.intervalMilliseconds=1000",
                #"strategies.partitioner={"kind":"md5-ring"}"#,
            ])
        try fixture.start()
        fixture.cluster.crash("D")
        fixture.cluster.run(for: .seconds(1))
        let large = String(repeating: "x", count: 100_000)
        for index in 0..<40 { try fixture.put("k\(index)", large, at: "A") }
        fixture.cluster.start("D")
        fixture.cluster.run(for: .seconds(20))
        #expect(try fixture.divergentKeys() == [])
    }

    @Test func equalReplicasExchangeNoKeysInPeriodicSync() throws {
        let fixture = try SimulatedFixture(overrides: ["antiEntropy.intervalMilliseconds=1000"])
        try fixture.start()
        for index in 0..<100 { try fixture.put("k\(index)", "v", at: "A") }
        fixture.cluster.run(for: .seconds(10))
        let before = fixture.cluster.names.flatMap { fixture.cluster.counters(of: $0) }
        fixture.cluster.run(for: .seconds(10))
        let after = fixture.cluster.names.flatMap { fixture.cluster.counters(of: $0) }
        #expect(after.reduce(0) { $0 + $1.syncSessions } > before.reduce(0) { $0 + $1.syncSessions })
        #expect(after.reduce(0) { $0 + $1.syncKeysListed } == before.reduce(0) { $0 + $1.syncKeysListed })
        #expect(after.reduce(0) { $0 + $1.syncRecordsSent } == before.reduce(0) { $0 + $1.syncRecordsSent })
    }

    @Test func aWipedReplicaRecoversBeforeItCountsToReads() throws {
        for seed in 1...4 as ClosedRange<UInt64> {
            let fixture = try SimulatedFixture(overrides: ["antiEntropy.enabled=false"], seed: seed)
            try fixture.start()
            for index in 0..<100 { try fixture.put("k\(index)", "v\(index)", at: "A") }
            fixture.cluster.run(for: .seconds(1))
            fixture.cluster.crash("B")
            fixture.cluster.wipe("B")
            fixture.cluster.run(for: .seconds(1))
            // Slow enough that reads overtake the recovery.
            fixture.cluster.network.setDelay(.milliseconds(20)...(.milliseconds(40)))
            fixture.cluster.start("B")
            fixture.letLinksComeUp()
            var sawRecovering = false
            for index in 0..<100 {
                if fixture.cluster.notReadyReason(of: "B")?.contains("recovering") == true { sawRecovering = true }
                #expect(try fixture.values("k\(index)", at: "B") == ["v\(index)"], "seed \(seed)")
            }
            #expect(sawRecovering)
            #expect(fixture.cluster.run(atMost: .seconds(30)) { fixture.cluster.areAllReady })
            #expect(try fixture.divergentKeys() == [], "seed \(seed)")
        }
    }

    /// Found by thinking about a wiped first replica: it coordinated over nothing and left siblings.
    @Test func aWriteThroughARecoveringOwnerSupersedesWhatTheOthersHold() throws {
        let fixture = try SimulatedFixture(overrides: ["antiEntropy.enabled=false"])
        try fixture.start()
        for index in 0..<40 { try fixture.put("k\(index)", "old", at: "A") }
        fixture.cluster.crash("B")
        fixture.cluster.wipe("B")
        fixture.cluster.network.setDelay(.milliseconds(20)...(.milliseconds(40)))
        fixture.cluster.start("B")
        fixture.letLinksComeUp()
        for index in 0..<40 {
            try fixture.put("k\(index)", "new", at: "B")
            #expect(try fixture.values("k\(index)", at: "A") == ["new"])
        }
    }

    /// A node that has just been restarted declines what is forwarded to it; another replica takes it.
    @Test func writesGoOnWhileANodeStarts() throws {
        let fixture = try SimulatedFixture()
        try fixture.start()
        fixture.cluster.loadLatency = .milliseconds(100)
        for round in 0..<3 {
            fixture.cluster.restart("C")
            for index in 0..<30 {
                let outcome = try fixture.put("k\(index)", "v\(round)", at: ["A", "B", "D"][index % 3])
                if case .failed(let error) = outcome {
                    #expect(error == .outcomeUnknown, "only what was under way may be unknown")
                }
            }
        }
    }

    @Test func aReplicaWhoseRecoveryIsInterruptedStartsItAgain() throws {
        let fixture = try SimulatedFixture(overrides: ["antiEntropy.enabled=false"])
        try fixture.start()
        for index in 0..<100 { try fixture.put("k\(index)", "v\(index)", at: "A") }
        fixture.cluster.crash("B")
        fixture.cluster.wipe("B")
        fixture.cluster.start("B")
        fixture.cluster.run(for: .milliseconds(5))
        fixture.cluster.restart("B")
        #expect(fixture.cluster.notReadyReason(of: "B") != nil)
        #expect(fixture.cluster.run(atMost: .seconds(30)) { fixture.cluster.areAllReady })
        #expect(try fixture.divergentKeys() == [])
    }
}
