import NIOCore
import Replication
import StatorCore
import Storage
import Synchronization
import Testing

@testable import NodeCore

/// The queue of a shard's stores, driven by hand: a round runs when a test says so.
@Suite struct StoreQueueTests {
    let records = ScriptedEngine()
    let hints = ScriptedEngine()

    private func queue(_ mode: DurabilitySettings.Mode) -> StoreQueue {
        StoreQueue(records: records, hints: hints, mode: mode)
    }

    private static func record(_ number: Int) -> StoredRecord {
        StoredRecord(
            token: Token(UInt64(number)), key: Key(unchecked: ByteBuffer(string: "key-\(number)")), digest: Digest(1),
            isTombstone: false, expiry: nil, body: ByteBuffer(string: "body"))
    }

    private static func puts(_ numbers: Range<Int>, _ store: StoreName = .records) -> StoreJob {
        .commands(
            numbers.map {
                StorageRequest(ticket: StorageTicket(UInt64($0)), store: store, command: .apply(.put(record($0))))
            })
    }

    private static func load(_ number: Int, ticket: UInt64) -> StoreJob {
        let record = record(number)
        let command = StorageCommand.load(record.token, record.key)
        return .commands([StorageRequest(ticket: StorageTicket(ticket), store: .records, command: command)])
    }

    @Test func appliesDuringASyncAreAcknowledgedByTheNextOneAlone() throws {
        let queue = queue(.groupCommit)
        let first = queue.carryOut([Self.puts(0..<3)])
        #expect(first.completions.isEmpty, "acknowledged before a sync")
        let round = try #require(first.round)
        let meanwhile = queue.carryOut([Self.puts(3..<5), Self.puts(5..<6)])
        #expect(meanwhile.round == nil, "two rounds at once")
        #expect(meanwhile.completions.isEmpty)
        let ended = queue.carryOut([.synced(round.run())])
        #expect(ended.tickets == [0, 1, 2])
        let next = try #require(ended.round, "what was applied meanwhile forms the next group")
        #expect(queue.carryOut([.synced(next.run())]).tickets == [3, 4, 5])
        #expect(records.syncsBegun == 2)
    }

    private static func scan(ticket: UInt64) -> StoreJob {
        let command = StorageCommand.scan(.full, after: nil, limit: 100)
        return .commands([StorageRequest(ticket: StorageTicket(ticket), store: .records, command: command)])
    }

