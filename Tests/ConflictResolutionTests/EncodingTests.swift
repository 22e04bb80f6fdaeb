import ConflictResolution
import NIOCore
import StatorCore
import Testing

/// The bytes that lie on disks and travel between versions of the software.
@Suite struct EncodingTests {
    let dotted = DottedVersionVectorResolver(settings: NoSettings())
    let clocked = VectorClockResolver(settings: VectorClockSettings())
    let hybrid = LastWriterWinsHLCResolver(settings: ClockSettings())
    let wall = LastWriterWinsWallResolver(settings: ClockSettings())

    var all: [any ConflictResolver] { [dotted, clocked, hybrid, wall] }

    @Test func dottedVersionVectorBytes() throws {
        let value = try dotted.write("v", .nothing, at: "a", 3)
        let actorBytes = "0161" + "00" + "1f2e000000000000"
        let content = "01" + "0a" + "746578742f706c61696e" + "01" + "76"
        // Header, one actor with one range from 3 of length 1, one sibling: actor 0, counter 3.
        #expect(hex(value) == "0101" + "01" + actorBytes + "01" + "0300" + "01" + "0003" + content)
        let tombstone = try dotted.write(nil, .held, over: value, at: "a", 7)
        #expect(hex(tombstone) == "0101" + "01" + actorBytes + "01" + "0304" + "01" + "0007" + "00")
        #expect(hex(try dotted.read(tombstone).context) == "8101" + "01" + actorBytes + "01" + "0304")
        // A second range, two above the first one's end at the least.
        let apart = try dotted.write(nil, .nothing, at: "a", 20)
        let joined = try dotted.merge(apart, tombstone)
        #expect(hex(joined) == "0101" + "01" + actorBytes + "02" + "0304" + "0b00" + "02" + "000700" + "001400")
    }

    @Test func vectorClockBytes() throws {
        let body = try clocked.write(nil, .nothing, at: "a", 3, wall: 5)
        let clock = "01" + "0161" + "00" + "1f2e000000000000" + "03" + "0000000000000005"
        #expect(hex(body) == "0201" + "01" + clock + "00" + "00")
        #expect(hex(try clocked.read(body).context) == "8201" + clock)
    }

    @Test func lastWriterWinsBytes() throws {
        let order = "0000000000000005" + "0161" + "00" + "1f2e000000000000" + "03"
        let hybridBody = try hybrid.write(nil, .nothing, at: "a", 3, wall: 5)
        #expect(hex(hybridBody) == "0301" + order + "00")
        #expect(hex(try hybrid.read(hybridBody).context) == "8301" + order)
        let wallBody = try wall.write(nil, .nothing, at: "a", 3, wall: 5)
        #expect(hex(wallBody) == "0401" + order + "00")
        #expect(hex(try wall.read(wallBody).context) == "8401" + order)
    }

    @Test func bytesOfAnotherStrategyAreRefused() throws {
        for (index, resolver) in all.enumerated() {
            for (otherIndex, other) in all.enumerated() where otherIndex != index {
                let foreign = try other.write("v", .nothing, at: "a", 1)
                let context = try other.read(foreign).context
                #expect(throws: ResolverError.self) { try resolver.read(foreign) }
                #expect(throws: ResolverError.self) { try resolver.merge(foreign, foreign) }
                do {
                    _ = try resolver.write("w", .context(context), at: "b", 1)
                    Issue.record("a foreign context passed")
                } catch {
                    guard case .context(.invalid(what: "context's strategy", _)) = error else {
                        Issue.record("\(error)")
                        return
                    }
                }
            }
        }
    }

    @Test func contentComesBackAsItWasGiven() throws {
        let contents = [
            Content(form: .raw, bytes: ByteBuffer()),
            Content(form: .raw, mediaType: "image/png", bytes: ByteBuffer(bytes: [0, 255, 7])),
            Content(form: .json, bytes: ByteBuffer(string: "{\"a\":1}")),
            Content(form: .raw, mediaType: "text/ä", bytes: ByteBuffer(repeating: 9, count: 70_000)),
        ]
        let stamp = WriteStamp(dot: Dot(actor: actor("a"), counter: 1), wall: WallTime(microseconds: 1))
        for resolver in all {
            for content in contents {
                let write = VersionWrite(content: content, basis: .nothing)
                let body = try resolver.body(of: write, over: nil, stamp: stamp)
                #expect(try resolver.read(body).versions.map(\.content) == [content])
            }
        }
    }

    @Test func slicesOfALargerBufferDecode() throws {
        for resolver in all {
            let body = try resolver.write("v", .nothing, at: "a", 1)
            var frame = ByteBuffer(string: "before")
            frame.writeImmutableBuffer(body)
            frame.writeString("after")
            let slice = try #require(frame.getSlice(at: 6, length: body.readableBytes))
            #expect(try resolver.read(slice) == resolver.read(body))
            #expect(try resolver.merge(slice, body) == body)
        }
    }

    @Test func countsThatNothingBacksAreRefusedWithoutAllocating() throws {
        // 4,096 actors, then nothing; and a length of 2^63.
        for bytes: [UInt8] in [[1, 1, 0x80, 0x20], [1, 1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1]] {
            #expect(throws: ResolverError.self) { try dotted.read(ByteBuffer(bytes: bytes)) }
        }
        #expect(throws: ResolverError.self) { try clocked.read(ByteBuffer(bytes: [2, 1, 0x80, 0x20])) }
    }

    /// Counters up to the last one are handled, and what would pass it is refused.
    @Test func lastCounterNeitherWrapsNorTraps() throws {
        let last = try dotted.write("v", .nothing, at: "a", .max)
        let early = try dotted.write("w", .nothing, at: "a", 1)
        let merged = try dotted.merge(last, early)
        #expect(try dotted.read(merged).versions.count == 2)
        let context = try dotted.context(of: merged)
        #expect(throws: ResolverError.self) { try dotted.write("x", context, at: "a", .max) }
        #expect(try dotted.values(dotted.write("x", context, at: "b", .max)) == ["x"])
        // One actor, two ranges: 0 ... 2^64 - 2, then one that would start at 2^64.
        let maximum = "feffffffffffffffff01"
        let bytes = "8101" + "01" + "0161" + "00" + "1f2e000000000000" + "02" + "00" + maximum + "0000"
        #expect(throws: ResolverError.self) { try dotted.write("x", .context(buffer(hex: bytes)), at: "b", 1) }
    }

    private func buffer(hex: String) -> ByteBuffer {
        let digits = Array(hex.utf8)
        var buffer = ByteBuffer()
        for index in stride(from: 0, to: digits.count, by: 2) {
            let pair = String(decoding: digits[index...index + 1], as: UTF8.self)
            buffer.writeInteger(UInt8(pair, radix: 16) ?? 0)
        }
        return buffer
    }
}
