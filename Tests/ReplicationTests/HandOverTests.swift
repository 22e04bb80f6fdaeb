import StatorCore
import Testing

@testable import Replication

/// Hand-over by itself, over stores in memory: the test is the owners, and lists what the part asks to list.
@Suite struct HandOverTests {
    private struct Fixture {
        var part: PartUnderTest
        var handOver = HandOver()
        private(set) var sent: [(to: NodeID, message: ShardMessage)] = []
        private(set) var timers: [ShardTimer] = []

        /// A, which holds these keys, owns nothing in epoch 2.
        init(holding names: [String]) throws {
            part = try PartUnderTest(isOnDisk: false)
            _ = part.base.context.adopt(part.state(epoch: 2, owners: ["B", "C", "D"]))
            for (index, name) in names.enumerated() { try put(name, "v", dot: UInt64(index + 1)) }
            _ = part.effects()
        }

        mutating func put(_ name: String, _ value: String, dot: UInt64) throws {
            let record = try part.record(name, value, dot: dot)
            _ = part.base.keys.merge(record, on: part.storeKey(name), for: .repaired, &part.base.context)
        }

        func holds(_ name: String) -> Bool {
            var (keys, context) = (part.base.keys, part.base.context)
            return keys.read(part.storeKey(name), for: .operation(RequestID(0)), &context)?.record != nil
        }

        mutating func begin() throws {
            handOver.begin(&part.base.context, &part.base.keys)
            try list()
        }

        /// Answers every listing that is asked for: the part's own records, in order, all in one page.
        mutating func list() throws {
            while true {
                let effects = part.effects()
                sent += effects.sent
                timers += effects.timers
                var listed = false
                for case (_, _, .scan(let range, _, _)) in effects.commands {
                    listed = true
                    let held = names.filter { holds($0) && range.contains(part.token(part.key($0))) }
                    let entries = try held.map { name in
                        var (keys, context) = (part.base.keys, part.base.context)
                        let found = keys.read(part.storeKey(name), for: .operation(RequestID(0)), &context)
                        let record = try #require(found?.record)
                        return RecordMetadata(
                            token: record.token, key: record.key, digest: record.digest, isTombstone: false,
                            bytes: record.bytes)
                    }.sorted { ($0.token, $0.key) < ($1.token, $1.key) }
                    guard let id = handOver.pass?.id else { continue }
                    handOver.take(entries, next: nil, id, &part.base.context, &part.base.keys)
                }
                guard listed else { return }
            }
        }

        private var names: [String] { (0..<9).map { "k\($0)" } }

        mutating func covers() -> [(to: NodeID, request: CoverRequest)] {
            defer { sent = [] }
            return sent.compactMap { if case .cover(let request) = $0.message { ($0.to, request) } else { nil } }
        }

        mutating func answer(_ question: (to: NodeID, request: CoverRequest), _ outcome: CoverOutcome) throws {
            handOver.receive(question.request.request, outcome, from: question.to, &part.base.context, &part.base.keys)
            try list()
        }

        mutating func pushes() -> [(to: NodeID, write: ReplicaWrite)] {
            defer { sent = [] }
            return sent.compactMap { if case .write(let write) = $0.message { ($0.to, write) } else { nil } }
        }
    }

