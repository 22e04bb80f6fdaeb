import ConflictResolution
import NIOCore
import Partitioning
import StatorCore
import Storage
import Testing

@testable import Replication

/// Whoever cannot store says so, is passed over for a while, and somebody else takes its part.
@Suite struct FailingOverTests {
    private let client = RequestOrigin.client(ClientTicket(1))
    private let full = StorageError.disk(
        DiskError(operation: "write", path: "/d", errorNumber: 28, reason: "No space left on device"))

    /// The store answers what it was asked; outcomes go to the coordinator.
    private func answer(
        _ effects: PartEffects, _ result: StorageResult, _ coordinator: inout Coordinator, _ part: inout PartUnderTest
    ) {
        for (ticket, _, command) in effects.commands {
            if case .load = command {
                part.base.keys.complete(ticket, .loaded(nil), &part.base.context)
            } else {
                part.base.keys.complete(ticket, result, &part.base.context)
            }
        }
        while let outcome = part.base.keys.nextOutcome(&part.base.context) {
            switch outcome {
            case .turn(let id, let key, let found): coordinator.takeTurn(id, found, key, &part.base)
            case .coordinated(let id, let key, let outcome): coordinator.finishTurn(id, key, outcome, &part.base)
            default: break
            }
        }
    }

    private func put(
        _ name: String, storing result: StorageResult, _ coordinator: inout Coordinator, _ part: inout PartUnderTest
    ) -> PartEffects {
        coordinator.begin(part.put(name, "v"), from: client, &part.base)
        var all = PartEffects()
        // To load, to write, and what follows.
        for _ in 0..<3 {
            let effects = part.effects()
            answer(effects, result, &coordinator, &part)
            all.commands += effects.commands
            all.sent += effects.sent
            all.responses += effects.responses
        }
        return all
    }

    @Test func aCoordinatorWhoseDiskIsFullPassesItsRequestsOn() throws {
        var part = try PartUnderTest()
        var coordinator = Coordinator()
        let name = part.name(ownedFirstBy: "A")
        let first = put(name, storing: .refused(full), &coordinator, &part)
        #expect(first.responses.isEmpty && first.forwards.count == 1, "nobody is told that the outcome is unknown")
        #expect(first.applies == 1)
        // The disk is left alone, at once.
        let second = put("k2", storing: .refused(full), &coordinator, &part)
        #expect(second.commands.isEmpty && second.forwards.count == 1 && second.responses.isEmpty)
        // Others are told that nothing was done.
        coordinator.begin(part.put(name, "v"), from: .peer(NodeID("D"), RequestID(9)), &part.base)
        guard case .forwardReply(_, .failed(.cannotStore))? = part.effects().sent.first?.message else {
            Issue.record("who forwarded it is not told")
            return
        }
        // After a while it is tried again, and goes on by itself.
        part.pass(.seconds(6))
        let third = put("k3", storing: .applied, &coordinator, &part)
        #expect(third.applies == 1 && third.writes.count == 2 && third.forwards.isEmpty)
        #expect(part.base.context.takesWrites(.records))
    }

    @Test func aFailureThatMayHaveStoredSomethingIsUnknownAndNotPassedOn() throws {
        var part = try PartUnderTest()
        var coordinator = Coordinator()
        let after = put("k1", storing: .failed(full), &coordinator, &part)
        #expect(after.responses == [.failed(.outcomeUnknown)] && after.forwards.isEmpty)
    }

    @Test func whereNobodyElseCanBeReachedTheClientIsToldThatNothingWasDone() throws {
        var part = try PartUnderTest()
        for name in ["B", "C", "D"] { part.base.context.peers.noteLink(NodeID(name), isUp: false) }
        var coordinator = Coordinator()
        let after = put("k1", storing: .refused(full), &coordinator, &part)
        guard case .failed(.cannotStore(let reason))? = after.responses.first else {
            Issue.record("\(after.responses)")
            return
        }
        #expect(reason.contains("No space left"))
    }

