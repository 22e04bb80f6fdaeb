import Hashing
import NIOCore
import StatorCore
import Testing

@testable import Membership

@Suite struct GossipMessageTests {
    private let view = testView(3, ["a", "b", "c"])

    private var samples: [GossipMessage] {
        let sender = HeartbeatVersion(generation: 1_763_000_000_000_000, heartbeat: 300)
        let entries = [
            HeartbeatEntry(index: 0, version: sender), HeartbeatEntry(index: 1, version: .unknown),
            HeartbeatEntry(
                index: 4095,
                version: HeartbeatVersion(
                    generation: HeartbeatVersion.largestNumber, heartbeat: HeartbeatVersion.largestNumber)),
        ]
        let summary = ViewSummary(of: view)
        let bodies: [GossipMessage.Body] = [
            .exchange(entries), .answer([]), .viewRequest(summary, first: 17),
            .viewPart(ViewPart(of: view, first: 1, maximumBytes: 1000)),
        ]
        return bodies.map { GossipMessage(sender: sender, view: summary, body: $0) }
    }

    @Test func everyMessageComesBackAsItWas() throws {
        for message in samples { #expect(try GossipMessage(decoding: message.encoded()) == message) }
    }

    @Test func everyTruncationAndEveryFlippedBitIsRefused() {
        for message in samples {
            let bytes = Array(message.encoded().readableBytesView)
            for length in bytes.indices {
                #expect(throws: CodecError.self) {
                    try GossipMessage(decoding: ByteBuffer(bytes: bytes.prefix(length)))
                }
            }
            for bit in 0..<bytes.count * 8 {
                var flipped = bytes
                flipped[bit / 8] ^= 1 << UInt8(bit % 8)
                #expect(throws: CodecError.self) { try GossipMessage(decoding: ByteBuffer(bytes: flipped)) }
            }
        }
    }

    /// With a checksum that fits, the fields themselves have to stand up to anything.
    @Test func wellSummedNonsenseNeitherTrapsNorChangesAView() {
        let seed: UInt64 = 4242
        var random = RandomGenerator(seed: seed)
        let harness = GossipHarness("a", view: view)
        let contents = samples.map { message in
            Array(message.encoded().readableBytesView.dropLast(8))
        }
        for round in 0..<20_000 {
            var bytes = contents[random.below(contents.count)]
            for _ in 0...random.below(3) { bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next()) }
            if random.chance(0.2) { bytes.removeLast(random.below(bytes.count)) }
            if random.chance(0.1) { bytes.append(0) }
            var buffer = ByteBuffer(bytes: bytes)
            buffer.writeInteger(XXHash.xxh3(buffer))
            harness.handle(.message(from: NodeID(["b", "c", "z"][random.below(3)]), bytes: buffer))
            if round % 50 == 0 { harness.pass(.milliseconds(200)) }
        }
        #expect(harness.gossip.view == view, "seed \(seed)")
        #expect(harness.learned.isEmpty, "seed \(seed)")
        #expect(harness.gossip.refusedMessages > 1000, "seed \(seed)")
    }

    @Test func theLargestMessagesFitTheLimit() {
        let largest = HeartbeatVersion(
            generation: HeartbeatVersion.largestNumber, heartbeat: HeartbeatVersion.largestNumber)
        let summary = ViewSummary(epoch: Epoch(.max), digest: .max)
        let entries = (0..<HeartbeatEntry.maximumPerMessage).map {
            HeartbeatEntry(index: 2 * $0 % 4096, version: largest)
        }
        .prefix(2047)
        let exchange = GossipMessage(sender: largest, view: summary, body: .exchange(Array(entries)))
        #expect(exchange.encoded().readableBytes <= MembershipLimits.maximumMessage)
        let long = Endpoint(host: String(repeating: "h", count: 255), port: 65535)
        let members = (0..<4096).map { index in
            Member(
                node: NodeID(String(repeating: "n", count: 60) + "\(1000 + index)"), status: .active,
                zone: String(repeating: "z", count: 64), weight: 1000, peerEndpoint: long, httpEndpoint: long)
        }
        let view = View(epoch: Epoch(.max), members: members)
        let room = MembershipLimits.maximumMessage - GossipMessage.maximumOverhead
        let part = ViewPart(of: view, first: 4, maximumBytes: room)
        let bytes = GossipMessage(sender: largest, view: summary, body: .viewPart(part)).encoded().readableBytes
        #expect(bytes <= MembershipLimits.maximumMessage)
        #expect(bytes > MembershipLimits.maximumMessage - 1000)
    }
}
