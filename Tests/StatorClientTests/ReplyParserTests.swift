import NIOCore
import Testing

@testable import StatorClient

@Suite struct ReplyParserTests {
    static let stream =
        "+PONG\r\n:-12\r\n$-1\r\n*-1\r\n*0\r\n$0\r\n\r\n-NOQUORUM need 2 got 1\r\n"
        + RESP.reading(["a\r\nb", nil, String(repeating: "v", count: 60)])
        + RESP.ring(ports: [1, 2, 3], ranges: equalRanges(3, replicas: 2))
        + "$4\r\n\r\n\r\n\r\n:9223372036854775807\r\n"

    static let replies: [Reply] = [
        .text("PONG"), .integer(-12), .null, .null, .array([]), .bulk(ByteBuffer()), .error("NOQUORUM need 2 got 1"),
        .array([
            .bulk(ByteBuffer(string: "seen")),
            .array([
                .bulk(ByteBuffer(string: "a\r\nb")), .null,
                .bulk(ByteBuffer(string: String(repeating: "v", count: 60))),
            ]),
        ]),
    ]

    private func parse(
        _ chunks: [some Collection<UInt8>], limits: ReplyLimits = ReplyLimits()
    ) throws(ReplyFormatError) -> [Reply] {
        var parser = ReplyParser(limits: limits)
        var replies: [Reply] = []
        for chunk in chunks {
            parser.append(ByteBuffer(bytes: Array(chunk)))
            while let reply = try parser.next() { replies.append(reply) }
        }
        return replies
    }

    @Test func aStreamIsCutIntoItsReplies() throws {
        let replies = try parse([Array(Self.stream.utf8)])
        #expect(replies.count == Self.replies.count + 3)
        #expect(Array(replies.prefix(Self.replies.count)) == Self.replies)
        #expect(replies.suffix(2) == [.bulk(ByteBuffer(string: "\r\n\r\n")), .integer(.max)])
    }

    @Test func everySplitPointGivesTheSameReplies() throws {
        let bytes = Array(Self.stream.utf8)
        let whole = try parse([bytes])
        for split in 0...bytes.count {
            #expect(try parse([bytes[..<split], bytes[split...]]) == whole, "split at \(split)")
        }
        for size in [1, 2, 3, 7] {
            let chunks = stride(from: 0, to: bytes.count, by: size).map { bytes[$0..<min($0 + size, bytes.count)] }
            #expect(try parse(chunks) == whole, "chunks of \(size)")
        }
    }

    @Test func valuesStayWhatTheyAreWhileMoreComes() throws {
        var parser = ReplyParser(limits: ReplyLimits())
        parser.append(ByteBuffer(string: "$3\r\none\r\n$3\r\nt"))
        var replies = [try parser.next(), try parser.next()]
        parser.append(ByteBuffer(string: "wo\r\n$5\r\nthree\r\n"))
        replies += [try parser.next(), try parser.next(), try parser.next()]
        let expected = ["one", nil, "two", "three", nil].map { $0.map { Reply.bulk(ByteBuffer(string: $0)) } }
        #expect(replies == expected)
    }

    @Test func largeValueInSmallPiecesIsReadOnce() throws {
        let value = [UInt8](repeating: 7, count: 4 << 20)
        let bytes = Array("*2\r\n$1\r\nc\r\n*1\r\n$\(value.count)\r\n".utf8) + value + Array("\r\n".utf8)
        let chunks = stride(from: 0, to: bytes.count, by: 4096).map { bytes[$0..<min($0 + 4096, bytes.count)] }
        let replies = try parse(chunks)
        let expected: [Reply] = [
            .array([.bulk(ByteBuffer(string: "c")), .array([.bulk(ByteBuffer(bytes: value))])])
        ]
        #expect(replies == expected)
    }

    @Test(arguments: [
        "hello\r\n", "\r\n", "\n", "+a\nb\r\n", "+a\rb\r\n", ":\r\n", ":x\r\n", ":+1\r\n", ":01\r\n", ":-0\r\n",
        ": 1\r\n",
        ":9223372036854775808\r\n", ":123456789012345678901234567890\r\n", "$-2\r\n", "$1x\r\n", "$\r\n", "*-2\r\n",
        "$2\r\nabc\r\n", "$2\r\nab\n\r", "$0\r\nxx", "_\r\n", "%1\r\n+a\r\n+b\r\n", "*1\r\nx\r\n", "*1\r\n\r\n",
        "$99999999999\r\n", "*99999999999\r\n", "$9223372036854775807\r\n", "*9223372036854775807\r\n",
    ])
    func hostileInputIsRefused(text: String) {
        #expect(throws: ReplyFormatError.self) { try parse([Array((text + "+PADDING\r\n").utf8)]) }
    }

    @Test func depthIsBounded() throws {
        let limits = ReplyLimits(depth: 3)
        #expect(try parse([Array("*1\r\n*1\r\n*1\r\n:1\r\n".utf8)], limits: limits).count == 1)
        #expect(throws: ReplyFormatError.self) {
            try parse([Array("*1\r\n*1\r\n*1\r\n*1\r\n".utf8)], limits: limits)
        }
    }

    @Test func elementsAreBoundedInAllAndAnewForEachReply() throws {
        let limits = ReplyLimits(elements: 4)
        let allowed = RESP.array([RESP.array([":1\r\n", ":2\r\n"]), ":3\r\n"])
        #expect(try parse([Array((allowed + allowed).utf8)], limits: limits).count == 2)
        #expect(throws: ReplyFormatError.self) {
            try parse([Array(RESP.array([allowed, allowed]).utf8)], limits: limits)
        }
    }

    @Test func bytesAreBoundedWhenTheyAreAnnounced() throws {
        let limits = ReplyLimits(lineBytes: 10, bulkBytes: 20, replyBytes: 60)
        #expect(try parse([Array(RESP.bulk(String(repeating: "v", count: 20)).utf8)], limits: limits).count == 1)
        #expect(throws: ReplyFormatError.self) { try parse([Array("$21\r\n".utf8)], limits: limits) }
        #expect(throws: ReplyFormatError.self) {
            try parse(
                [
                    Array("*3\r\n$20\r\n".utf8)
                        + Array((String(repeating: "v", count: 20) + "\r\n$20\r\n").utf8)
                        + Array((String(repeating: "v", count: 20) + "\r\n$20\r\n").utf8)
                ], limits: limits)
        }
        #expect(throws: ReplyFormatError.self) { try parse([Array("+12345678901\r\n".utf8)], limits: limits) }
        // A line without an end.
        #expect(throws: ReplyFormatError.self) { try parse([Array("+1234567890".utf8)], limits: limits) }
    }

    @Test func whatIsIncompleteIsWaitedFor() throws {
        for text in [
            "", "+", "+PONG", "+PONG\r", "$3\r\nab", "$3\r\nabc\r", "*2\r\n:1\r\n", "*1000000\r\n", "$60000000\r\n",
        ] {
            #expect(try parse([Array(text.utf8)]).isEmpty, "'\(text)'")
        }
    }
}
