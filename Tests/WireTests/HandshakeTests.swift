import NIOCore
import StatorCore
import Testing
import Wire

@Suite struct HandshakeTests {
    static let agreement = ClusterAgreement(
        hash: "xxh3", partitioner: "vnode-ring", conflictResolver: "dotted-version-vector", replicas: 3)

    @Test func everyReplyDecodesToItself() throws {
        let replies: [HelloReply] = [
            .accepted(NodeID("B"), generation: 17), .refused(.version(here: 1, there: 9)),
            .refused(.cluster(here: "demo", there: "other")), .refused(.shards(here: 4, there: 2)),
            .refused(.different(setting: "hash", here: "md5", there: "xxh3")), .refused(.sameName(NodeID("A"))),
            .refused(.tooManyConnections),
        ]
        for reply in replies {
            var bytes = ByteBuffer()
            reply.encode(into: &bytes)
            for length in 0..<bytes.readableBytes {
                var prefix = bytes.getSlice(at: 0, length: length)!
                #expect(throws: CodecError.self) { try HelloReply.decode(&prefix) }
            }
            #expect(try HelloReply.decode(&bytes) == reply)
        }
    }

    @Test func otherVersionIsToldWhateverFollows() throws {
        var bytes = ByteBuffer(string: "STAT")
        bytes.writeInteger(Handshake.version + 1)
        bytes.writeString("an unknown layout")
        var reply = bytes
        #expect(try Hello.decode(&bytes) == .otherVersion(Handshake.version + 1))
        let refusal = HelloReply.refused(.version(here: Handshake.version + 1, there: Handshake.version))
        #expect(try HelloReply.decode(&reply) == refusal)
    }

    @Test func otherProtocolsAreRefused() {
        var bytes = ByteBuffer(string: "GET / HTTP/1.1\r\n\r\n")
        #expect(throws: CodecError.self) { try Hello.decode(&bytes) }
    }

    @Test func firstDifferentSettingIsNamed() {
        var other = Self.agreement
        #expect(Self.agreement.difference(from: other) == nil)
        other.replicas = 2
        #expect(
            Self.agreement.difference(from: other) == .different(setting: "replication.n", here: "3", there: "2"))
        other.hash = "md5"
        #expect(Self.agreement.difference(from: other)?.description == "hash is md5, here it is xxh3")
    }
}
