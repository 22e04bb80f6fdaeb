import NIOCore
import NIOPosix
import NodeCore
import Replication
import StatorCore
import Storage
import Synchronization
import Testing

@testable import NIORuntime

@Suite struct ShardStoreTests {
    /// A store over two counting engines, and what it has delivered.
    final class Bench: Sendable {
        let records = CountingEngine.Control()
        let hints = CountingEngine.Control()
        let delivered = Locked<[StorageCompletion]>([])
        let failure = Locked<String?>(nil)
        let store: ShardStore
        let loop: any EventLoop

        init(mode: DurabilitySettings.Mode, interval: Duration = .milliseconds(20)) async throws {
            loop = TestNodes.group.next()
            var durability = DurabilitySettings()
            durability.mode = mode
            durability.interval = interval
            store = ShardStore(eventLoop: loop, durability: durability)
            let (store, records, hints) = (store, records, hints)
            let (delivered, failure) = (delivered, failure)
            try await loop.flatSubmit {
                store.open {
                    (records: CountingEngine(records), hints: CountingEngine(hints))
                } deliver: { completions, reason in
                    delivered.withLock { $0 += completions }
                    if let reason { failure.withLock { $0 = reason } }
                }
            }.get()
        }

        func submit(_ numbers: Range<Int>, _ name: StoreName = .records) async throws {
            let store = store
            try await loop.submit {
                for number in numbers {
                    let write = StorageWrite.put(ShardStoreTests.record(number))
                    _ = store.submit(StorageTicket(UInt64(number)), name, .apply(write))
                }
                store.flush()
            }.get()
        }

        func load(_ number: Int) async throws {
            let store = store
            try await loop.submit {
                let record = ShardStoreTests.record(number)
                _ = store.submit(StorageTicket(UInt64(1_000_000 + number)), .records, .load(record.token, record.key))
                store.flush()
            }.get()
        }

        var tickets: [UInt64] { delivered.withLock { $0.map(\.ticket.number) } }

        func close() async throws -> String? {
            let store = store
            return try await loop.flatSubmit { store.close() }.get()
        }
    }

    static func record(_ number: Int) -> StoredRecord {
        StoredRecord(
            token: Token(UInt64(number)), key: Key(unchecked: ByteBuffer(string: "key-\(number)")), digest: Digest(1),
            isTombstone: false, expiry: nil, body: ByteBuffer(string: "body"))
    }

    @Test func appliesThatArriveDuringASyncFormOneGroup() async throws {
        let bench = try await Bench(mode: .groupCommit)
        bench.records.holdsSyncs.store(true, ordering: .releasing)
        try await bench.submit(0..<1)
        try await TestNodes.eventually("a sync runs") { bench.records.syncCount == 1 }
        for number in 1..<40 { try await bench.submit(number..<(number + 1)) }
        try await TestNodes.eventually("all are applied") { bench.records.applyCount >= 2 }
        #expect(bench.tickets.isEmpty, "an acknowledgement left before its sync")
        bench.records.holdsSyncs.store(false, ordering: .releasing)
        try await TestNodes.eventually("all are acknowledged") { bench.tickets.count == 40 }
        #expect(bench.tickets == (0..<40).map(UInt64.init))
        #expect(bench.records.syncCount <= 3)
        #expect(try await bench.close() == nil)
    }

    @Test func commandsOfOneTurnAreOneBatchAndLoadsSeeThem() async throws {
        let bench = try await Bench(mode: .groupCommit)
        try await bench.submit(0..<100)
        try await bench.load(57)
        try await TestNodes.eventually("all are answered") { bench.tickets.count == 101 }
        #expect(bench.records.applyCount <= 2)
        let loaded = bench.delivered.withLock { $0.first { $0.ticket.number == 1_000_057 } }
        guard case .loaded(let record) = loaded?.result else {
            Issue.record("\(String(describing: loaded))")
            return
        }
        #expect(record == Self.record(57))
        _ = try await bench.close()
    }

