import Checking
import Composition
import SimulationKit
import StatorCore
import Testing

/// Requests that ask for more than the defaults.
@Suite struct RequestTests {
    private static let all = """
        {"cluster": {"nodes": 4}, "antiEntropy": {"intervalMilliseconds": 1500},
         "replication": {"requestTimeoutMilliseconds": 1000},
         "strategies": {"partitioner": {"kind": "vnode-ring", "tokensPerNode": 4}},
         "workload": {"clients": 6, "operationsPerSecond": 120, "keys": 6, "requests": {
           "swarm": false, "quorums": 0.5, "sloppiness": 0.3, "timeouts": 0.1, "conditions": 0.5, "damagedContexts": 0.1, "plain": 0.4,
           "blindDeletes": 0.5, "batches": 0.2, "longKeys": 0.4, "largeValues": 0.05, "largeValueBytes": 65536}},
         "faults": {"swarm": false, "crashesPerMinute": 20, "partitionsPerMinute": 20, "lengthMaximumMilliseconds": 3000},
         "phases": {"faultsMilliseconds": 6000, "quietMilliseconds": 3000}}
        """

    private func file(_ overrides: [String] = []) throws -> SimulationFile {
        try SimulationFile.load(json: Array(Self.all.utf8), overrides: overrides, registry: .standard)
    }

    private func history(_ file: SimulationFile, seed: UInt64) throws -> History {
        var options = RunOptions()
        options.keepsHistory = true
        return try #require(SimulationRun(file, seed: seed, options: options).run().history)
    }

    @Test func everyKindOfRequestIsMadeAndRecorded() throws {
        let operations = try history(try file(), seed: 1).operations
        let clients = operations.filter { !$0.isFinal }
        let writes = clients.filter { $0.kind != .read }
        for quorum in 1...3 {
            #expect(writes.contains { $0.writeQuorum == quorum })
            #expect(clients.contains { $0.kind == .read && $0.readQuorum == quorum })
        }
        for isSloppy in [true, false] { #expect(clients.contains { $0.isSloppy == isSloppy }) }
        #expect(clients.contains { $0.timeout != nil })
        for condition in [HistoryOperation.Condition.match, .absent] {
            let conditional = writes.filter { $0.condition == condition }
            #expect(conditional.contains { $0.outcome == .ok && $0.coordinator != nil && $0.coordinatorLife != nil })
            #expect(conditional.contains { $0.outcome == .failed })
            #expect(conditional.allSatisfy { $0.readQuorum != nil })
        }
        for basis in [HistoryOperation.Basis.context, .held] {
            #expect(writes.contains { $0.kind == .delete && $0.basis == basis })
        }
        #expect(writes.contains { $0.error?.contains("not one that this cluster gave for this key") ?? false })
        // Plain reads hide what is behind them.
        #expect(clients.contains { $0.kind == .read && $0.outcome == .ok && $0.shows == nil })
        #expect(clients.contains { $0.key.utf8.count == Key.maximumLength })
        #expect(clients.contains { $0.key.utf8.count < 4 })
        // Several of one client at once.
        let begun = Dictionary(grouping: clients) { "\($0.client) \($0.start)" }
        #expect(begun.values.contains { $0.count > 1 && Set($0.map(\.kind)) == [.read, .write] })
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func nothingPromisedIsBroken(seed: UInt64) throws {
        let result = SimulationRun(try file(), seed: seed).run()
        #expect(result.isClean, "seed \(seed)\n\(result.failures)\n\(result.report)")
    }

    @Test func watchingChangesNothing() throws {
        var unwatched = RunOptions()
        unwatched.checks = false
        let watched = SimulationRun(try file(), seed: 3).run().hash
        #expect(watched == SimulationRun(try file(), seed: 3, options: unwatched).run().hash)
    }

    @Test func someSeedsAskForTheDefaultsOnlyAndOthersForMore() throws {
        let file = try file(["workload.requests.swarm=true", "phases.faultsMilliseconds=1000"])
        let kinds = try (1...24 as ClosedRange<UInt64>).map { seed in
            let operations = try history(file, seed: seed).operations.filter { !$0.isFinal }
            return operations.contains {
                $0.isSloppy == false || $0.condition != nil || $0.timeout != nil || $0.key.utf8.count > 4
                    || ($0.writeQuorum ?? 2) != 2 || ($0.readQuorum ?? 2) != 2
            }
        }
        #expect(kinds.contains(true))
        #expect(kinds.contains(false))
    }

    @Test func withoutSharesRequestsAskForNothing() throws {
        let plain = try file(
            [
                "quorums", "sloppiness", "timeouts", "conditions", "rivals", "damagedContexts", "plain", "blindDeletes",
                "batches",
                "longKeys", "largeValues",
            ].map { "workload.requests.\($0)=0" })
        let without = try file(["workload.requests={}"])
        #expect(SimulationRun(plain, seed: 1).run().hash == SimulationRun(without, seed: 1).run().hash)
        for operation in try history(without, seed: 1).operations where !operation.isFinal {
            #expect(operation.timeout == nil && operation.condition == nil && operation.isSloppy == true)
            #expect(operation.kind == .read ? operation.readQuorum == 2 : operation.writeQuorum == 2)
        }
    }

    /// W of 1 is promised to outlast no lost disk, W of 2 one.
    @Test func promisesFollowTheFaultsOfThePlan() throws {
        let wiped = try file(["faults.wipesPerMinute=60"])
        #expect(Promises(wiped).forgettingDisks == 1)
        #expect(Promises(wiped, FaultPlan(wiped, seed: 1)).forgettingDisks == 1)
        #expect(!Promises(wiped).readYourWrites)
        let calm = try file()
        #expect(Promises(calm).forgettingDisks == 0)
        #expect(Promises(calm).readYourWrites && Promises(calm).replicas == 3)
    }
}
