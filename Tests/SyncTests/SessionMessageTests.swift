import NIOCore
import StatorCore
import Testing

@testable import Sync

@Suite struct SessionMessageTests {
    private static let key = Key(unchecked: ByteBuffer(string: "ab"))
    private static let entry = ListedKey(token: Token(0x102), key: key, digest: Digest(0xD))
    private static let cursor = ScanCursor(token: Token(0x101), key: key)

    /// The bytes of version 1: peers of other releases send and expect exactly these.
    private static let golden: [(SessionMessage.Body, String)] = [
        (
            .page([
                ListingSection(
                    range: TokenRange(first: Token(0x100), last: Token(0x1FF)), after: cursor, through: nil,
                    entries: [entry])
            ]),
            "0101050100000000000001000000000000000 1ff010000000000000101026162010000000000000102026162000000000000000d"
        ),
        (.paged(differing: 300), "010205ac02"),
        (.done, "010305"),
        (.refused, "010405"),
        (.open(depth: 16, sums: [1, 2]), "01100510020000000000000001000000000000000 2"),
        (.opened(differing: 5), "01110505"),
        (.coarser(depth: 12), "0112050c"),
        (.compare([NodeSums(bits: 4, first: 3, sums: [7])]), "011305010403010000000000000007"),
        (.compared([true, false, false, false, false, false, false, false, true]), "011405090101"),
        (
            .slices([LeafRun(firstLeaf: 1, leafCount: 1, slices: [FineSum(index: 34, sum: 9)])]),
            "0115050101010102000000000000000 9"
        ),
        (.sliced([3...5, 7...7]), "0116050203020100"),
    ]

    @Test(arguments: 0..<11) func bytesOfEveryMessageAreFixed(number: Int) throws {
        let (body, hexadecimal) = SessionMessageTests.golden[number]
        let digits = hexadecimal.filter { $0 != " " }
        let message = SessionMessage(round: 5, body: body)
        let bytes = message.encoded()
        #expect(bytes.readableBytesView.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == digits)
        #expect(try SessionMessage(decoding: bytes) == message)
    }

    @Test(arguments: 0..<11) func everyCutOrExtendedMessageIsRefused(number: Int) {
        let bytes = SessionMessage(round: 5, body: SessionMessageTests.golden[number].0).encoded()
        for length in 0..<bytes.readableBytes {
            #expect(throws: CodecError.self) {
                try SessionMessage(decoding: bytes.getSlice(at: 0, length: length) ?? ByteBuffer())
            }
        }
        var longer = bytes
        longer.writeInteger(UInt8(0))
        #expect(throws: CodecError.self) { try SessionMessage(decoding: longer) }
    }

    /// Each byte in turn takes every value: what is accepted is written back the same.
    @Test(arguments: 0..<11) func whatIsAcceptedIsCanonical(number: Int) {
        let bytes = SessionMessage(round: 5, body: SessionMessageTests.golden[number].0).encoded()
        for position in 0..<bytes.readableBytes {
            for value in UInt8.min...UInt8.max {
                var changed = bytes
                changed.setInteger(value, at: position)
                guard let message = try? SessionMessage(decoding: changed) else { continue }
                #expect(message.encoded() == changed)
            }
        }
    }

    @Test func keysOutOfOrderOrOutsideTheirRangeAreRefused() {
        let range = TokenRange(first: Token(0x100), last: Token(0x1FF))
        let (entry, cursor) = (SessionMessageTests.entry, SessionMessageTests.cursor)
        var early = entry
        early.token = Token(0xFF)
        let sections = [
            ListingSection(
                range: range, after: nil, through: nil, entries: [entry, entry]),
            ListingSection(range: range, after: nil, through: nil, entries: [early]),
            ListingSection(
                range: range, after: nil, through: cursor, entries: [entry]),
            ListingSection(
                range: range, after: entry.cursor, through: cursor, entries: []),
        ]
        for section in sections {
            let bytes = SessionMessage(round: 1, body: .page([section])).encoded()
            #expect(throws: CodecError.self) { try SessionMessage(decoding: bytes) }
        }
    }
}
