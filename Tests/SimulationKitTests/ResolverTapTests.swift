import ConflictResolution
import NIOCore
import StatorCore
import Testing

@testable import SimulationKit

@Suite struct ResolverTapTests {
    private func dot(_ counter: UInt64) -> Dot {
        Dot(actor: Actor(node: NodeID("A"), shard: 0, incarnation: 7), counter: counter)
    }

    private func shown(_ counters: UInt64...) -> ReadResult {
        let versions = counters.map { Version(content: nil, dot: dot($0), wall: nil) }
        return ReadResult(versions: versions, context: ByteBuffer(string: "\(counters)"), causality: "")
    }

    private func write(_ operation: Int?, _ basis: WriteBasis) -> VersionWrite {
        VersionWrite(content: operation.map { Content.value(of: $0, size: 16) }, basis: basis)
    }

    /// A write whose coordinator fell silent may be carried out twice: a read of both versions shows it twice.
    @Test func aWriteThatBecameTwoVersionsIsShownTwice() {
        let tap = ResolverTap()
        tap.made(write(0, .nothing), over: nil, dot(1), body: ByteBuffer(string: "one"))
        tap.made(write(0, .nothing), over: nil, dot(2), body: ByteBuffer(string: "other"))
        tap.made(write(3, .nothing), over: nil, dot(3), body: ByteBuffer(string: "third"))
        #expect(tap.operations(shownBy: tap.events(behind: shown(1))) == [0])
        #expect(tap.operations(shownBy: tap.events(behind: shown(1, 3))) == [0, 3])
        #expect(tap.operations(shownBy: tap.events(behind: shown(1, 2, 3))) == [0, 3, 0])
        #expect(tap.operations(of: tap.events(behind: shown(1, 2))) == [0])
    }

    /// Two deletes that present the same context are told apart by their acknowledgements, also where they were carried out
    /// in the other order and one of them was never answered.
    @Test func deletesOfOneContextAreTakenForEachOtherNoLongerThanTheirAcknowledgements() {
        let tap = ResolverTap()
        tap.made(write(0, .nothing), over: nil, dot(1), body: ByteBuffer(string: "one"))
        _ = tap.note(shown(1))
        let context = shown(1).context
        tap.willDelete(10, context: context)
        tap.willDelete(11, context: context)
        for counter in [UInt64(2), 3] {
            let body = ByteBuffer(string: "deleted \(counter)")
            tap.made(write(nil, .context(context)), over: shown(1), dot(counter), body: body)
            tap.wasRead(body, shown(counter))
        }
        #expect(tap.operation(of: dot(2)) == 10 && tap.operation(of: dot(3)) == 11)
        tap.deleted(11, presented: context, result: shown(2).context)
        #expect(tap.operation(of: dot(2)) == 11 && tap.operation(of: dot(3)) == 10)
    }

    /// What was there before a delete was sent is another's, though the answer's context is the same.
    @Test func aDeleteIsNoEventOfBeforeItWasSent() {
        let tap = ResolverTap()
        tap.made(write(0, .nothing), over: nil, dot(1), body: ByteBuffer(string: "one"))
        _ = tap.note(shown(1))
        let context = shown(1).context
        let body = ByteBuffer(string: "deleted")
        tap.willDelete(10, context: context)
        tap.made(write(nil, .context(context)), over: shown(1), dot(2), body: body)
        tap.wasRead(body, shown(2))
        tap.willDelete(11, context: context)
        tap.deleted(11, presented: context, result: shown(2).context)
        #expect(tap.operation(of: dot(2)) == 10)
    }

    /// Who sees a delete of which no client is known has seen what that had seen.
    @Test func anEventWithoutAnOperationStandsForWhatItHadSeen() {
        let tap = ResolverTap()
        tap.made(write(0, .nothing), over: nil, dot(1), body: ByteBuffer(string: "one"))
        tap.made(write(1, .nothing), over: nil, dot(2), body: ByteBuffer(string: "two"))
        tap.made(write(nil, .held), over: shown(1, 2), dot(3), body: ByteBuffer(string: "deleted"))
        #expect(tap.operations(of: tap.events(behind: shown(3))) == [0, 1])
        tap.made(write(5, .held), over: shown(3), dot(4), body: ByteBuffer(string: "new"))
        #expect(tap.seenByOperation { _ in nil } == [0: [], 1: [], 5: [0, 1]])
    }

