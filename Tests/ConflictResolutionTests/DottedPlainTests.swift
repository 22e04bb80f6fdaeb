import NIOCore
import StatorCore
import Testing

@testable import ConflictResolution

/// What is done on encoded bodies gives what decoding them gives, for bodies as histories make them and for bytes that
/// are none.
@Suite struct DottedPlainTests {
    let resolver = DottedVersionVectorResolver(settings: NoSettings())

    private func decoded(_ bytes: ByteBuffer) throws -> DottedBody { try DottedBody(decoding: bytes) }

    private func mergedTheLongWay(_ one: ByteBuffer, _ other: ByteBuffer) throws -> ByteBuffer {
        try decoded(one).merged(with: decoded(other)).encoded()
    }

    /// Bodies of one key at several replicas, after random writes and merges.
    private func history(seed: UInt64) throws -> [ByteBuffer] {
        var random = RandomGenerator(seed: seed)
        let names = ["a", "bb", "node-3", "d", "e", "f", "g", "h", "i", "j"]
        var replicas = [ByteBuffer?](repeating: nil, count: 4)
        var seen: [ByteBuffer] = []
        var counter: UInt64 = 0
        for _ in 0..<60 {
            let place = random.below(replicas.count)
            if random.below(3) == 0, let one = replicas[place], let other = replicas[random.below(4)] {
                replicas[place] = try resolver.merge(one, other)
            } else {
                counter += UInt64(1 + random.below(200))
                let name = names[random.below(seed % 3 == 0 ? names.count : 4)]
                let isDelete = random.below(6) == 0
                let basis: WriteBasis = random.below(5) == 0 ? .nothing : .held
                let stamp = WriteStamp(
                    dot: Dot(actor: Actor(node: NodeID(name), shard: 0, incarnation: 77), counter: counter),
                    wall: WallTime(microseconds: 1), forgotAt: random.below(8) == 0 ? counter - 1 : 0)
                let content = isDelete ? nil : Content(form: .raw, bytes: ByteBuffer(string: "v\(counter)"))
                replicas[place] = try resolver.body(
                    of: VersionWrite(content: content, basis: basis), over: replicas[place], stamp: stamp)
            }
            if let body = replicas[place] { seen.append(body) }
        }
        return seen
    }

    @Test(arguments: 0..<24) func plainWaysAgreeWithDecoding(seed: UInt64) throws {
        let bodies = try history(seed: seed)
        for (index, body) in bodies.enumerated() {
            let read = try resolver.read(body)
            if let isTombstone = DottedBody.plainIsTombstone(body) { #expect(isTombstone == read.isTombstone) }
            if let value = DottedBody.plainValue(body) { #expect(value == PlainValue(read)) }
            for other in bodies[max(0, index - 8)...index] {
                #expect(try resolver.merge(body, other) == mergedTheLongWay(body, other), "seed \(seed)")
                #expect(try resolver.merge(other, body) == mergedTheLongWay(other, body), "seed \(seed)")
            }
            for (name, forgotAt) in [("a", UInt64(0)), ("node-3", 1 << 40), ("zz", 0)] {
                let stamp = WriteStamp(
                    dot: Dot(actor: Actor(node: NodeID(name), shard: 0, incarnation: 77), counter: 1 << 41),
                    wall: WallTime(microseconds: 1), forgotAt: forgotAt)
                let write = VersionWrite(
                    content: Content(form: .json, mediaType: "", bytes: ByteBuffer(string: "[1]")), basis: .held)
                let made = try resolver.make(write, over: body, stamp: stamp, wantsContext: true)
                #expect(try made.body == resolver.body(of: write, over: body, stamp: stamp))
                let meaning = try resolver.read(made.body)
                #expect(made.context == meaning.context)
                #expect(made.siblings == meaning.versions.count && made.isTombstone == meaning.isTombstone)
            }
        }
    }

    @Test func plainCasesAreFoundPlain() throws {
        let stamp = WriteStamp(
            dot: Dot(actor: Actor(node: NodeID("a"), shard: 0, incarnation: 1), counter: 9),
            wall: WallTime(microseconds: 1))
        let content = Content(form: .raw, mediaType: "text/plain", bytes: ByteBuffer(string: "x"))
        let first = try #require(DottedBody.superseding(nil, with: content, stamp: stamp)).body
        #expect(DottedBody.plainValue(first) == .one(content))
        let later = WriteStamp(dot: Dot(actor: stamp.dot.actor, counter: 12), wall: stamp.wall)
        let second = try #require(DottedBody.superseding(first, with: nil, stamp: later)).body
        #expect(DottedBody.plainIsTombstone(second) == true)
        let isSuperseded = first.withUnsafeReadableBytes { one in
            second.withUnsafeReadableBytes { DottedBody.isSuperseded(one, by: $0) }
        }
        #expect(isSuperseded)
    }

    @Test(arguments: 0..<40) func brokenBytesAreNeverTrappedOn(seed: UInt64) throws {
        var random = RandomGenerator(seed: seed)
        guard let body = try history(seed: seed).last else { return }
        for _ in 0..<200 {
            var bytes = Array(body.readableBytesView)
            switch random.below(3) {
            case 0: bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
            case 1: bytes.removeLast(1 + random.below(bytes.count))
            default: bytes.append(UInt8(truncatingIfNeeded: random.next()))
            }
            let broken = ByteBuffer(bytes: bytes)
            _ = DottedBody.plainIsTombstone(broken)
            _ = DottedBody.plainValue(broken)
            _ = try? resolver.merge(broken, body)
            _ = try? resolver.merge(body, broken)
            let stamp = WriteStamp(
                dot: Dot(actor: Actor(node: NodeID("a"), shard: 0, incarnation: 77), counter: 1 << 50),
                wall: WallTime(microseconds: 1))
            _ = try? resolver.make(
                VersionWrite(content: nil, basis: .held), over: broken, stamp: stamp, wantsContext: true)
        }
    }
}