    /// Two threads take turns with the engines: never are both in one.
    @Test func oneThreadAtATimeCallsAnEngine() async throws {
        let bench = try await Bench(mode: .groupCommit)
        let store = bench.store
        let isDone = Locked(false)
        // Maintenance far more often than in life, from threads of its own: each time a drain begins, maybe just as another
        // one ends.
        let askers = NIOThreadPool(numberOfThreads: 2)
        askers.start()
        for _ in 0..<2 {
            askers.submit { _ in while !isDone.withLock({ $0 }) { store.maintainSoon() } }
        }
        for number in 0..<4000 { try await bench.submit(number..<(number + 1)) }
        try await TestNodes.eventually("all are acknowledged") { bench.tickets.count == 4000 }
        isDone.withLock { $0 = true }
        try await askers.shutdownGracefully()
        #expect(bench.records.overlaps.load(ordering: .relaxed) == 0)
        #expect(bench.tickets == (0..<4000).map(UInt64.init))
        #expect(try await bench.close() == nil)
    }

    @Test func aFailedSyncFailsItsGroup() async throws {
        let bench = try await Bench(mode: .groupCommit)
        bench.records.failsSyncs.store(true, ordering: .releasing)
        try await bench.submit(0..<5)
        try await TestNodes.eventually("all are answered") { bench.tickets.count == 5 }
        for completion in bench.delivered.withLock({ $0 }) {
            guard case .failed = completion.result else {
                Issue.record("acknowledged although its sync failed")
                continue
            }
        }
        #expect(bench.failure.withLock { $0 }?.contains("the disk is gone") == true)
        #expect(try await bench.close() != nil)
    }

    @Test func aFailedHintSyncDoesNotFailRecords() async throws {
        let bench = try await Bench(mode: .groupCommit)
        bench.hints.failsSyncs.store(true, ordering: .releasing)
        try await bench.submit(0..<1, .records)
        try await bench.submit(1..<2, .hints)
        try await TestNodes.eventually("both are answered") { bench.tickets.count == 2 }
        for completion in bench.delivered.withLock({ $0 }) {
            switch (completion.ticket.number, completion.result) {
            case (0, .applied), (1, .failed): break
            default: Issue.record("\(completion)")
            }
        }
        _ = try await bench.close()
    }

    @Test func aFailedBatchFailsAllItsTickets() async throws {
        let bench = try await Bench(mode: .none)
        bench.records.failsApplies.store(true, ordering: .releasing)
        try await bench.submit(0..<7)
        try await TestNodes.eventually("all are answered") { bench.tickets.count == 7 }
        #expect(bench.failure.withLock { $0 }?.contains("the disk is full") == true)
        _ = try await bench.close()
    }

    @Test func withoutDurabilityNothingWaitsForASync() async throws {
        let bench = try await Bench(mode: .none)
        try await bench.submit(0..<10)
        try await TestNodes.eventually("all are acknowledged") { bench.tickets.count == 10 }
        #expect(bench.records.syncCount == 0)
        _ = try await bench.close()
        #expect(bench.records.hasClosed && bench.hints.hasClosed)
    }

    @Test func intervalSyncsBehindTheAcknowledgement() async throws {
        let bench = try await Bench(mode: .interval)
        bench.records.holdsSyncs.store(true, ordering: .releasing)
        try await bench.submit(0..<10)
        try await TestNodes.eventually("all are acknowledged") { bench.tickets.count == 10 }
        try await TestNodes.eventually("a sync ran") { bench.records.syncCount == 1 }
        bench.records.holdsSyncs.store(false, ordering: .releasing)
        _ = try await bench.close()
    }

    @Test func closingWaitsForTheRunningSync() async throws {
        let bench = try await Bench(mode: .groupCommit)
        bench.records.holdsSyncs.store(true, ordering: .releasing)
        try await bench.submit(0..<3)
        try await TestNodes.eventually("a sync runs") { bench.records.syncCount == 1 }
        async let failure = bench.close()
        try await Task.sleep(for: .milliseconds(50))
        #expect(!bench.records.hasClosed)
        bench.records.holdsSyncs.store(false, ordering: .releasing)
        #expect(try await failure == nil)
        #expect(bench.tickets.count == 3)
    }
}
