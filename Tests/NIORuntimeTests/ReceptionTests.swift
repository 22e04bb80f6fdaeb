import NIOCore
import NodeCore
import Replication
import StatorCore
import Testing
import Wire

@testable import NIORuntime

@Suite struct ReceptionTests {
    /// A node alone in its cluster, for as long as `body` runs.
    private func withNode(_ body: (NodeRuntime, Int) async throws -> Void) async throws {
        let port = try await TestNodes.freePort()
        let member = TestNodes.member("A", port: port)
        let node = TestNodes.runtime(
            TestNodes.blueprint(member, among: [member]), folder: TestNodes.temporaryFolder())
        try await node.start()
        do {
            try await body(node, port)
        } catch {
            await node.stop()
            throw error
        }
        await node.stop()
    }

    private func hello(_ node: NodeRuntime, _ change: (inout Hello) -> Void = { _ in }) -> Hello {
        var blueprint = node.blueprint
        blueprint.member = TestNodes.member("B", port: 9)
        var hello = NodeCard(blueprint: blueprint, generation: 1, view: View(epoch: View.first, members: [])).hello(
            shard: 0)
        change(&hello)
        return hello
    }

    @Test(arguments: [
        ByteBuffer(string: "GET / HTTP/1.1\r\nHost: x\r\n\r\n"), ByteBuffer(repeating: 0, count: 64),
        ByteBuffer(bytes: [0x7F, 0xFF, 0xFF, 0xFF]), ByteBuffer(repeating: 0xFF, count: 100_000),
    ])
    func garbageIsClosedAndCounted(garbage: ByteBuffer) async throws {
        try await withNode { node, port in
            let peer = try await RawPeer.connect(to: port)
            await peer.send(garbage)
            try await TestNodes.eventually("the connection is closed") { peer.isClosed }
            // The client may see the end before the node has taken it off its books.
            try await TestNodes.eventually("the connection is off the books") {
                node.counters.handshakeCount == 0 && node.counters.connectionCount == 0
            }
            #expect(node.counters.snapshot.malformedFrames == 1)
        }
    }

    @Test func hostileFramesAfterTheHandshakeAreClosedAndCounted() async throws {
        try await withNode { node, port in
            for seed in UInt64(0)..<40 {
                let peer = try await RawPeer.connect(to: port)
                await peer.sendFrame { self.hello(node).encode(into: &$0) }
                var random = RandomGenerator(seed: seed)
                var bytes = ByteBuffer()
                for _ in 0..<200 { bytes.writeInteger(UInt8(truncatingIfNeeded: random.next())) }
                var frame = ByteBuffer()
                Frame(destination: UInt8(seed % 2 == 0 ? 0 : 255), payload: bytes).write(into: &frame)
                await peer.send(frame)
                try await TestNodes.eventually("the connection is closed, seed \(seed)") { peer.isClosed }
            }
            #expect(node.counters.snapshot.malformedFrames == 40)
            try await node.waitUntilServing()
        }
    }

    @Test func hugeLengthIsRefusedAtThePrefix() async throws {
        try await withNode { node, port in
            let peer = try await RawPeer.connect(to: port)
            await peer.sendFrame { self.hello(node).encode(into: &$0) }
            await peer.send(ByteBuffer(integer: UInt32(WireLimits.maximumFrame + 1)))
            try await TestNodes.eventually("the connection is closed") { peer.isClosed }
            #expect(node.counters.snapshot.malformedFrames == 1)
        }
    }

    @Test func memberIsAccepted() async throws {
        try await withNode { node, port in
            let peer = try await RawPeer.connect(to: port)
            await peer.sendFrame { self.hello(node).encode(into: &$0) }
            try await TestNodes.eventually("an answer") { try peer.reply() != nil }
            guard case .accepted(NodeID("A"), _) = try peer.reply() else {
                Issue.record("\(String(describing: try peer.reply()))")
                return
            }
            #expect(!peer.isClosed)
            peer.channel.close(promise: nil)
        }
    }

    @Test func strangersAreToldWhyAndCounted() async throws {
        let cases: [(HandshakeRefusal, @Sendable (inout Hello) -> Void)] = [
            (.cluster(here: "demo", there: "other"), { $0.cluster = "other" }),
            (.shards(here: 1, there: 4), { $0.shards = 4 }), (.sameName(NodeID("A")), { $0.node = NodeID("A") }),
            (.different(setting: "hash", here: "xxh3", there: "md5"), { $0.agreement.hash = "md5" }),
            (.different(setting: "replication.n", here: "1", there: "5"), { $0.agreement.replicas = 5 }),
        ]
        try await withNode { node, port in
            for (index, (refusal, change)) in cases.enumerated() {
                let peer = try await RawPeer.connect(to: port)
                await peer.sendFrame { self.hello(node, change).encode(into: &$0) }
                try await TestNodes.eventually("the connection is closed") { peer.isClosed }
                #expect(try peer.reply() == .refused(refusal))
                #expect(node.counters.snapshot.connectionsRefused == index + 1)
            }
        }
    }

    @Test func otherVersionIsTold() async throws {
        try await withNode { node, port in
            let peer = try await RawPeer.connect(to: port)
            await peer.sendFrame {
                $0.writeString("STAT")
                $0.writeInteger(UInt16(77))
            }
            try await TestNodes.eventually("the connection is closed") { peer.isClosed }
            #expect(try peer.reply() == .refused(.version(here: Handshake.version, there: 77)))
            #expect(node.counters.snapshot.connectionsRefused == 1)
        }
    }

    @Test func handshakeHasADeadlineThatTricklingDoesNotExtend() async throws {
        try await withNode { node, port in
            let peer = try await RawPeer.connect(to: port)
            await peer.send(ByteBuffer(integer: UInt32(1000)))
            // Of the 1000 bytes a few have come by then.
            var sent = 0
            while !peer.isClosed, sent < 900 {
                await peer.send(ByteBuffer(integer: UInt8(1)))
                sent += 1
                try await Task.sleep(for: .milliseconds(100))
            }
            #expect(peer.isClosed)
            #expect(node.counters.snapshot.malformedFrames == 1)
        }
    }
}
