import ConflictResolution
import NIOCore
import StatorCore
import Testing

@testable import Replication

/// What becomes of records that are too large: client writes are refused before anything is applied, and merges that no
/// store takes harm nobody.
@Suite struct RecordLimitTests {
    private static let small = #", "replication": {"maximumValueBytes": 1024, "maximumRecordBytes": 4096}"#

    private func write(_ part: PartUnderTest, _ basis: WriteBasis) -> (ClientRequest, VersionWrite) {
        let value = Content(form: .raw, bytes: ByteBuffer(repeating: 1, count: 1024))
        let write = VersionWrite(content: value, basis: basis)
        let key = part.key("k")
        return (ClientRequest(key: key, token: part.token(key), operation: .write(write)), write)
    }

    private func made(
        _ part: inout PartUnderTest, _ basis: WriteBasis, over held: StoredRecord?
    ) -> Result<MadeRecord, ClientError> {
        let (request, write) = write(part, basis)
        return part.base.context.made(request, write, over: held?.body, isOwner: false)
    }

    @Test func aWriteThatAddsBeyondTheLimitIsRefusedAndOneThatResolvesIsNot() throws {
        var part = try PartUnderTest(Self.small)
        var held: StoredRecord?
        for _ in 0..<3 { held = try made(&part, .nothing, over: held).get().record }
        guard case .failure(.recordTooLarge(let found, 4096)) = made(&part, .nothing, over: held) else {
            Issue.record("a fourth sibling of 1 KiB is taken")
            return
        }
        #expect(found > 4096)
        #expect(try made(&part, .held, over: held).get().record.body.readableBytes < 2048)
    }

    /// Merges add up: a record that is over the limit already shrinks by writes, and does not grow.
    @Test func whatMergesHaveLeftBeyondTheLimitCanBeResolvedStepByStep() throws {
        var part = try PartUnderTest(Self.small)
        var context = ByteBuffer()
        var bodies: [ByteBuffer] = []
        for _ in 0..<2 {
            var held: StoredRecord?
            for _ in 0..<3 {
                let made = try made(&part, .nothing, over: held).get()
                held = made.record
                context = made.context
            }
            bodies.append(try #require(held).body)
        }
        let body = try part.base.context.resolver.merge(bodies[0], bodies[1])
        let merged = try part.base.context.record(token: Token(1), key: part.key("k"), body: body)
        guard case .failure(.recordTooLarge) = made(&part, .nothing, over: merged) else {
            Issue.record("it grows")
            return
        }
        let smaller = try made(&part, .context(context), over: merged).get().record
        #expect(smaller.body.readableBytes < body.readableBytes && smaller.body.readableBytes > 4096)
    }

    @Test func aMergeThatNoStoreTakesFailsByItself() throws {
        var part = try PartUnderTest()
        let one = try part.record("k", String(repeating: "v", count: 100), dot: 1)
        let two = try part.record("k", String(repeating: "w", count: 100), dot: 2)
        part.base.context.maximumRecordBody = one.body.readableBytes
        guard case .changed = part.base.context.merged(one, into: nil) else {
            Issue.record("what fits is refused")
            return
        }
        guard case .failed = part.base.context.merged(two, into: one) else {
            Issue.record("what does not fit is taken")
            return
        }
        part.base.context.maximumRecordBody -= 1
        guard case .failed = part.base.context.merged(one, into: nil) else {
            Issue.record("what does not fit is taken")
            return
        }
        #expect(part.base.context.counters.mergesRefused == 2)
        #expect(part.base.context.storageFailure == nil && part.base.context.unavailability == nil)
    }

    // MARK: Sending again

    private func large(_ part: PartUnderTest, _ letter: Character) throws -> StoredRecord {
        try part.record("k", String(repeating: letter, count: ReplicationLimits.withheldBytes), dot: 1)
    }

    @Test func aRecordThatAPeerDoesNotMergeIsSentLessAndLess() throws {
        var part = try PartUnderTest()
        var resends = Resends()
        let record = try large(part, "v")
        var sent = 0
        for _ in 0..<360 {
            if resends.admits(record, to: NodeID("B"), &part.base.context) { sent += 1 }
            part.pass(.seconds(10))
        }
        #expect((3...12).contains(sent), "in an hour of rounds, not 360 times but \(sent)")
    }

    @Test func whatIsSmallOrNewOrForAnotherPeerIsSent() throws {
        var part = try PartUnderTest()
        var resends = Resends()
        let record = try large(part, "v")
        let small = try part.record("small", "v", dot: 1)
        for _ in 0..<20 { _ = resends.admits(record, to: NodeID("B"), &part.base.context) }
        #expect(!resends.admits(record, to: NodeID("B"), &part.base.context))
        #expect(resends.admits(record, to: NodeID("C"), &part.base.context))
        #expect(resends.admits(try large(part, "w"), to: NodeID("B"), &part.base.context))
        for _ in 0..<20 { #expect(resends.admits(small, to: NodeID("B"), &part.base.context)) }
        for _ in 0..<20 { _ = resends.admits(record, to: NodeID("B"), &part.base.context) }
        resends.forget(NodeID("B"))
        #expect(resends.admits(record, to: NodeID("B"), &part.base.context))
    }
}
