import NIOCore
import Replication
import StatorCore
import Testing
import Wire

@Suite struct FrameParserTests {
    @Test func framesComeOutWhateverThePieces() throws {
        for seed in UInt64(0)..<50 {
            var generator = MessageGenerator(seed: seed)
            var stream = ByteBuffer()
            var expected: [Frame] = []
            for index in 0..<20 {
                let frame = Frame(destination: UInt8(index), payload: generator.bytes(700))
                frame.write(into: &stream)
                expected.append(frame)
            }
            var parser = FrameParser(maximumFrame: 4096)
            var found: [Frame] = []
            while stream.readableBytes > 0 {
                let piece = min(stream.readableBytes, 1 + generator.random.below(seed % 2 == 0 ? 9 : 900))
                parser.append(stream.readSlice(length: piece)!)
                while let frame = try parser.next() { found.append(frame) }
            }
            #expect(found == expected, "seed \(seed)")
            #expect(parser.pendingBytes == 0)
        }
    }

    @Test func lengthBeyondTheLimitIsRefusedAtThePrefix() {
        var parser = FrameParser(maximumFrame: WireLimits.maximumHandshakeFrame)
        parser.append(ByteBuffer(integer: UInt32(WireLimits.maximumHandshakeFrame + 1)))
        #expect(
            throws: CodecError.tooLarge(
                what: "frame's length", found: WireLimits.maximumHandshakeFrame + 1,
                maximum: WireLimits.maximumHandshakeFrame)
        ) { try parser.next() }
    }

    @Test func emptyFrameIsRefused() {
        var parser = FrameParser(maximumFrame: 100)
        parser.append(ByteBuffer(integer: UInt32(0)))
        #expect(throws: CodecError.self) { try parser.next() }
    }

    @Test func incompleteFrameWaits() throws {
        var parser = FrameParser(maximumFrame: 100)
        parser.append(ByteBuffer(bytes: [0, 0, 0]))
        #expect(try parser.next() == nil)
        parser.append(ByteBuffer(bytes: [3, 7, 1]))
        #expect(try parser.next() == nil)
        parser.append(ByteBuffer(bytes: [2]))
        #expect(try parser.next() == Frame(destination: 7, payload: ByteBuffer(bytes: [1, 2])))
    }

    @Test func payloadsKeepTheirBytesWhileMoreArrive() throws {
        var parser = FrameParser(maximumFrame: 100)
        parser.append(ByteBuffer(bytes: [0, 0, 0, 3, 7, 1, 2, 0, 0]))
        let first = try #require(try parser.next())
        parser.append(ByteBuffer(bytes: [0, 2, 8, 9]))
        let second = try #require(try parser.next())
        #expect(first.payload == ByteBuffer(bytes: [1, 2]))
        #expect(second == Frame(destination: 8, payload: ByteBuffer(bytes: [9])))
    }

    @Test func messageTooLargeForAFrameIsNotWritten() {
        let record = StoredRecord(
            token: Token(1), key: Key(unchecked: ByteBuffer(string: "k")), digest: Digest(1), isTombstone: false,
            expiry: nil, body: ByteBuffer(repeating: 0, count: 40 << 20))
        var bytes = ByteBuffer(string: "before")
        let tooMany = Array(repeating: record, count: WireLimits.maximumFrame / record.body.readableBytes + 1)
        let page = TransferPage.records(
            tooMany, next: nil, source: TransferSource(doubt: nil, isFounder: false, folder: 1))
        #expect(!Frame.write(.transferPage(RequestID(1), page), toShard: 0, into: &bytes))
        #expect(bytes == ByteBuffer(string: "before"))
    }
}
