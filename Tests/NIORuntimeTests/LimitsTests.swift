import ConflictResolution
import Foundation
import NIOCore
import StatorCore
import Storage
import Sync
import Testing
import Wire

@testable import NIORuntime
@testable import Replication

/// The limits fit together: what clients are allowed can be merged, stored, hinted, synced and streamed.
@Suite struct LimitsTests {
    private let resolver = DottedVersionVectorResolver(settings: NoSettings())

    private func settings(replicas: Int, fallbacks: Int) -> ReplicationSettings {
        var settings = ReplicationSettings()
        settings.replicas = replicas
        settings.fallbacks = fallbacks
        return settings
    }

    @Test func eachLimitFollowsFromThoseBeforeIt() {
        #expect(settings(replicas: 3, fallbacks: 3).clientRecordBytes == 32 << 20)
        for holders in 1...Limits.maximumHolders {
            let client = Limits.clientRecord(asked: .max, holders: holders)
            #expect((client + Limits.recordAllowance) * holders <= Limits.maximumRecordBody, "\(holders) holders")
            #expect(client >= ReplicationSettings().maximumValue.bytes + Limits.recordAllowance, "\(holders) holders")
        }
        // Causal metadata: the most actors, each with the longest name.
        let actor = NodeID.maximumLength + 1 + 3 + 8 + 10
        #expect(Limits.recordAllowance >= 4096 * actor + Content.maximumMediaTypeLength)
        let longestKeys = ReplicationLimits.recordsPerMessage * (Limits.maximumStoredKey + 64)
        #expect(Limits.messageAllowance >= longestKeys + Limits.recordAllowance)
        #expect(ReplicationLimits.bytesPerMessage <= Limits.maximumPage)
        #expect(Limits.maximumFrame >= Limits.maximumRecordBody + Limits.maximumPage + Limits.messageAllowance)
        #expect(WireLimits.maximumFrame == Limits.maximumFrame && WireLimits.maximumBody == Limits.maximumRecordBody)
        #expect(UInt32(exactly: Limits.maximumFrame + Frame.overhead) != nil, "lengths of frames are 32 bits")
    }

    @Test func aValueThatNoRecordHoldsIsAProblemOfTheConfiguration() {
        var large = settings(replicas: 16, fallbacks: 64)
        #expect(large.problems().isEmpty)
        large.maximumValue = ByteCount(Limits.maximumValue)
        #expect(large.problems().map(\.field) == ["maximumValueBytes"])
        large.replicas = 3
        large.fallbacks = 3
        #expect(large.problems().isEmpty)
    }

    /// A record as one coordinator may make it, apart from all others: siblings up to what clients are allowed.
    private func record(of holder: Int, siblings: Int, bytes: Int) throws -> ByteBuffer {
        let actor = Actor(node: NodeID("node-\(holder)"), shard: 0, incarnation: 1)
        let value = Content(form: .raw, bytes: ByteBuffer(repeating: UInt8(holder), count: bytes))
        var body: ByteBuffer?
        for counter in 1...siblings {
            let stamp = WriteStamp(dot: Dot(actor: actor, counter: UInt64(counter)), wall: WallTime(microseconds: 1))
            body = try resolver.body(of: VersionWrite(content: value, basis: .nothing), over: body, stamp: stamp)
        }
        return try #require(body)
    }

    private func merged(_ bodies: [ByteBuffer]) throws -> ByteBuffer {
        try bodies.dropFirst().reduce(bodies[0]) { try resolver.merge($0, $1) }
    }

    @Test func theMostSiblingsOfTheMostHoldersMerge() throws {
        let holders = Limits.maximumHolders
        let all = try merged(
            (1...holders).map { try record(of: $0, siblings: Limits.maximumSiblings, bytes: 8) })
        #expect(try resolver.read(all).versions.count == holders * Limits.maximumSiblings)
    }

    /// The N owners and all fallbacks, each cut off from the others and written to up to the limit.
    @Test func theLargestMergeIsStoredHintedSentSyncedAndStreamed() throws {
        let settings = ReplicationSettings()
        let holders = settings.replicas + settings.fallbacks
        let bytes = settings.clientRecordBytes / 4 - 4096
        let all = try merged((1...holders).map { try record(of: $0, siblings: 4, bytes: bytes) })
        #expect(all.readableBytes > holders * (settings.clientRecordBytes - (64 << 10)), "it is the worst")
        #expect(all.readableBytes <= Limits.maximumRecordBody)
        let key = Key(unchecked: ByteBuffer(repeating: UInt8(ascii: "k"), count: Key.maximumLength))
        let worst = StoredRecord(
            token: Token(7), key: key, digest: Digest(1), isTombstone: false, expiry: nil, body: all)
        try expectSent(worst)
        try expectStored(worst)
    }

    private func expectSent(_ record: StoredRecord) throws {
        let request = RequestID(1)
        let session = SessionID(initiator: NodeID("A"), number: 1)
        let target = NodeID(String(repeating: "n", count: NodeID.maximumLength))
        let page = StoredRecord(
            token: Token(1), key: record.key, digest: Digest(1), isTombstone: false, expiry: nil,
            body: ByteBuffer(repeating: 1, count: Limits.maximumPage - 1))
        let messages: [ShardMessage] = [
            .write(ReplicaWrite(request: request, epoch: Epoch(1), purpose: .write, record: record, hintFor: target)),
            .readReply(request, .held(record, counts: true)),
            .syncPush(session, request, [record]),
            .transferPage(
                request,
                .records(
                    [page, record], next: nil,
                    source: TransferSource(doubt: .restored, isFounder: false, folder: .max))),
        ]
        for message in messages {
            var frames = ByteBuffer()
            #expect(Frame.write(message, toShard: 0, into: &frames))
            var parser = FrameParser(maximumFrame: WireLimits.maximumFrame)
            parser.append(frames)
            var payload = try #require(try parser.next()).payload
            #expect(try ShardMessageCodec.decode(&payload) == message)
        }
    }

    private func expectStored(_ record: StoredRecord) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("stator-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let engine = try LogEngine(
            settings: LogSettings(),
            environment: StorageEnvironment(disk: POSIXDisk(), folder: folder + "/log", owner: "test", newStoreID: 7))
        let target = NodeID(String(repeating: "n", count: NodeID.maximumLength))
        let hint = StoredRecord(
            token: record.token, key: HintKey.encoded(target: target, key: record.key), digest: record.digest,
            isTombstone: false, expiry: nil, body: record.body)
        #expect(hint.key.bytes.readableBytes == Limits.maximumStoredKey)
        for stored in [record, hint] {
            try engine.apply([.put(stored)])
            #expect(try engine.record(for: stored.key, token: stored.token) == stored)
        }
    }
}
