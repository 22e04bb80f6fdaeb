import StatorCore
import Storage
import Testing

@testable import Replication

/// Work on keys by itself: the test is the stores, and whoever asked.
@Suite struct KeyWorkTests {
    @Test func readsOfAnIdleKeyStartAtOnceAndHoldNobodyUp() throws {
        var part = try PartUnderTest()
        #expect(part.read(1) == nil)
        #expect(part.read(2) == nil)
        #expect(part.merge(try part.record("k", "v", dot: 1), 3) == nil)
        #expect(part.effects().loads == 3)
    }

    @Test func twoWritesOfOneKeyNeverInterleave() throws {
        var part = try PartUnderTest()
        let first = try part.record("k", "v", dot: 1)
        let second = try part.record("k", "w", dot: 2)
        #expect(part.merge(first, 1) == nil)
        #expect(part.merge(second, 2) == nil)
        let load = part.effects()
        try #require(load.commands.count == 1 && load.loads == 1)

        part.complete(load.commands[0].ticket, .loaded(nil))
        #expect(part.next() == nil)
        let apply = part.effects()
        try #require(apply.commands.count == 1 && apply.applies == 1)

        part.complete(apply.commands[0].ticket, .applied)
        guard case .merged(_, _, .replica(_, let id), .changed)? = part.next() else {
            Issue.record("the first write has not ended")
            return
        }
        #expect(id == RequestID(1))
        // Whoever handles it comes before the key is given to the next.
        #expect(part.effects().commands.isEmpty)
        #expect(part.next() == nil)
        #expect(part.effects().loads == 1)
    }

    @Test func waitingReadsBeginTogetherUpToTheNextWriter() throws {
        var part = try PartUnderTest()
        #expect(part.merge(try part.record("k", "v", dot: 1), 1) == nil)
        #expect(part.read(2) == nil)
        #expect(part.read(3) == nil)
        #expect(part.merge(try part.record("k", "w", dot: 2), 4) == nil)
        #expect(part.read(5) == nil)
        part.complete(part.effects().commands[0].ticket, .loaded(nil))
        part.complete(part.effects().commands[0].ticket, .applied)
        while part.next() != nil {}
        // Two reads and the second writer's load; the last read waits for that.
        #expect(part.effects().loads == 3)
    }

    @Test func aFailedApplyReleasesTheKeyAndLeavesNothingInTheCache() throws {
        var part = try PartUnderTest(cache: .kibibytes(64))
        #expect(part.merge(try part.record("k", "v", dot: 1), 1) == nil)
        #expect(part.read(2) == nil)
        part.complete(part.effects().commands[0].ticket, .loaded(nil))
        part.complete(part.effects().commands[0].ticket, .failed(.failed("the disk is full")))
        guard case .merged(_, _, _, .failed)? = part.next() else {
            Issue.record("the write has not failed")
            return
        }
        #expect(part.next() == nil)
        #expect(part.effects().loads == 1)
        #expect(part.base.keys.isIdle)
    }

    @Test func aTurnThatIsGivenBackLetsTheNextBegin() throws {
        var part = try PartUnderTest()
        let key = part.storeKey("k")
        let turn = part.base.keys.turn(on: key, for: RequestID(1), &part.base.context)
        #expect(turn == nil)
        #expect(part.merge(try part.record("k", "v", dot: 1), 2) == nil)
        part.complete(part.effects().commands[0].ticket, .loaded(nil))
        guard case .turn(let id, key, .readable(nil))? = part.next() else {
            Issue.record("the turn has not come")
            return
        }
        #expect(id == RequestID(1))
        #expect(part.effects().commands.isEmpty)
        part.base.keys.release(key)
        #expect(part.next() == nil)
        #expect(part.effects().loads == 1)
    }

    @Test func whatIsInTheCacheComesAtOnce() throws {
        var part = try PartUnderTest(cache: .kibibytes(64))
        let record = try part.record("k", "v", dot: 1)
        #expect(part.merge(record, 1) == nil)
        part.complete(part.effects().commands[0].ticket, .loaded(nil))
        part.complete(part.effects().commands[0].ticket, .applied)
        while part.next() != nil {}
        guard case .held(let held)? = part.read(2) else {
            Issue.record("the read has to wait")
            return
        }
        #expect(held == record)
        guard case .unchanged? = part.merge(record, 3) else {
            Issue.record("the merge has to wait")
            return
        }
        #expect(part.effects().commands.isEmpty)
        #expect(part.base.keys.isIdle)
    }