    /// What a failed batch has written is there to be found: its writers are told of it, after the sync that covers it.
    @Test func theFrontOfABatchThatFailsOnTheWayIsAcknowledgedByTheNextSync() throws {
        let queue = queue(.groupCommit)
        records.failsAt = 2
        records.failsWith = .disk(DiskError(operation: "write", path: "p", errorNumber: 28, reason: "full"))
        let step = queue.carryOut([Self.puts(0..<4)])
        #expect(step.tickets == [2, 3])
        #expect(
            step.completions.allSatisfy { if case .refused = $0.result { true } else { false } },
            "nothing of them is there")
        #expect(queue.failure != nil)
        let ended = queue.carryOut([.synced(try #require(step.round).run())])
        #expect(ended.tickets == [0, 1])
        #expect(ended.completions.allSatisfy { if case .applied = $0.result { true } else { false } })
    }

    @Test func aWriteThatCannotBeStoredFailsAlone() throws {
        let queue = queue(.groupCommit)
        records.failsAt = 1
        records.failsWith = .unsupported("too long")
        let step = queue.carryOut([Self.puts(0..<4)])
        #expect(step.tickets == [1])
        #expect(queue.failure == nil, "the store is as good as before")
        let ended = queue.carryOut([.synced(try #require(step.round).run())])
        #expect(ended.tickets == [0, 2, 3])
    }

    @Test func aPassingFailureEndsWithTheNextWrite() throws {
        let queue = queue(.none)
        records.failsApplies = true
        #expect(queue.carryOut([Self.puts(0..<1)]).failure != nil)
        records.failsApplies = false
        #expect(queue.carryOut([Self.puts(1..<2, .hints)]).failure != nil, "another store's write says nothing of it")
        #expect(queue.carryOut([Self.puts(2..<3)]).failure == nil)
    }

    @Test func aHintStoreThatFailsIsNoFailureOfTheShard() {
        let queue = queue(.none)
        hints.failsApplies = true
        let step = queue.carryOut([Self.puts(0..<1, .hints)])
        #expect(step.failure == nil && queue.failure == nil)
        #expect(queue.closingFailure != nil)
    }

    @Test func whatAScanShowsIsDurableWhenItIsAnswered() throws {
        let queue = queue(.groupCommit)
        #expect(queue.carryOut([Self.scan(ticket: 100)]).tickets == [100], "nothing to wait for")
        let first = queue.carryOut([Self.puts(0..<2), Self.scan(ticket: 101)])
        #expect(first.completions.isEmpty, "answered before a sync")
        let round = try #require(first.round)
        let meanwhile = queue.carryOut([Self.scan(ticket: 102), Self.puts(2..<3), Self.scan(ticket: 103)])
        #expect(meanwhile.completions.isEmpty)
        // A job fails or not as it was made.
        records.failsSyncs.store(true, ordering: .relaxed)
        let ended = queue.carryOut([.synced(round.run())])
        #expect(ended.tickets == [0, 1, 101, 102])
        let next = try #require(ended.round)
        let last = queue.carryOut([.synced(next.run())])
        #expect(last.tickets == [2, 103])
        #expect(last.completions.allSatisfy { if case .failed = $0.result { true } else { false } })
    }

    @Test func aScanFailsWithTheSyncThatItWaitedFor() throws {
        let queue = queue(.groupCommit)
        records.failsSyncs.store(true, ordering: .relaxed)
        let round = try #require(queue.carryOut([Self.puts(0..<2), Self.scan(ticket: 101)]).round)
        let ended = queue.carryOut([.synced(round.run())])
        let answer = ended.completions.first { $0.ticket.number == 101 }
        guard case .failed? = answer?.result else {
            Issue.record("it shows what no sync has covered")
            return
        }
    }

    @Test func theCommandsOfATurnAreOneBatchAndALoadSeesThem() throws {
        let queue = queue(.none)
        let step = queue.carryOut([Self.puts(0..<100), Self.load(57, ticket: 1000)])
        #expect(records.batches == [100])
        guard case .loaded(let found)? = step.completions.first(where: { $0.ticket.number == 1000 })?.result else {
            Issue.record("\(step.completions.count) completions, none of the load")
            return
        }
        #expect(found == Self.record(57))
    }

    @Test func aLoadOfAnotherKeyDoesNotEndTheBatch() {
        let queue = queue(.none)
        _ = queue.carryOut([Self.puts(0..<10), Self.load(63, ticket: 1000), Self.puts(10..<20)])
        #expect(records.batches == [20])
    }

    @Test func aFailedBatchFailsAllOfItAndNothingOfTheOtherStore() {
        let queue = queue(.none)
        records.failsApplies = true
        let step = queue.carryOut([Self.puts(0..<3), Self.puts(3..<5, .hints)])
        #expect(step.failedTickets == [0, 1, 2])
        #expect(step.tickets.sorted() == [0, 1, 2, 3, 4])
        #expect(step.failure?.contains("the disk is full") == true)
    }

    @Test func aFailedSyncFailsItsOwnStoreAlone() throws {
        let queue = queue(.groupCommit)
        hints.failsSyncs.store(true, ordering: .relaxed)
        let round = try #require(queue.carryOut([Self.puts(0..<2), Self.puts(2..<4, .hints)]).round)
        let ended = queue.carryOut([.synced(round.run())])
        #expect(ended.tickets == [0, 1, 2, 3])
        #expect(ended.failedTickets == [2, 3])
    }

    @Test func anIntervalSyncsOnlyWhenItIsDueAndHoldsNoAcknowledgementBack() throws {
        let queue = queue(.interval)
        let step = queue.carryOut([Self.puts(0..<3)])
        #expect(step.tickets == [0, 1, 2])
        #expect(step.round == nil)
        #expect(queue.carryOut([.syncNow]).round != nil)
        #expect(records.syncsBegun == 1)
    }

    @Test func closingWaitsForTheRoundUnderWayAndAcknowledgesWhatWasApplied() throws {
        let queue = queue(.groupCommit)
        let round = try #require(queue.carryOut([Self.puts(0..<2)]).round)
        let closing = queue.carryOut([Self.puts(2..<3), .close])
        #expect(!closing.hasClosed)
        #expect(!records.isClosed)
        let ended = queue.carryOut([.synced(round.run())])
        let last = try #require(ended.round, "what was applied meanwhile is synced before the end")
        #expect(!ended.hasClosed)
        let end = queue.carryOut([.synced(last.run())])
        #expect(end.hasClosed && records.isClosed && hints.isClosed)
        #expect(ended.tickets + end.tickets == [0, 1, 2])
    }

    @Test func maintenanceGoesOnSliceBySliceUntilNothingRemains() {
        let queue = queue(.none)
        records.maintenanceLeft = 3
        _ = queue.carryOut([.maintain])
        var slices = 0
        while queue.wantsMaintenance, slices < 100 {
            queue.maintain()
            slices += 1
        }
        #expect(slices == 3)
        #expect(records.slices == 3)
    }

    @Test func aStoreThatFailedMaintainsNothingMore() {
        let queue = queue(.none)
        records.failsApplies = true
        _ = queue.carryOut([Self.puts(0..<1)])
        records.maintenanceLeft = 5
        _ = queue.carryOut([.maintain])
        queue.maintain()
        #expect(!queue.wantsMaintenance)
    }

    @Test func theIntakeRefusesBeyondItsBoundUntilCommandsAreAnswered() {
        var intake = StoreIntake()
        func submit(_ number: Int) -> StorageResult? {
            intake.submit(StorageTicket(UInt64(number)), .records, .apply(.put(Self.record(1))))
        }
        for number in 0..<NodeCoreLimits.maximumStorageQueue where submit(number) != nil {
            Issue.record("refused command \(number)")
        }
        #expect(intake.takeStaged().count == NodeCoreLimits.maximumStorageQueue)
        guard case .refused(.disk(let error))? = submit(-1 & 0xFFFF_FFFF) else {
            Issue.record("taken beyond the bound")
            return
        }
        #expect(error.errorNumber == DiskError.tryAgain)
        intake.noteAnswered(1)
        #expect(submit(1) == nil)
        intake.close()
        guard case .failed(.failed)? = submit(2) else {
            Issue.record("taken although the node stops")
            return
        }
    }
}

extension StoreStep {
    fileprivate var tickets: [UInt64] { completions.map(\.ticket.number) }

    fileprivate var failedTickets: [UInt64] {
        completions.compactMap { completion in
            switch completion.result {
            case .failed, .refused: completion.ticket.number
            case .loaded, .applied, .scanned, .measured: nil
            }
        }
    }
}
