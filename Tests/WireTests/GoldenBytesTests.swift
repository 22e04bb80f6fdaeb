import ConflictResolution
import NIOCore
import Replication
import StatorCore
import Sync
import Testing
import Wire

/// The bytes on the wire are a contract between versions: a change here needs a new protocol version.
@Suite struct GoldenBytesTests {
    static let record = StoredRecord(
        token: Token(0x0102_0304_0506_0708), key: Key(unchecked: ByteBuffer(string: "k")), digest: Digest(9),
        isTombstone: true, expiry: WallTime(microseconds: 10), body: ByteBuffer(string: "body"))

    static let recordBytes: [UInt8] = [
        1, 2, 3, 4, 5, 6, 7, 8, 1, 0x6B, 0, 0, 0, 0, 0, 0, 0, 9, 3, 0, 0, 0, 0, 0, 0, 0, 10, 4, 0x62, 0x6F, 0x64, 0x79,
    ]

    @Test func replicaWriteKeepsItsBytes() {
        let write = ReplicaWrite(
            request: RequestID(5), epoch: Epoch(300), purpose: .readRepair, record: Self.record, hintFor: NodeID("B"))
        var bytes = ByteBuffer()
        #expect(Frame.write(ShardMessage.write(write), toShard: 2, into: &bytes))
        let payload: [UInt8] =
            [3, 0, 0, 0, 0, 0, 0, 0, 5, 0xAC, 0x02, 2, 1, 1, 0x42] + Self.recordBytes
        #expect(Array(bytes.readableBytesView) == [0, 0, 0, UInt8(payload.count + 1), 2] + payload)
    }

    @Test func replyAndVoteKeepTheirBytes() {
        var reply = ByteBuffer()
        ShardMessageCodec.encode(.writeReply(RequestID(258), .refused(.staleEpoch(Epoch(7)))), into: &reply)
        #expect(Array(reply.readableBytesView) == [4, 0, 0, 0, 0, 0, 0, 1, 2, 3, 1, 7])

        var vote = ByteBuffer()
        let change = ChangeID(proposer: NodeID("A"), number: 1)
        #expect(Frame.write(MembershipMessage.vote(change, refusal: "no"), into: &vote))
        #expect(Array(vote.readableBytesView) == [0, 0, 0, 9, 255, 5, 1, 0x41, 1, 1, 2, 0x6E, 0x6F])
    }

    @Test func handshakeKeepsItsBytes() throws {
        let hello = Hello(
            cluster: "demo", node: NodeID("A"), peerEndpoint: Endpoint(host: "h", port: 258), generation: 3, shards: 4,
            shard: 1,
            agreement: ClusterAgreement(
                hash: "md5", partitioner: "p", conflictResolver: "r", replicas: 3, founders: "f"))
        var bytes = ByteBuffer()
        hello.encode(into: &bytes)
        let expected: [UInt8] =
            Array("STAT".utf8) + [0, 5, 4] + Array("demo".utf8) + [1, 0x41, 1, 0x68, 1, 2] + [0, 0, 0, 0, 0, 0, 0, 3]
            + [4, 1, 3] + Array("md5".utf8) + [1, 0x70, 1, 0x72, 3, 1, 0x66]
        #expect(Array(bytes.readableBytesView) == expected)
        #expect(try Hello.decode(&bytes) == .hello(hello))
    }
}