    /// Who could not store what it made refuses it, and the next coordinator makes the write anew over what it holds.
    @Test func aWriteHasSeenWhatItsAcknowledgingCoordinatorHeld() {
        let tap = ResolverTap()
        let (first, second) = (NodeID("A"), NodeID("B"))
        func dot(_ node: NodeID, _ counter: UInt64) -> Dot {
            Dot(actor: Actor(node: node, shard: 0, incarnation: 1), counter: counter)
        }
        func shown(_ dot: Dot) -> ReadResult {
            ReadResult(
                versions: [Version(content: nil, dot: dot, wall: nil)], context: ByteBuffer(), causality: "")
        }
        tap.made(write(0, .nothing), over: nil, dot(first, 1), body: ByteBuffer(string: "one"))
        tap.made(write(1, .held), over: shown(dot(first, 1)), dot(first, 2), body: ByteBuffer(string: "refused"))
        tap.made(write(1, .held), over: nil, dot(second, 1), body: ByteBuffer(string: "stored"))
        #expect(tap.seenByOperation { $0 == 1 ? second : nil } == [0: [], 1: []])
        #expect(tap.seenByOperation { $0 == 1 ? first : nil } == [0: [], 1: [0]])
    }

    /// A delete that the next coordinator made anew is the same operation, of both of which a read may show either.
    @Test func aDeleteThatWasMadeAnewIsOneOperation() {
        func dot(_ node: String, _ counter: UInt64) -> Dot {
            Dot(actor: Actor(node: NodeID(node), shard: 0, incarnation: 1), counter: counter)
        }
        func shown(_ dot: Dot) -> ReadResult {
            ReadResult(
                versions: [Version(content: nil, dot: dot, wall: nil)], context: ByteBuffer(string: "\(dot)"),
                causality: "")
        }
        for isBlind in [true, false] {
            let tap = ResolverTap()
            let written = shown(dot("A", 1))
            tap.made(write(0, .nothing), over: nil, dot("A", 1), body: ByteBuffer(string: "one"))
            _ = tap.note(written)
            if !isBlind { tap.willDelete(1, context: written.context) }
            let basis: WriteBasis = isBlind ? .held : .context(written.context)
            tap.made(write(nil, basis), over: written, dot("A", 2), body: ByteBuffer(string: "refused"))
            tap.made(write(nil, basis), over: written, dot("B", 1), body: ByteBuffer(string: "stored"))
            tap.made(write(2, .held), over: written, dot("C", 1), body: ByteBuffer(string: "beside"))
            tap.time = 6
            tap.made(write(nil, basis), over: written, dot("C", 2), body: ByteBuffer(string: "later, and failed"))
            tap.linkBlindDeletes(isBlind ? [(1, "k", 1)] : []) { _ in "k" }
            tap.linkRepeatedDeletes(keyOf: { _ in "k" }, isUnderWay: { _, time in time <= 5 })
            #expect(tap.operations(of: tap.events(behind: shown(dot("A", 2)))) == [1])
            #expect(tap.operations(of: tap.events(behind: shown(dot("B", 1)))) == [1])
            #expect(tap.operation(of: dot("C", 2)) == nil)
            #expect(tap.seenByOperation { _ in nil } == [0: [], 1: [0], 2: [0]])
        }
    }

    /// Another delete of another key is another operation, and so is one of the same coordinator.
    @Test func aDeleteOfAnotherKeyOrOfTheSameCoordinatorIsNotMadeAnew() {
        func dot(_ node: String, _ counter: UInt64) -> Dot {
            Dot(actor: Actor(node: NodeID(node), shard: 0, incarnation: 1), counter: counter)
        }
        func shown(_ dot: Dot) -> ReadResult {
            ReadResult(
                versions: [Version(content: nil, dot: dot, wall: nil)], context: ByteBuffer(), causality: "")
        }
        let tap = ResolverTap()
        tap.made(write(0, .nothing), over: nil, dot("A", 1), body: ByteBuffer(string: "one"))
        tap.made(write(1, .nothing), over: nil, dot("A", 2), body: ByteBuffer(string: "other"))
        tap.made(write(nil, .held), over: shown(dot("A", 1)), dot("A", 3), body: ByteBuffer(string: "deleted"))
        tap.made(write(nil, .held), over: shown(dot("A", 1)), dot("A", 4), body: ByteBuffer(string: "again"))
        tap.made(write(nil, .held), over: shown(dot("A", 2)), dot("B", 1), body: ByteBuffer(string: "elsewhere"))
        let keyOf = { (operation: Int) in operation == 1 ? "j" : "k" }
        tap.linkBlindDeletes([(2, "k", 0)], keyOf: keyOf)
        tap.linkRepeatedDeletes(keyOf: keyOf, isUnderWay: { _, _ in true })
        #expect(tap.operation(of: dot("A", 3)) == 2)
        #expect(tap.operation(of: dot("A", 4)) == nil && tap.operation(of: dot("B", 1)) == nil)
    }
}
