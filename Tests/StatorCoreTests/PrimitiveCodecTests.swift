import NIOCore
import StatorCore
import Testing

@Suite struct PrimitiveCodecTests {
    @Test(arguments: [0, 1, 127, 128, 16_383, 16_384, 1 << 32, UInt64.max - 1, UInt64.max] as [UInt64])
    func varintsReadBackInTheFewestBytes(value: UInt64) throws {
        var buffer = ByteBuffer()
        buffer.writeVarint(value)
        let significantBits = max(1, 64 - value.leadingZeroBitCount)
        #expect(buffer.readableBytes == (significantBits + 6) / 7)
        #expect(try buffer.readVarint("v") == value)
        #expect(buffer.readableBytes == 0)
    }

    @Test(
        arguments: [[0x80, 0x00], [0xFF, 0x80, 0x00], [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]]
            as [[UInt8]])
    func paddedVarintsAreRefused(bytes: [UInt8]) {
        var buffer = ByteBuffer(bytes: bytes)
        #expect(throws: CodecError.invalid(what: "v", found: "a padded integer")) { try buffer.readVarint("v") }
    }

    @Test func varintsWiderThan64BitsAreRefused() {
        for last in [0x02, 0x7F, 0x80, 0x81, 0xFF] as [UInt8] {
            var buffer = ByteBuffer(bytes: Array(repeating: 0xFF, count: 9) + [last, 0x01])
            #expect(throws: CodecError.invalid(what: "v", found: "wider than 64 bits")) { try buffer.readVarint("v") }
        }
    }

    @Test func unendingVarintsAreCutShort() {
        for count in 0...9 {
            var buffer = ByteBuffer(bytes: Array(repeating: 0xFF, count: count) as [UInt8])
            #expect(throws: CodecError.truncated(what: "v")) { try buffer.readVarint("v") }
        }
    }

    @Test func aCountAboveItsMaximumIsRefusedWithoutAllocating() {
        var buffer = ByteBuffer()
        buffer.writeVarint(.max)
        #expect(throws: CodecError.tooLarge(what: "c", found: .max, maximum: 10)) {
            try buffer.readCount("c", maximum: 10)
        }
        var edge = ByteBuffer()
        edge.writeVarint(10)
        #expect(throws: Never.self) { try edge.readCount("c", maximum: 10) }
    }

    @Test func aLengthBeyondTheBytesIsTruncation() {
        var buffer = ByteBuffer()
        buffer.writeVarint(5)
        buffer.writeString("four")
        #expect(throws: CodecError.truncated(what: "b")) { try buffer.readLengthPrefixed("b", maximum: 100) }
    }

    @Test func booleansAreZeroOrOne() throws {
        var buffer = ByteBuffer(bytes: [0, 1, 2])
        #expect(try buffer.readBoolean("b") == false)
        #expect(try buffer.readBoolean("b") == true)
        #expect(throws: CodecError.invalid(what: "b", found: "2")) { try buffer.readBoolean("b") }
    }

    @Test func textThatIsNotUTF8IsRefused() {
        for bytes in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82]] as [[UInt8]] {
            var buffer = ByteBuffer()
            buffer.writeLengthPrefixed(ByteBuffer(bytes: bytes))
            #expect(throws: CodecError.self) { try buffer.readText("t", maximum: 10) }
        }
    }

    @Test func trailingBytesAreFound() {
        let buffer = ByteBuffer(bytes: [1, 2])
        #expect(throws: CodecError.trailingBytes(what: "x", count: 2)) { try buffer.expectEnd("x") }
        #expect(throws: Never.self) { try ByteBuffer().expectEnd("x") }
    }
}
