import NIOCore
import StatorCore
import Testing

@Suite struct KeyTests {
    @Test func aKeyHasOneTo1024Bytes() throws {
        #expect(throws: KeyError.empty) { try Key("") }
        #expect(throws: Never.self) { try Key(ByteBuffer(repeating: 0, count: 1024)) }
        #expect(throws: KeyError.tooLong(found: 1025, maximum: 1024)) { try Key(ByteBuffer(repeating: 0, count: 1025)) }
    }

    @Test func orderIsThatOfUnsignedBytes() throws {
        let sorted: [[UInt8]] = [[0], [0, 0], [0, 1], [1], [0x7F], [0x80], [0xFF], [0xFF, 0]]
        let keys = try sorted.map { try Key(ByteBuffer(bytes: $0)) }
        for (position, key) in keys.enumerated() {
            for (otherPosition, other) in keys.enumerated() {
                #expect((key < other) == (position < otherPosition))
                #expect((key == other) == (position == otherPosition))
            }
        }
    }

    @Test func aCompactedKeyEqualsItsOriginal() throws {
        var large = ByteBuffer(string: "prefix-key-suffix")
        large.moveReaderIndex(forwardBy: 7)
        let key = try Key(large.readSlice(length: 3) ?? ByteBuffer())
        #expect(key.compacted() == key)
        #expect(key.compacted().hashValue == key.hashValue)
        #expect(key.compacted().bytes.storageCapacity < 17)
    }

    @Test func displayTextIsHexadecimalWhereNotPrintable() throws {
        #expect(try Key("user:é").displayText == "user:é")
        #expect(try Key(ByteBuffer(bytes: [0x00, 0x0A, 0xFF])).displayText == "0x000aff")
        #expect(try Key("a\u{7F}").displayText == "0x617f")
    }
}