    @Test func storesInMemoryAnswerAtOnceAndTakeNoTurns() throws {
        var part = try PartUnderTest(isOnDisk: false)
        let record = try part.record("k", "v", dot: 1)
        guard case .changed(nil, let stored?)? = part.merge(record, 1), case .held(let held)? = part.read(2)
        else {
            Issue.record("something has to wait")
            return
        }
        #expect(stored == record && held == record)
        #expect(part.effects().commands.isEmpty && !part.base.keys.hasOutcomes)
        #expect(part.base.keys.isIdle && part.base.keys.underWay == 0)
    }

    @Test func aGatherIsHandedOutOnceAfterItsLastLoad() throws {
        var part = try PartUnderTest()
        let keys = ["a", "b", "c"].map { part.storeKey($0) }
        let atOnce = part.base.keys.gather(keys, for: .delivery(RequestID(1)), &part.base.context)
        #expect(atOnce == nil)
        let loads = part.effects().commands
        let record = try part.record("b", "v", dot: 1)
        part.complete(loads[0].ticket, .loaded(nil))
        part.complete(
            loads[2].ticket, .failed(.disk(DiskError(operation: "read", path: "", errorNumber: 5, reason: ""))))
        #expect(part.next() == nil)
        part.complete(loads[1].ticket, .loaded(record))
        guard case .gathered(let gather)? = part.next() else {
            Issue.record("the gather has not ended")
            return
        }
        #expect(gather.records == [record] && gather.failures == 1)
        #expect(part.next() == nil)
    }

    @Test func aMergeTakesThePlaceOfACorruptRecordAndTellsWhatTheIndexKnew() throws {
        var part = try PartUnderTest()
        let lost = try part.record("k", "v", dot: 1)
        let incoming = try part.record("k", "w", dot: 2)
        #expect(part.merge(incoming, 1) == nil)
        part.complete(part.effects().commands[0].ticket, .failed(.corrupt("bits")))
        guard case .corrupt(let key)? = part.next() else {
            Issue.record("nobody is told of the corrupt record")
            return
        }
        #expect(key == part.storeKey("k"))
        #expect(part.next() == nil)
        let known = RecordMetadata(token: lost.token, key: lost.key, digest: lost.digest, isTombstone: false, bytes: 0)
        part.complete(part.effects().commands[0].ticket, .scanned([known], next: nil))
        #expect(part.next() == nil)
        part.complete(part.effects().commands[0].ticket, .applied)
        guard case .merged(_, _, _, .changed(let old?, let new?))? = part.next() else {
            Issue.record("the merge has not ended")
            return
        }
        #expect(old.digest == lost.digest && new == incoming)
    }

    @Test func anUnreadableRecordIsNotWrittenOver() throws {
        var part = try PartUnderTest()
        #expect(part.merge(try part.record("k", "v", dot: 1), 1) == nil)
        let error = StorageError.disk(DiskError(operation: "read", path: "", errorNumber: 5, reason: ""))
        part.complete(part.effects().commands[0].ticket, .failed(error))
        guard case .merged(_, _, _, .failed)? = part.next() else {
            Issue.record("the merge has not failed")
            return
        }
        #expect(part.effects().commands.isEmpty)
    }

    @Test func aRemovalLeavesWhatHasTakenThePlace() throws {
        var part = try PartUnderTest(isOnDisk: false)
        let old = try part.record("k", "v", dot: 1)
        _ = part.merge(old, 1)
        _ = part.merge(try part.record("k", "w", dot: 2), 2)
        let outcome = part.base.keys.remove(old.digest, on: part.storeKey("k"), for: .unowned, &part.base.context)
        guard case .unchanged(_?)? = outcome else {
            Issue.record("\(String(describing: outcome))")
            return
        }
    }
}

extension PartUnderTest {
    fileprivate mutating func merge(_ record: StoredRecord, _ number: UInt64) -> TaskOutcome? {
        let purpose = MergePurpose.replica(NodeID("B"), RequestID(number))
        return base.keys.merge(record, on: storeKey("k"), for: purpose, &base.context)
    }

    fileprivate mutating func read(_ number: UInt64) -> TaskOutcome? {
        base.keys.read(storeKey("k"), for: .operation(RequestID(number)), &base.context)
    }

    fileprivate mutating func complete(_ ticket: StorageTicket, _ result: StorageResult) {
        base.keys.complete(ticket, result, &base.context)
    }

    fileprivate mutating func next() -> KeyOutcome? { base.keys.nextOutcome(&base.context) }
}
