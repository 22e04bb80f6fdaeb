import ConflictResolution
import NIOCore
import Partitioning
import StatorCore
import Testing

@testable import Replication

/// Conditional writes and read-modify-writes are one step at the first owner alive.
@Suite struct ConditionTests {
    private let client = RequestOrigin.client(ClientTicket(1))
    private let absent = RequestOptions(precondition: .absent)

    /// B has nothing of the key: whoever asks it may begin.
    private func answerNothing(_ coordinator: inout Coordinator, _ part: inout PartUnderTest) -> PartEffects {
        for id in part.effects().reads {
            coordinator.receiveReadReply(id, .held(nil, counts: true), from: NodeID("B"), &part.base)
        }
        return part.effects()
    }

    @Test func ofTwoAtOnceOnOneConditionOneSucceeds() throws {
        var part = try PartUnderTest(isOnDisk: false)
        var coordinator = Coordinator()
        let name = part.name(ownedFirstBy: "A")
        coordinator.begin(part.put(name, "one", absent), from: client, &part.base)
        coordinator.begin(part.put(name, "two", absent), from: client, &part.base)
        let after = answerNothing(&coordinator, &part)
        #expect(after.responses == [.failed(.preconditionFailed)])
        #expect(Set(after.writes.map(\.write.request)).count == 1)
    }

    @Test func aConditionSeesAPlainWriteThatWasAppliedAfterItsRead() throws {
        var part = try PartUnderTest(isOnDisk: false)
        var coordinator = Coordinator()
        let name = part.name(ownedFirstBy: "A")
        coordinator.begin(part.put(name, "one", absent), from: client, &part.base)
        let reads = part.effects().reads
        coordinator.begin(part.put(name, "plain"), from: client, &part.base)
        for id in reads { coordinator.receiveReadReply(id, .held(nil, counts: true), from: NodeID("B"), &part.base) }
        #expect(part.effects().responses == [.failed(.preconditionFailed)])
    }

    @Test func incrementsAtOnceAddUpAndSupersedeWhatTheQuorumHolds() throws {
        var part = try PartUnderTest(isOnDisk: false)
        var coordinator = Coordinator()
        let name = part.name(ownedFirstBy: "A")
        for _ in 0..<8 { coordinator.begin(part.update(name, .add(1)), from: client, &part.base) }
        let reads = part.effects().reads
        #expect(reads.count == 8)
        // B holds what this node has missed.
        let record = try part.record(name, "40", dot: 1)
        for id in reads { coordinator.receiveReadReply(id, .held(record, counts: true), from: NodeID("B"), &part.base) }
        let writes = part.effects().writes.filter { $0.to == NodeID("B") }
        for (_, write) in writes {
            _ = coordinator.receiveWriteReply(write.request, .stored(hadLive: true), from: NodeID("B"), &part.base)
        }
        let sums = part.effects().responses.compactMap { response -> Int64? in
            guard case .updated(let outcome) = response, case .integer(let sum) = outcome.result else { return nil }
            return sum
        }
        #expect(sums == (41...48).map(\.self))
        let held = try #require(part.base.keys.body(of: part.key(name), token: part.token(part.key(name)))?.body)
        let values = try part.blueprint.resolver.read(held).versions.compactMap(\.content)
        #expect(values.map { String(buffer: $0.bytes) } == ["48"])
    }

    @Test func whoeverIsAskedTheFirstOwnerAliveCoordinates() throws {
        var part = try PartUnderTest(isOnDisk: false)
        var coordinator = Coordinator()
        let name = part.name(ownedFirstBy: "B")
        coordinator.begin(part.put(name, "one", absent), from: client, &part.base)
        let first = try #require(part.effects().forwards.first)
        #expect(first.to == NodeID("B"))
        // Which says that it did nothing: the next, here this node itself or C.
        coordinator.finishForward(first.id, .failed(.overloaded), from: first.to, &part.base)
        let next = part.effects()
        let list = try #require(part.base.context.cluster?.placement).preferenceList(for: part.token(part.key(name)))
        if list[1] == NodeID("A") {
            #expect(next.reads.count == 1 && next.forwards.isEmpty)
        } else {
            #expect(next.forwards.map(\.to) == [list[1]])
        }
        // One that is not alive is passed over.
        part.base.context.peers.noteLink(NodeID("B"), isUp: false)
        coordinator.begin(part.put(name, "two", absent), from: client, &part.base)
        #expect(!part.effects().forwards.contains { $0.to == NodeID("B") })
    }

    @Test func countersGoOnOverConcurrentValues() throws {
        func applied(_ update: ValueUpdate, _ held: String...) throws -> (ValueChange, UpdateResult) {
            try update.applied(to: held.map { Content(form: .raw, bytes: ByteBuffer(string: $0)) }, maximum: 8)
        }
        #expect(try applied(.add(1), "4", "7").1 == .integer(8))
        #expect(throws: UpdateRefusal.siblings(2)) { try applied(.add(1), "4", "x") }
        #expect(throws: UpdateRefusal.notAnInteger) { try applied(.add(1), "x") }
        #expect(throws: UpdateRefusal.overflow) { try applied(.add(1), "\(Int64.max)") }
        #expect(try applied(.append(ByteBuffer(string: "def")), "abc").1 == .integer(6))
        #expect(throws: UpdateRefusal.tooLong(found: 9, maximum: 8)) {
            try applied(.append(ByteBuffer(string: "456789")), "123")
        }
        #expect(throws: UpdateRefusal.siblings(2)) { try applied(.take, "a", "b") }
        let json = Content(form: .json, bytes: ByteBuffer(string: #""a""#))
        #expect(throws: UpdateRefusal.isJSON) { try ValueUpdate.append(ByteBuffer()).applied(to: [json], maximum: 8) }
    }

    @Test func anUpdateThatWritesNothingEndsAtOnce() throws {
        var part = try PartUnderTest(isOnDisk: false)
        var coordinator = Coordinator()
        coordinator.begin(part.update(part.name(ownedFirstBy: "A"), .take), from: client, &part.base)
        let after = answerNothing(&coordinator, &part)
        let outcome = UpdateOutcome(node: NodeID("A"), isWritten: false, result: .none)
        #expect(after.responses == [.updated(outcome)] && after.writes.isEmpty)
        #expect(part.base.context.dotsIssued == 0)
    }
}
