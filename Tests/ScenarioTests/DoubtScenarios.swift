import Replication
import Simulation
import StatorCore
import Testing

/// What a node makes of the disk that it finds at its start.
@Suite("Doubt in the simulated driver")
struct DoubtScenarios {
    private static let onlyQuorums = [
        "hints.enabled=false", "antiEntropy.enabled=false", "replication.readRepair=false",
    ]

    /// Nobody has lost anything before there was anything: the first writes and reads do not wait for who is missing.
    @Test func aFirstStartDoesNotWaitForAMissingMember() throws {
        for seed in 1...6 as ClosedRange<UInt64> {
            let fixture = try SimulatedFixture(members: ["A", "B", "C"], seed: seed)
            fixture.cluster.start("A")
            fixture.cluster.run(for: .milliseconds(Int64(seed) * 300))
            fixture.cluster.start("B")
            fixture.cluster.run(for: .seconds(1))
            for index in 0..<40 {
                let node = index % 2 == 0 ? "A" : "B"
                #expect(try fixture.values("k\(index)", at: node) == [], "seed \(seed)")
                try fixture.put("k\(index)", "v", at: node)
                #expect(try fixture.values("k\(index)", at: index % 2 == 0 ? "B" : "A") == ["v"], "seed \(seed)")
            }
        }
    }

    /// The marker tells that there was never anything.
    @Test func anEmptyShardIsWholeAfterARestart() throws {
        for isClean in [true, false] {
            let fixture = try SimulatedFixture(members: ["A", "B", "C"])
            try fixture.start()
            // Until it is durable that nobody is in doubt any more.
            fixture.cluster.run(for: .seconds(1))
            if isClean { fixture.cluster.stop("B") } else { fixture.cluster.crash("B") }
            fixture.cluster.crash("C")
            fixture.cluster.start("B")
            fixture.cluster.run(for: .seconds(1))
            #expect(fixture.cluster.notReadyReason(of: "B") == nil)
            for index in 0..<40 {
                try fixture.put("k\(index)", "v", at: "A")
                #expect(try fixture.values("k\(index)", at: "B") == ["v"], "clean: \(isClean)")
            }
        }
    }

    private enum Harm: CaseIterable {
        case overwritten, missing, cutShort, foreign, markerGone
    }

    private func harm(_ fixture: SimulatedFixture, _ harm: Harm) throws {
        let disk = fixture.cluster.disk(of: "B")
        let path = try #require(disk.paths.first { $0.contains("/records/") && $0.hasSuffix(".log") })
        var content = try #require(disk.content(of: path))
        switch harm {
        case .overwritten:
            for offset in 70..<(content.count / 2) { content[offset] = 0x5A }
            disk.setContent(of: path, to: content)
            // With its hint the segment would not be read at the start.
            for hint in disk.paths where hint.hasSuffix(".hint") { try disk.remove(hint) }
        case .missing: try disk.remove(path)
        case .cutShort: disk.setContent(of: path, to: Array(content.prefix(content.count / 2)))
        case .foreign:
            // A's segment, whole and sound, in the place of B's.
            let other = try #require(fixture.cluster.disk(of: "A").content(of: path))
            disk.setContent(of: path, to: other)
        case .markerGone:
            try disk.remove(path)
            try disk.remove(path.prefix { $0 != "0" } + "STORE")
        }
        try disk.syncFolder("/data/shard-0/records")
    }

    /// B and C acknowledged what A missed; B's files are harmed and C is away. A "never written" of A and B would be wrong.
    @Test(arguments: Harm.allCases) private func aDamagedStoreDoesNotCountUntilItWasCompared(_ harm: Harm) throws {
        for isClean in [true, false] {
            let fixture = try SimulatedFixture(members: ["A", "B", "C"], overrides: Self.onlyQuorums)
            try fixture.start()
            for index in 0..<5 { try fixture.put("before\(index)", "v", at: "A") }
            fixture.cluster.crash("A")
            for index in 0..<40 { try fixture.put("k\(index)", "v\(index)", at: "B") }
            fixture.cluster.run(for: .seconds(2))
            if isClean { fixture.cluster.stop("B") } else { fixture.cluster.crash("B") }
            fixture.cluster.start("A")
            try self.harm(fixture, harm)
            fixture.cluster.start("B")
            fixture.cluster.crash("C")
            // The doubt outlives a restart, also a clean one.
            for _ in 0..<2 {
                fixture.cluster.run(for: .seconds(2))
                let reason = fixture.cluster.notReadyReason(of: "B") ?? "none"
                #expect(reason.contains("in doubt: its records are damaged"), "\(harm), clean: \(isClean): \(reason)")
                for index in 0..<40 {
                    let values = try fixture.values("k\(index)", at: index % 2 == 0 ? "A" : "B")
                    #expect(values != [], "\(harm), clean: \(isClean): never written?")
                }
                fixture.cluster.stop("B")
                fixture.cluster.start("B")
            }
            fixture.cluster.start("C")
            let isWhole = fixture.cluster.run(atMost: .seconds(30)) { fixture.cluster.areAllReady }
            #expect(isWhole)
            for index in 0..<40 {
                #expect(try fixture.values("k\(index)", at: "B") == ["v\(index)"], "\(harm), clean: \(isClean)")
            }
            // It is whole for good.
            fixture.cluster.crash("C")
            fixture.cluster.restart("B")
            fixture.cluster.run(for: .seconds(2))
            #expect(fixture.cluster.notReadyReason(of: "B") == nil, "\(harm), clean: \(isClean)")
            #expect(try fixture.values("k1", at: "B") != [])
        }
    }
}
