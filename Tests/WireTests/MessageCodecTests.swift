import NIOCore
import Replication
import StatorCore
import Sync
import Testing

@testable import Wire

@Suite struct MessageCodecTests {
    @Test(arguments: 0..<MessageGenerator.shardMessageShapes)
    func everyShardMessageDecodesToItself(shape: Int) throws {
        for seed in UInt64(0)..<50 {
            var generator = MessageGenerator(seed: seed << 8 | UInt64(shape))
            let message = generator.shardMessage(shape: shape)
            var bytes = ByteBuffer()
            ShardMessageCodec.encode(message, into: &bytes)
            #expect(try ShardMessageCodec.decode(&bytes) == message, "seed \(seed)")
            #expect(bytes.readableBytes == 0)
        }
    }

    @Test(arguments: 0..<MessageGenerator.membershipMessageShapes)
    func everyMembershipMessageDecodesToItself(shape: Int) throws {
        for seed in UInt64(0)..<50 {
            var generator = MessageGenerator(seed: seed << 8 | UInt64(shape))
            let message = generator.membershipMessage(shape: shape)
            var bytes = ByteBuffer()
            MembershipMessageCodec.encode(message, into: &bytes)
            #expect(try MembershipMessageCodec.decode(&bytes) == message, "seed \(seed)")
        }
    }

    @Test func anyProperPrefixOfAMessageIsRefused() {
        for shape in 0..<MessageGenerator.shardMessageShapes {
            var generator = MessageGenerator(seed: UInt64(shape))
            var bytes = ByteBuffer()
            ShardMessageCodec.encode(generator.shardMessage(shape: shape), into: &bytes)
            for length in 0..<bytes.readableBytes {
                var prefix = bytes.getSlice(at: 0, length: length)!
                #expect(throws: CodecError.self, "shape \(shape), length \(length)") {
                    try ShardMessageCodec.decode(&prefix)
                }
            }
        }
    }

    @Test func bytesAfterAMessageAreRefused() {
        var bytes = ByteBuffer()
        ShardMessageCodec.encode(.writeReply(RequestID(1), .stored(hadLive: true)), into: &bytes)
        bytes.writeInteger(UInt8(0))
        #expect(throws: CodecError.trailingBytes(what: "shard message", count: 1)) {
            try ShardMessageCodec.decode(&bytes)
        }
    }

    /// Bytes that decode at all encode to themselves again: the encoding is canonical, also under attack.
    @Test(arguments: [UInt64(1), 2, 3, 4])
    func mutatedBytesNeverTrapAndDecodeCanonically(seed: UInt64) throws {
        var generator = MessageGenerator(seed: seed)
        var decoded = 0
        for round in 0..<2000 {
            let shape = round % MessageGenerator.shardMessageShapes
            var bytes = ByteBuffer()
            ShardMessageCodec.encode(generator.shardMessage(shape: shape), into: &bytes)
            generator.mutate(&bytes)
            let original = bytes
            guard let message = try? ShardMessageCodec.decode(&bytes) else { continue }
            decoded += 1
            var again = ByteBuffer()
            ShardMessageCodec.encode(message, into: &again)
            #expect(again == original, "seed \(seed), round \(round): \(message)")
        }
        #expect(decoded > 0)
    }

    @Test(arguments: [UInt64(5), 6])
    func mutatedMembershipBytesNeverTrap(seed: UInt64) throws {
        var generator = MessageGenerator(seed: seed)
        for round in 0..<2000 {
            let shape = round % MessageGenerator.membershipMessageShapes
            var bytes = ByteBuffer()
            MembershipMessageCodec.encode(generator.membershipMessage(shape: shape), into: &bytes)
            generator.mutate(&bytes)
            let original = bytes
            guard let message = try? MembershipMessageCodec.decode(&bytes) else { continue }
            var again = ByteBuffer()
            MembershipMessageCodec.encode(message, into: &again)
            #expect(again == original, "seed \(seed), round \(round): \(message)")
        }
    }

    @Test func announcedCountsBeyondTheBytesAreRefusedAtOnce() {
        var bytes = ByteBuffer(bytes: [10])
        bytes.encode { $0.writeSession(.init(initiator: NodeID("A"), number: 1)) }
        bytes.writeInteger(UInt64(7))
        bytes.writeVarint(UInt64(WireLimits.maximumRecords))
        #expect(throws: CodecError.truncated(what: "records")) { try ShardMessageCodec.decode(&bytes) }
    }

    @Test func longSentencesAreCutAtACharacter() throws {
        let reason = String(repeating: "🙂", count: 2000)
        var bytes = ByteBuffer()
        MembershipMessageCodec.encode(.changeRefused("a" + reason), into: &bytes)
        guard case .changeRefused(let cut) = try MembershipMessageCodec.decode(&bytes) else {
            Issue.record("another message")
            return
        }
        #expect(cut.utf8.count <= WireLimits.maximumSentence)
        #expect(cut.utf8.count > WireLimits.maximumSentence - 4)
        #expect(("a" + reason).hasPrefix(cut))
    }
}

extension MessageGenerator {
    /// One to four of: a byte changed, bytes removed, bytes inserted, the end cut off.
    mutating func mutate(_ bytes: inout ByteBuffer) {
        var array = Array(bytes.readableBytesView)
        for _ in 0...random.below(4) where !array.isEmpty {
            let position = random.below(array.count)
            switch random.below(4) {
            case 0: array[position] ^= UInt8(1 << random.below(8))
            case 1: array[position] = [0, 1, 0x7F, 0x80, 0xFF][random.below(5)]
            case 2: array.remove(at: position)
            default: array.insert(UInt8(truncatingIfNeeded: random.next()), at: position)
            }
        }
        bytes = ByteBuffer(bytes: array)
    }
}