    @Test func aReplicaThatCannotStoreIsPassedOverAndAFallbackTakesItsCopy() throws {
        var part = try PartUnderTest(isOnDisk: false)
        _ = part.base.context.adopt(part.state(epoch: 2, owners: ["A", "B", "C", "D"], fallbacks: 1))
        var coordinator = Coordinator()
        let placement = try #require(part.base.context.cluster?.placement)
        let name = try #require(
            (0..<1000).lazy.map { "k\($0)" }.first { name in
                placement.preferenceList(for: part.token(part.key(name))).replicas.contains(NodeID("A"))
            })
        let list = placement.preferenceList(for: part.token(part.key(name)))
        let owners = list.replicas.filter { $0 != NodeID("A") }
        let fallback = try #require(list.fallbacks.first)
        coordinator.begin(part.put(name, "1"), from: client, &part.base)
        #expect(Set(part.effects().writes.map(\.to)) == Set(owners))
        part.base.context.note(.refused(.cannotStore), of: owners[0])
        coordinator.begin(part.put(name, "2"), from: client, &part.base)
        let second = part.effects().writes
        #expect(Set(second.map(\.to)) == [owners[1], fallback])
        #expect(second.first { $0.to == fallback }?.write.hintFor == owners[0])
        // Where the fallback refuses as well, the owner is asked after all.
        let id = try #require(second.first).write.request
        _ = coordinator.receiveWriteReply(id, .refused(.hintsFull), from: fallback, &part.base)
        #expect(part.effects().writes.map(\.to) == [owners[0]])
        part.base.context.note(.stored(hadLive: true), of: owners[0])
        coordinator.begin(part.put(name, "3"), from: client, &part.base)
        #expect(Set(part.effects().writes.map(\.to)) == Set(owners))
    }

    @Test func aForwardThatIsDeclinedForAFullDiskPassesThatNodeOver() throws {
        var part = try PartUnderTest(isOnDisk: false)
        _ = part.base.context.adopt(part.state(epoch: 2, owners: ["B", "C", "D"]))
        var coordinator = Coordinator()
        coordinator.begin(part.put("k", "v"), from: client, &part.base)
        let first = try #require(part.effects().forwards.first)
        coordinator.finishForward(first.id, .failed(.cannotStore("full")), from: first.to, &part.base)
        let next = try #require(part.effects().forwards.first)
        #expect(next.to != first.to)
        coordinator.begin(part.put("k", "w"), from: client, &part.base)
        #expect(part.effects().forwards.map(\.to) == [next.to])
    }

    @Test func pausesGrowUpToABoundAndEndWithASuccess() {
        var random = RandomGenerator(seed: 1)
        var retry = RetryBackoff()
        var now = Instant(nanoseconds: 0)
        var pauses: [Duration] = []
        for _ in 0..<12 {
            retry.fail(at: now, &random)
            // What fails meanwhile was begun before.
            retry.fail(at: now, &random)
            let begun = now
            while retry.isWaiting(at: now) { now = now.advanced(by: .milliseconds(10)) }
            pauses.append(now.elapsed(since: begun))
        }
        #expect(pauses[0] <= .milliseconds(260) && pauses[11] > .milliseconds(3700))
        #expect(pauses.allSatisfy { $0 <= .milliseconds(6260) })
        #expect(Set(pauses.suffix(6)).count > 1, "jittered")
        retry.succeed()
        #expect(!retry.isWaiting(at: now) && !retry.hasFailed)
    }

    @Test func aBrokenHintStoreRefusesHintsOnly() throws {
        var part = try PartUnderTest()
        let record = try part.record("k", "v", dot: 1)
        let hint = StoreKey.hint(for: NodeID("B"), record.token, record.key)
        _ = part.base.keys.merge(
            part.base.context.hintRecord(record, hint), on: hint, for: .replica(NodeID("C"), RequestID(1)),
            &part.base.context)
        for _ in 0..<2 {
            for (ticket, _, command) in part.effects().commands {
                let result: StorageResult = if case .load = command { .loaded(nil) } else { .failed(.failed("gone")) }
                part.base.keys.complete(ticket, result, &part.base.context)
            }
        }
        #expect(part.base.context.unavailability == nil && part.base.context.takesWrites(.records))
        let takesHints = part.base.hints.takesHints(&part.base.context)
        #expect(!takesHints)
    }

    @Test func answeredWritesThatWaitForASlowReplicaAreNoRequests() throws {
        var part = try PartUnderTest(isOnDisk: false, ", \"replication\": {\"maximumRequestsInFlight\": 16}")
        var coordinator = Coordinator()
        // C is paused: nothing comes from it, and its link stays up.
        for number in 0..<3000 {
            coordinator.begin(part.put("k\(number)", "v"), from: client, &part.base)
            let asked = part.effects()
            #expect(asked.responses.isEmpty, "shed")
            guard let write = asked.writes.first(where: { $0.to == NodeID("B") })?.write else { continue }
            _ = coordinator.receiveWriteReply(write.request, .stored(hadLive: false), from: NodeID("B"), &part.base)
            _ = part.effects()
        }
        #expect(coordinator.underWay == 0)
        #expect(part.base.context.peers.lag(of: NodeID("C")) <= ReplicationLimits.maximumLagging)
        #expect(coordinator.writes.count <= ReplicationLimits.maximumLagging)
        // Once it is lost, or answers, nothing is left.
        coordinator.lose(NodeID("C"), &part.base)
        #expect(coordinator.isIdle && coordinator.lagging == 0)
        #expect(part.base.context.peers.lag(of: NodeID("C")) == 0)
    }
}