    @Test func aRecordGoesOnlyWhenEveryOwnerWasShownToHoldIt() throws {
        var fixture = try Fixture(holding: ["k0", "k1"])
        try fixture.begin()
        let asked = fixture.covers()
        #expect(Set(asked.map(\.to)) == ["B", "C", "D"].reduce(into: Set()) { $0.insert(NodeID($1)) })
        #expect(asked.allSatisfy { $0.request.entries.count == 2 && $0.request.epoch == Epoch(2) })
        for question in asked where question.to != NodeID("D") { try fixture.answer(question, .differing([])) }
        #expect(fixture.holds("k0") && fixture.holds("k1"), "D was not heard")
        try fixture.answer(try #require(asked.first { $0.to == NodeID("D") }), .differing([1]))
        let pushed = fixture.pushes()
        #expect(pushed.map(\.to) == [NodeID("D")] && pushed.first?.write.purpose == .handOver)
        #expect(fixture.holds("k0") && fixture.holds("k1"), "D has not confirmed it")
        let reply = try #require(pushed.first)
        let isTaken = fixture.handOver.receiveReply(
            reply.write.request, .stored(hadLive: false), from: reply.to, &fixture.part.base.context,
            &fixture.part.base.keys)
        #expect(isTaken && !fixture.holds("k0") && !fixture.holds("k1"))
        try fixture.list()
        #expect(fixture.handOver.underWay == 0 && fixture.handOver.kept == 0)
        #expect(fixture.part.base.context.counters.recordsDropped == 2)
    }

    @Test func whatAnOwnerRefusesOrIsSilentAboutStaysAndIsTriedAgain() throws {
        var fixture = try Fixture(holding: ["k0"])
        try fixture.begin()
        let asked = fixture.covers()
        for question in asked where question.to != NodeID("D") { try fixture.answer(question, .differing([])) }
        try fixture.answer(
            try #require(asked.first { $0.to == NodeID("D") }), .refused(.staleEpoch(Epoch(3))))
        #expect(fixture.holds("k0") && fixture.handOver.kept == 1 && fixture.timers.contains(.handOver))
        try fixture.begin()
        for question in fixture.covers() where question.to != NodeID("C") {
            try fixture.answer(question, .differing([]))
        }
        fixture.handOver.lose(NodeID("C"), &fixture.part.base.context, &fixture.part.base.keys)
        try fixture.list()
        #expect(fixture.holds("k0") && fixture.handOver.kept == 1, "C is gone")
        fixture.part.base.context.peers.noteLink(NodeID("C"), isUp: false)
        try fixture.begin()
        #expect(Set(fixture.covers().map(\.to)) == [NodeID("B"), NodeID("D")])
        let id = try #require(fixture.handOver.pass?.id)
        fixture.part.pass(fixture.part.blueprint.antiEntropy.sessionIdleTimeout)
        fixture.handOver.passDeadline(id, &fixture.part.base.context, &fixture.part.base.keys)
        try fixture.list()
        #expect(fixture.holds("k0") && fixture.handOver.kept == 1, "nobody has answered")
    }

    @Test func aRecordThatHasChangedSinceItWasShownStays() throws {
        var fixture = try Fixture(holding: ["k0"])
        try fixture.begin()
        let asked = fixture.covers()
        try fixture.put("k0", "w", dot: 5)
        for question in asked { try fixture.answer(question, .differing([])) }
        #expect(fixture.holds("k0") && fixture.timers.contains(.handOver))
    }

    @Test func whatWasShownToEarlierOwnersIsForgotten() throws {
        var fixture = try Fixture(holding: ["k0"])
        try fixture.begin()
        let asked = fixture.covers()
        fixture.handOver.abandon()
        for question in asked { try fixture.answer(question, .differing([])) }
        #expect(fixture.holds("k0") && fixture.handOver.kept == nil)
    }

    @Test func aLeavingNodeSwitchesOnlyWhenItsRecordsWereShown() throws {
        var fixture = try Fixture(holding: ["k0"])
        let leaving = fixture.part.state(
            epoch: 3, owners: ["A", "B", "C"], next: ["B", "C", "D"], statuses: ["A": .leaving, "D": .active])
        _ = fixture.part.base.context.adopt(leaving)
        var streams = RangeStreams(doubt: nil, folder: 1)
        try fixture.begin()
        streams.noteStreamed(&fixture.part.base.context)
        #expect(fixture.part.base.context.streamedEpoch == nil)
        for question in fixture.covers() { try fixture.answer(question, .differing([])) }
        #expect(fixture.part.base.context.handedOverEpoch == Epoch(3) && fixture.holds("k0"))
        streams.noteStreamed(&fixture.part.base.context)
        #expect(fixture.part.base.context.streamedEpoch == Epoch(3))
    }

    @Test func anOwnerComparesWholeRangesAcrossPages() throws {
        var part = try PartUnderTest(isOnDisk: false)
        let entries = try (0..<4).map { try part.record("k\($0)", "v", dot: UInt64($0 + 1)) }
            .sorted { ScanCursor(of: $0) < ScanCursor(of: $1) }
            .map { CoverRequest.Entry(token: $0.token, key: $0.key, digest: $0.digest) }
        let request = CoverRequest(request: RequestID(1), epoch: Epoch(1), entries: entries)
        func held(_ index: Int, _ digest: Digest? = nil) -> RecordMetadata {
            RecordMetadata(
                token: entries[index].token, key: entries[index].key, digest: digest ?? entries[index].digest,
                isTombstone: false, bytes: 100)
        }
        var answer = CoverAnswer(peer: NodeID("D"), request: request)
        answer.compare(with: [held(0), held(1, Digest(7))], isLast: false)
        answer.compare(with: [held(3)], isLast: false)
        #expect(answer.position == 4 && answer.differing == [1, 2])
        _ = part.effects()
    }

    @Test func anOwnerRefusesWhatItDoesNotOwnOrKnow() throws {
        var part = try PartUnderTest(isOnDisk: false)
        var handOver = HandOver()
        let record = try part.record("k", "v", dot: 1)
        let entry = CoverRequest.Entry(token: record.token, key: record.key, digest: record.digest)
        func refusal(epoch: UInt64, _ entries: [CoverRequest.Entry]) -> Refusal? {
            let request = CoverRequest(request: RequestID(1), epoch: Epoch(epoch), entries: entries)
            var base = part.base
            handOver.receive(request, from: NodeID("D"), &base.context, &base.keys)
            part.base = base
            guard case .coverReply(_, .refused(let refusal))? = part.effects().sent.first?.message else { return nil }
            return refusal
        }
        #expect(refusal(epoch: 2, [entry]) == .staleEpoch(Epoch(1)), "it has not adopted that epoch")
        #expect(refusal(epoch: 1, [entry, entry]) == .notOwner, "not in order")
        _ = part.base.context.adopt(part.state(epoch: 2, owners: ["B", "C", "D"]))
        #expect(refusal(epoch: 2, [entry]) == .notOwner)
        _ = part.base.context.adopt(part.state(epoch: 3, owners: ["A", "B", "D"]))
        #expect(refusal(epoch: 2, [entry]) == .staleEpoch(Epoch(3)), "its owners are others since")
        #expect(refusal(epoch: 3, [entry]) == nil && handOver.underWay == 1)
    }
}
