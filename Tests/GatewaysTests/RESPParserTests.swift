import NIOCore
import Testing

@testable import Gateways

@Suite struct RESPParserTests {
    private static let stream =
        "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$7\r\nva\r\nlue\r\nPING\r\n*0\r\n\r\nset 'two words' \"x y\"\r\n*2\r\n$3\r\nGET\r\n$0\r\n\r\n"
    private static let commands = [
        ["SET", "key", "va\r\nlue"], ["PING"], [], [], ["set", "two words", "x y"], ["GET", ""],
    ]

    private func commands(in parts: [[UInt8]]) throws -> [[String]] {
        var parser = RESPParser(maximumCommand: 1024)
        var found: [[String]] = []
        for part in parts {
            parser.append(ByteBuffer(bytes: part))
            while try parser.next() {
                var words: [String] = []
                for index in parser.arguments.indices { words.append(String(buffer: parser.argument(index))) }
                found.append(words)
                parser.consume()
            }
        }
        return found
    }

    @Test func commandsAreTheSameHoweverTheyAreCut() throws {
        let bytes = Array(Self.stream.utf8)
        #expect(try commands(in: [bytes]) == Self.commands)
        #expect(try commands(in: bytes.map { [$0] }) == Self.commands)
        for cut in 1..<bytes.count {
            #expect(try commands(in: [Array(bytes[..<cut]), Array(bytes[cut...])]) == Self.commands)
        }
    }

    @Test func argumentsHandedOutSurviveWhatComesAfterThem() throws {
        var parser = RESPParser(maximumCommand: 1024)
        parser.append(ByteBuffer(string: "*2\r\n$3\r\nGET\r\n$3\r\none\r\n*2\r\n$3\r\nGE"))
        #expect(try parser.next())
        let first = parser.argument(1)
        parser.consume()
        parser.append(ByteBuffer(string: "T\r\n$3\r\ntwo\r\n"))
        #expect(try parser.next())
        #expect(String(buffer: first) == "one")
        #expect(String(buffer: parser.argument(1)) == "two")
    }

    @Test(arguments: [
        ("*x\r\n", "invalid multibulk length"), ("*99999999999999999999\r\n", "invalid multibulk length"),
        ("*70000\r\n", "invalid multibulk length"), ("*1\r\n+OK\r\n", "expected '$', got '+'"),
        ("*1\r\n$-1\r\n", "invalid bulk length"),
        ("*1\r\n$3\r\nabcd\r\n", "an argument does not end where its length says"),
        ("*1\r\n$2000\r\n", "a command may have at most 1024 bytes"), ("get 'open\r\n", "unbalanced quotes in request"),
        ("*" + String(repeating: "0", count: 40), "too big mbulk count string"),
        ("*1\r\n$\r\n", "invalid multibulk length"),
    ])
    func hostileBytesAreRefused(_ text: String, _ message: String) throws {
        var parser = RESPParser(maximumCommand: 1024)
        parser.append(ByteBuffer(string: text))
        do {
            while try parser.next() { parser.consume() }
            Issue.record("\(text) was taken")
        } catch {
            #expect(error.description == message)
        }
    }

    @Test func whatIsOnlyAnnouncedIsNotHeld() throws {
        var parser = RESPParser(maximumCommand: 64 << 20)
        parser.append(ByteBuffer(string: "*65536\r\n$33554432\r\n"))
        #expect(try !parser.next())
        #expect(parser.pendingBytes < 64)
        #expect(parser.isWithinCommand)
    }

    @Test func anInlineCommandHasABound() throws {
        var parser = RESPParser(maximumCommand: 64 << 20)
        parser.append(ByteBuffer(string: String(repeating: "x", count: 70_000)))
        #expect(throws: RESPProtocolError.tooBigInline) { try parser.next() }
    }
}
