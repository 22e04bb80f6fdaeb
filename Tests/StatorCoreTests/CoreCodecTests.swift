import NIOCore
import StatorCore
import Testing

/// A value of each core type, drawn.
struct Drawn {
    var generator: RandomGenerator

    mutating func text(_ alphabet: String, _ length: ClosedRange<Int>) -> String {
        let letters = Array(alphabet)
        return String(
            (0..<Int.random(in: length, using: &generator)).map { _ in letters[generator.below(letters.count)] })
    }

    mutating func bytes(_ length: ClosedRange<Int>) -> ByteBuffer {
        ByteBuffer(bytes: (0..<Int.random(in: length, using: &generator)).map { _ in UInt8(generator.below(256)) })
    }

    mutating func node() -> NodeID { NodeID(text("abzAZ09._-", 1...64)) }

    mutating func actor() -> Actor {
        Actor(node: node(), shard: UInt16(generator.below(65_536)), incarnation: generator.next())
    }

    mutating func record() throws -> StoredRecord {
        StoredRecord(
            token: Token(generator.next()), key: try Key(bytes(1...1024)), digest: Digest(generator.next()),
            isTombstone: generator.chance(0.5),
            expiry: generator.chance(0.5) ? WallTime(microseconds: Int64(bitPattern: generator.next())) : nil,
            body: bytes(0...300))
    }

    mutating func member(_ node: NodeID) -> Member {
        Member(
            node: node, status: MemberStatus.allCases[generator.below(3)], zone: text("zone-é1", 0...20),
            weight: 1 + generator.below(1000),
            peerEndpoint: Endpoint(host: text("abc.:[]", 0...40), port: generator.below(65_536)),
            httpEndpoint: Endpoint(host: "::1", port: generator.below(65_536)))
    }

    mutating func view() -> View {
        var members: [Member] = []
        for index in 0..<generator.below(8) { members.append(member(NodeID("n\(index)"))) }
        return View(epoch: Epoch(generator.next()), members: members)
    }
}

@Suite struct CoreCodecTests {
    @Test(arguments: 0..<50 as Range<UInt64>)
    func everythingReadsBack(seed: UInt64) throws {
        var drawn = Drawn(generator: RandomGenerator(seed: seed))
        let (actor, record, view) = (drawn.actor(), try drawn.record(), drawn.view())
        let low = drawn.generator.next()
        let range = TokenRange(
            first: Token(low), last: Token(UInt64.random(in: low...UInt64.max, using: &drawn.generator)))
        var buffer = ByteBuffer()
        buffer.writeActor(actor)
        buffer.writeRecord(record)
        buffer.writeView(view)
        buffer.writeTokenRange(range)
        #expect(try buffer.readActor() == actor, "seed \(seed)")
        #expect(try buffer.readRecord(maximumBody: 300) == record, "seed \(seed)")
        #expect(try buffer.readView() == view, "seed \(seed)")
        #expect(try buffer.readTokenRange() == range, "seed \(seed)")
        #expect(throws: Never.self) { try buffer.expectEnd("test") }
    }

    @Test func everyPrefixIsTruncated() throws {
        var drawn = Drawn(generator: RandomGenerator(seed: 3))
        var whole = ByteBuffer()
        whole.writeActor(drawn.actor())
        whole.writeRecord(try drawn.record())
        whole.writeView(View(epoch: Epoch(9), members: [drawn.member(NodeID("a")), drawn.member(NodeID("b"))]))
        for length in 0..<whole.readableBytes {
            var cut = try #require(whole.getSlice(at: 0, length: length))
            do {
                _ = try cut.readActor()
                _ = try cut.readRecord(maximumBody: 300)
                _ = try cut.readView()
                Issue.record("\(length) bytes were enough")
            } catch {
                guard case .truncated = error else {
                    Issue.record("\(length) bytes: \(error)")
                    continue
                }
            }
        }
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func hostileBytesAreRefusedOrReadBackTheSame(seed: UInt64) throws {
        var drawn = Drawn(generator: RandomGenerator(seed: seed))
        var original = ByteBuffer()
        original.writeView(drawn.view())
        original.writeRecord(try drawn.record())
        for _ in 0..<20 {
            var changed = original
            let offset = drawn.generator.below(changed.readableBytes)
            changed.setInteger(UInt8(drawn.generator.below(256)), at: offset)
            let received = changed
            guard let view = try? changed.readView(), let record = try? changed.readRecord(maximumBody: 1000) else {
                continue
            }
            // What is accepted is canonical: it encodes to the bytes that were read.
            var again = ByteBuffer()
            again.writeView(view)
            again.writeRecord(record)
            #expect(again == received.getSlice(at: 0, length: changed.readerIndex), "seed \(seed)")
        }
    }

    @Test func limitsOfFieldsAreKept() throws {
        func refused(_ write: (inout ByteBuffer) -> Void, _ read: (inout ByteBuffer) throws -> Void) {
            var buffer = ByteBuffer()
            write(&buffer)
            #expect(throws: CodecError.self) { try read(&buffer) }
        }
        refused({ $0.writeText("has space") }, { _ = try $0.readNodeID() })
        refused({ $0.writeText("") }, { _ = try $0.readNodeID() })
        refused({ $0.writeText(String(repeating: "a", count: 65)) }, { _ = try $0.readNodeID() })
        refused({ $0.writeLengthPrefixed(ByteBuffer()) }, { _ = try $0.readKey() })
        refused({ $0.writeLengthPrefixed(ByteBuffer(repeating: 1, count: 1025)) }, { _ = try $0.readKey() })
        refused(
            {
                $0.writeInteger(UInt64(2)); $0.writeInteger(UInt64(1))
            }, { _ = try $0.readTokenRange() })
        refused(
            {
                $0.writeVarint(1); $0.writeVarint(UInt64(View.maximumMembers) + 1)
            }, { _ = try $0.readView() })
        var drawn = Drawn(generator: RandomGenerator(seed: 4))
        let record = StoredRecord(
            token: .minimum, key: try Key("k"), digest: Digest(0), isTombstone: false, expiry: nil,
            body: drawn.bytes(11...11))
        refused({ $0.writeRecord(record) }, { _ = try $0.readRecord(maximumBody: 10) })
    }

    @Test func membersOutOfOrderOrTwiceAreRefused() {
        var drawn = Drawn(generator: RandomGenerator(seed: 5))
        for names in [["b", "a"], ["a", "a"]] {
            var buffer = ByteBuffer()
            buffer.writeVarint(1)
            buffer.writeVarint(2)
            for name in names { buffer.writeMember(drawn.member(NodeID(name))) }
            #expect(throws: CodecError.self) { try buffer.readView() }
        }
    }

    @Test func aMemberWithoutWeightOrStatusIsRefused() {
        var drawn = Drawn(generator: RandomGenerator(seed: 6))
        for (status, weight) in [(0, 1), (4, 1), (1, 0), (1, 1001)] as [(UInt8, UInt64)] {
            let member = drawn.member(NodeID("a"))
            var buffer = ByteBuffer()
            buffer.writeNodeID(member.node)
            buffer.writeInteger(status)
            buffer.writeText(member.zone)
            buffer.writeVarint(weight)
            for endpoint in [member.peerEndpoint, member.httpEndpoint] {
                buffer.writeText(endpoint.host)
                buffer.writeInteger(UInt16(endpoint.port))
            }
            #expect(throws: CodecError.self) { try buffer.readMember() }
        }
    }
}
