import StatorCore
import Storage
import Testing

@testable import Replication

/// Hinted handoff by itself, over stores in memory: the test is the targets.
@Suite struct HintedHandoffTests {
    /// Has the part keep a write for D.
    private func keep(_ part: inout PartUnderTest, _ name: String, _ value: String, dot: UInt64) throws {
        let record = try part.record(name, value, dot: dot)
        let key = StoreKey.hint(for: NodeID("D"), record.token, record.key)
        let hint = part.base.context.hintRecord(record, key)
        let outcome = part.base.keys.merge(
            hint, on: key, for: .replica(NodeID("B"), RequestID(dot)), &part.base.context)
        part.base.noteHintStored(key, try #require(outcome))
    }

    private func deliver(_ part: inout PartUnderTest) {
        part.base.hints.deliver(&part.base.context, &part.base.keys)
    }

    private func answer(_ part: inout PartUnderTest, _ id: RequestID, _ outcome: WriteOutcome) {
        part.base.hints.receiveReply(id, outcome, from: NodeID("D"), &part.base.context, &part.base.keys)
    }

    private func part(_ settings: String = "") throws -> PartUnderTest {
        var part = try PartUnderTest(isOnDisk: false, settings)
        part.base.context.peers.noteLink(NodeID("D"), isUp: false)
        _ = part.base.context.adopt(part.state(epoch: 2, owners: ["A", "B", "D"]))
        return part
    }

    @Test func aHintIsDeliveredOnceAtATime() throws {
        var part = try part()
        try keep(&part, "k", "v", dot: 1)
        #expect(part.effects().writes.isEmpty)
        part.base.context.peers.noteLink(NodeID("D"), isUp: true)
        deliver(&part)
        deliver(&part)
        let sent = part.effects().writes
        #expect(sent.count == 1)
        #expect(sent.first?.to == NodeID("D") && sent.first?.write.purpose == .hintDelivery)
    }

    @Test func theWindowBoundsWhatIsUnderWayToATarget() throws {
        var part = try part(#", "hints": {"deliveryWindow": 2}"#)
        for number in 1...5 { try keep(&part, "k\(number)", "v", dot: UInt64(number)) }
        part.base.context.peers.noteLink(NodeID("D"), isUp: true)
        deliver(&part)
        let first = part.effects().writes
        #expect(first.map(\.write.record.key) == [part.key("k1"), part.key("k2")])
        answer(&part, try #require(first.first).write.request, .stored(hadLive: false))
        #expect(part.effects().writes.map(\.write.record.key) == [part.key("k3")])
    }

    @Test func theWindowBoundsTheBytesUnderWayToATarget() throws {
        var part = try part(#", "hints": {"deliveryWindow": 64}"#)
        let value = String(repeating: "v", count: ReplicationLimits.deliveryBytes / 4)
        for number in 1...20 { try keep(&part, "k\(number)", value, dot: UInt64(number)) }
        part.base.context.peers.noteLink(NodeID("D"), isUp: true)
        deliver(&part)
        var window = part.effects().writes
        #expect(window.count == 4, "a quarter of the bytes each")
        var delivered = 0
        while let sent = window.first {
            delivered += 1
            window.removeFirst()
            answer(&part, sent.write.request, .stored(hadLive: false))
            window += part.effects().writes
            #expect(window.count <= 4)
        }
        #expect(delivered == 20 && part.base.hints.deliveriesUnderWay == 0)
    }

    @Test func aHintThatCannotBeReadAtTheStartIsCarriedOverAllTheSame() throws {
        var part = try part()
        let record = try part.record("k", "v", dot: 1)
        let name = StoreKey.hint(for: NodeID("D"), record.token, record.key).key
        let entry = RecordMetadata(
            token: record.token, key: name, digest: record.digest, isTombstone: false, bytes: record.bytes)
        part.base.hints.carryOver([entry], ages: nil, &part.base.context)
        #expect(part.base.context.counters.hintsCarriedOver == 1)
        let takesMore = part.base.hints.takesHints(&part.base.context)
        #expect(takesMore && part.base.context.hintsKept == 1)
    }

    @Test func aHintGoesOnlyWhenItsTargetHasConfirmedIt() throws {
        var part = try part()
        try keep(&part, "k", "v", dot: 1)
        part.base.context.peers.noteLink(NodeID("D"), isUp: true)
        deliver(&part)
        answer(&part, try #require(part.effects().writes.first).write.request, .refused(.overloaded))
        #expect(part.base.hints.summary.map(\.count) == [1])
        deliver(&part)
        answer(&part, try #require(part.effects().writes.first).write.request, .stored(hadLive: false))
        #expect(part.base.hints.summary.isEmpty && part.base.context.hintsKept == 0)
        #expect(part.base.context.hasHintEnded)
    }

    @Test func aHintThatItsTargetCannotStoreIsTriedLessAndLess() throws {
        var part = try part()
        try keep(&part, "k", "v", dot: 1)
        part.base.context.peers.noteLink(NodeID("D"), isUp: true)
        var tries = 0
        for _ in 0..<600 {
            deliver(&part)
            if let sent = part.effects().writes.first {
                tries += 1
                answer(&part, sent.write.request, .refused(.storageFailed))
            }
            part.pass(.seconds(1))
        }
        #expect((50...80).contains(tries), "every ten seconds in the end, and not 600 but \(tries) times")
        part.pass(.seconds(12))
        deliver(&part)
        answer(&part, try #require(part.effects().writes.first).write.request, .stored(hadLive: false))
        #expect(part.base.hints.summary.isEmpty)
    }

    @Test func aNewerHintIsKeptWhenTheOlderOneIsConfirmed() throws {
        var part = try part()
        try keep(&part, "k", "v", dot: 1)
        part.base.context.peers.noteLink(NodeID("D"), isUp: true)
        deliver(&part)
        let old = try #require(part.effects().writes.first)
        try keep(&part, "k", "w", dot: 2)
        answer(&part, old.write.request, .stored(hadLive: false))
        let new = try #require(part.effects().writes.first)
        #expect(new.write.record.digest != old.write.record.digest)
        #expect(part.base.hints.summary.map(\.count) == [1])
    }

    @Test func everyHintEndsInOneAccount() throws {
        var part = try part()
        for number in 1...4 { try keep(&part, "k\(number)", "v", dot: UInt64(number)) }
        try keep(&part, "k1", "w", dot: 5)
        part.base.context.peers.noteLink(NodeID("D"), isUp: true)
        deliver(&part)
        for sent in part.effects().writes.prefix(2) {
            answer(&part, sent.write.request, .stored(hadLive: false))
        }
        part.base.hints.lose(NodeID("D"), &part.base.context, &part.base.keys)
        _ = part.base.context.adopt(part.state(epoch: 3, owners: ["A", "B", "C"]))
        deliver(&part)
        let relayed = part.effects().writes
        let first = try #require(relayed.first).write.record.key
        for sent in relayed where sent.write.record.key == first {
            part.base.hints.receiveReply(
                sent.write.request, .stored(hadLive: false), from: sent.to, &part.base.context, &part.base.keys)
        }
        let counters = part.base.context.counters
        let pending = part.base.hints.summary.reduce(0) { $0 + $1.count }
        #expect(counters.hintsCreated == 5 && counters.hintsSuperseded == 1)
        #expect(counters.hintsDelivered == 2 && counters.hintsCovered == 1 && pending == 1)
        #expect(
            counters.hintsCreated
                == pending + counters.hintsDelivered + counters.hintsCovered + counters.hintsSuperseded
                + counters.hintsCancelled)
    }

    @Test func aHintThatWaitsForLongIsKeptAndTheOwnersAtHandGetItToo() throws {
        var part = try part(#", "hints": {"maximumAgeMilliseconds": 1000}"#)
        try keep(&part, "k", "v", dot: 1)
        deliver(&part)
        #expect(part.effects().writes.isEmpty)
        part.pass(.seconds(2))
        deliver(&part)
        let shared = part.effects()
        #expect(shared.writes.map(\.to) == [NodeID("B")])
        #expect(shared.warnings.count { $0.contains("wait for D") } == 1)
        part.base.hints.receiveReply(
            try #require(shared.writes.first).write.request, .stored(hadLive: false), from: NodeID("B"),
            &part.base.context, &part.base.keys)
        #expect(part.base.hints.summary.map(\.count) == [1])
        deliver(&part)
        #expect(part.effects().writes.isEmpty, "B has it")
        part.base.context.peers.noteLink(NodeID("D"), isUp: true)
        deliver(&part)
        answer(&part, try #require(part.effects().writes.first).write.request, .stored(hadLive: false))
        #expect(part.base.hints.summary.isEmpty && part.base.context.counters.hintsDelivered == 1)
    }

    @Test func aWallClockFarAheadEndsNoHint() throws {
        var part = try part()
        try keep(&part, "k", "v", dot: 1)
        let now = part.base.context.now
        part.base.context.now = Now(monotonic: now.monotonic, wall: now.wall.advanced(by: .seconds(86_400)))
        deliver(&part)
        #expect(part.effects().writes.isEmpty && part.base.hints.summary.map(\.count) == [1])
    }

    @Test func agesOutliveARestart() throws {
        let settings = #", "hints": {"maximumAgeMilliseconds": 60000}"#
        func restarted(with ages: StoredRecord?) throws -> PartUnderTest {
            var part = try PartUnderTest(isOnDisk: true, settings)
            part.base.context.peers.noteLink(NodeID("D"), isUp: false)
            _ = part.base.context.adopt(part.state(epoch: 2, owners: ["A", "B", "D"]))
            let record = try part.record("k", "v", dot: 1)
            let hint = part.base.context.hintRecord(record, .hint(for: NodeID("D"), record.token, record.key))
            let found = [ages, hint].compactMap(\.self)
            part.base.hints.carryOver(found.map(\.metadata), ages: ages, &part.base.context)
            return part
        }
        func written(by part: inout PartUnderTest) throws -> (ages: StoredRecord, loads: Int) {
            deliver(&part)
            let effects = part.effects()
            let ages = effects.commands.compactMap { _, store, command -> StoredRecord? in
                guard store == .hints, case .apply(.put(let record)) = command else { return nil }
                return record
            }
            return (try #require(ages.last), effects.loads)
        }
        var first = try restarted(with: nil)
        first.pass(.seconds(40))
        let early = try written(by: &first)
        #expect(early.loads == 0)
        var second = try restarted(with: early.ages)
        second.pass(.seconds(30))
        #expect(second.base.context.counters.hintsCarriedOver == 1)
        #expect(try written(by: &second).loads == 1, "40 and 30 seconds are more than 60")
    }

    @Test func aHintOfAFormerOwnerGoesToAllWhoOwnTheKeyNow() throws {
        var part = try part()
        try keep(&part, "k", "v", dot: 1)
        _ = part.base.context.adopt(part.state(epoch: 3, owners: ["A", "B", "C"]))
        deliver(&part)
        let sent = part.effects().writes
        #expect(sent.map(\.to.name).sorted() == ["B", "C"])
        for write in sent {
            #expect(part.base.hints.summary.map(\.count) == [1])
            part.base.hints.receiveReply(
                write.write.request, .stored(hadLive: false), from: write.to, &part.base.context, &part.base.keys)
        }
        #expect(part.base.hints.summary.isEmpty && part.base.context.counters.hintsCovered == 1)
        let key = part.storeKey("k")
        guard case .held(_?)? = part.base.keys.read(key, for: .operation(RequestID(1)), &part.base.context) else {
            Issue.record("this node's own part is missing")
            return
        }
    }

    @Test func aFullStoreTakesNoMoreHints() throws {
        var part = try part(#", "hints": {"maximumBytes": 1024}"#)
        let takesFirst = part.base.hints.takesHints(&part.base.context)
        #expect(takesFirst)
        try keep(&part, "k", String(repeating: "v", count: 1024), dot: 1)
        let takesMore = part.base.hints.takesHints(&part.base.context)
        #expect(!takesMore && part.base.hints.isFull(part.base.context))
        let stillNot = part.base.hints.takesHints(&part.base.context)
        #expect(!stillNot)
        #expect(part.effects().warnings.count { $0.contains("keeps no more hints") } == 1, "once a minute")
    }
}
